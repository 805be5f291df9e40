/// Every metric that a node has: names, labels and meanings. docs/metrics.md says the same, with what to alert on.
///
/// The names are a promise to dashboards and alerts; a label never holds text of a caller or a name that a client made
/// up, but for verticals, which whoever may append can name.
package enum MetricCatalog {
    package static let all = calls + routing + compute + updating + index + discovery + stores + process + [unanswered]

    // MARK: Calls

    package static let calls = [callsFinished, callSeconds, refused]

    static let callsFinished = MetricDescription(
        "switchboard_calls_total",
        .counter,
        labels: ["method", "status"],
        help: "Calls that ended, by method and gRPC status.",
        labelSetLimit: 1_024,
    )
    static let callSeconds = MetricDescription(
        "switchboard_call_seconds",
        .histogram,
        labels: ["method"],
        help: "Time from a call's arrival to its last message.",
    )
    static let refused = MetricDescription(
        "switchboard_refused_total",
        .counter,
        labels: ["reason"],
        help: "Input that was refused, by reason.",
    )

    // MARK: Routing

    package static let routing = [classified, stageSeconds, workers, workerCredit, workerCallsWaiting, repeated]

    static let classified = MetricDescription(
        "switchboard_classify_total",
        .counter,
        labels: ["vertical", "outcome", "decided_by"],
        help: "Answers to Classify, by the leader's vertical, what the router is told to do and what decided it.",
        labelSetLimit: 2_048,
    )
    static let stageSeconds = MetricDescription(
        "switchboard_stage_seconds",
        .histogram,
        labels: ["stage"],
        help: "Time that a Classify spent in each stage; total is the whole.",
    )
    static let workers = MetricDescription(
        "switchboard_workers",
        .gauge,
        labels: ["service"],
        help: "Workers attached to this gateway that offer the service.",
    )
    static let workerCredit = MetricDescription(
        "switchboard_worker_credit",
        .gauge,
        labels: ["service"],
        help: "Calls that the attached workers would take now.",
    )
    static let workerCallsWaiting = MetricDescription(
        "switchboard_worker_calls_waiting",
        .gauge,
        labels: ["service"],
        help: "Calls that wait in this gateway for a worker.",
    )

    static let repeated = MetricDescription(
        "switchboard_worker_repeats_total",
        .counter,
        labels: ["reason"],
        help: "Calls that were sent to another worker than the first, by reason.",
    )

    // MARK: Stores and process

    package static let stores = [storeBytes, storeFreeBytes]

    static let storeBytes = MetricDescription(
        "switchboard_store_bytes",
        .gauge,
        labels: ["store"],
        help: "Disk that each store of the data directory takes.",
    )
    static let storeFreeBytes = MetricDescription(
        "switchboard_store_free_bytes",
        .gauge,
        help: "What the data directory's disk still takes."
    )

    /// Under the names that Prometheus' own clients use, so that dashboards for any process show them.
    package static let process = [
        residentBytes, peakResidentBytes, virtualBytes, cpuSeconds, threads, openDescriptors, maximumDescriptors,
        startTime, build,
    ]

    static let residentBytes = MetricDescription("process_resident_memory_bytes", .gauge, help: "Resident memory.")
    static let peakResidentBytes = MetricDescription(
        "process_resident_memory_peak_bytes",
        .gauge,
        help: "The most memory that was ever resident."
    )
    static let virtualBytes = MetricDescription("process_virtual_memory_bytes", .gauge, help: "Virtual memory.")
    static let cpuSeconds = MetricDescription(
        "process_cpu_seconds_total",
        .counter,
        help: "CPU time of all threads, in user and in system mode."
    )
    static let threads = MetricDescription("process_threads", .gauge, help: "Threads.")
    static let openDescriptors = MetricDescription("process_open_fds", .gauge, help: "Open file descriptors.")
    static let maximumDescriptors = MetricDescription(
        "process_max_fds",
        .gauge,
        help: "File descriptors that may be open."
    )
    static let startTime = MetricDescription(
        "process_start_time_seconds",
        .gauge,
        help: "When the process started, in seconds since 1970."
    )
    static let build = MetricDescription(
        "switchboard_build_info",
        .gauge,
        labels: ["version"],
        help: "Always 1; the version is in the label."
    )

    // MARK: Of the registry itself

    static let unanswered = MetricDescription(
        "switchboard_scrape_unanswered_total",
        .counter,
        labels: ["collector"],
        help: "Scrapes in which a part of the node did not answer in time, so that its metrics are missing.",
    )
}

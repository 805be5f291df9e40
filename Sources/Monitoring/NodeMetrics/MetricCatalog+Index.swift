/// The log, its followers, and the index made from it.
extension MetricCatalog {
    // MARK: The way of a pair

    package static let updating = [
        appended, committedOperations, commitSeconds, logHead, logEpoch, logWritable, logFollowers, replicaApplied,
        replicaLag, replicaSilence, replicaStopped, replicaDiscarded, applySeconds, feedback,
    ]

    static let appended = MetricDescription(
        "switchboard_append_total",
        .counter,
        labels: ["result"],
        help: "Commands of appended batches by what they did: added, relabelled, unchanged, removed, refused.",
    )
    static let committedOperations = MetricDescription(
        "switchboard_log_commit_operations",
        .histogram,
        help: "Operations in one commit of the log, which is one fsync."
    )
    static let commitSeconds = MetricDescription(
        "switchboard_log_commit_seconds",
        .histogram,
        help: "Time of one commit of the log, its fsync included."
    )
    static let logHead = MetricDescription(
        "switchboard_log_head_sequence",
        .gauge,
        help: "Sequence number of the log's last record."
    )
    static let logEpoch = MetricDescription(
        "switchboard_log_epoch",
        .gauge,
        help: "Times that the log was opened for writing."
    )
    static let logWritable = MetricDescription(
        "switchboard_log_writable",
        .gauge,
        help: "1, or 0 where the updater refuses to append."
    )
    static let logFollowers = MetricDescription(
        "switchboard_log_followers",
        .gauge,
        help: "Live Follow streams of the updater."
    )
    static let replicaApplied = MetricDescription(
        "switchboard_replica_applied_sequence",
        .gauge,
        help: "The last record that was applied to this node's replica."
    )
    static let replicaLag = MetricDescription(
        "switchboard_replica_lag_records",
        .gauge,
        help: "Records of the log that were not applied to this node's replica yet."
    )
    static let replicaSilence = MetricDescription(
        "switchboard_replica_silence_seconds",
        .gauge,
        help: "Time since this node's replica heard from the updater."
    )
    static let replicaStopped = MetricDescription(
        "switchboard_replica_stopped",
        .gauge,
        help: "1 where the replica stopped before a record that it cannot read."
    )
    static let replicaDiscarded = MetricDescription(
        "switchboard_replica_discarded_total",
        .counter,
        help: "Times that the replica was found to differ from the log and began anew."
    )
    static let applySeconds = MetricDescription(
        "switchboard_replica_apply_seconds",
        .histogram,
        help: "Time that the replica takes to apply a batch of records, without the way to it."
    )
    static let feedback = MetricDescription(
        "switchboard_feedback_total",
        .counter,
        labels: ["source", "verdict"],
        help: "Feedback that was stored, by who gave it and what it says of the answer.",
    )

    // MARK: Index

    package static let index = [indexSegments, indexRows, indexExemplars, indexWithoutGraph, indexBytes]

    static let indexSegments = MetricDescription(
        "switchboard_index_segments",
        .gauge,
        labels: ["vertical", "state"],
        help: "Segments: growing, awaiting_graph (sealed, its graph not there yet), graph.",
    )
    static let indexRows = MetricDescription(
        "switchboard_index_rows",
        .gauge,
        labels: ["vertical", "state"],
        help: "Vectors in segments of that state, dead ones included.",
    )
    static let indexExemplars = MetricDescription(
        "switchboard_index_exemplars",
        .gauge,
        labels: ["vertical"],
        help: "Live exemplars."
    )
    static let indexWithoutGraph = MetricDescription(
        "switchboard_index_rows_without_graph",
        .gauge,
        labels: ["vertical"],
        help: "Vectors that are searched exactly, because no graph holds them.",
    )
    static let indexBytes = MetricDescription(
        "switchboard_index_bytes",
        .gauge,
        labels: ["part"],
        help: "Memory of the index: vectors (graphs included), rows (texts and intents), exemplars (the ids).",
    )
}

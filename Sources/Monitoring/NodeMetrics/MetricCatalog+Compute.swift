/// The compute queue, its threads and its batches.
extension MetricCatalog {
    package static let compute = [
        queueDepth, queueBytes, queueAdmitted, queueDropped, queueDelay, batchTexts, batchScores, computeThreads,
        interruptions,
    ]

    static let queueDepth = MetricDescription(
        "switchboard_compute_queue_depth",
        .gauge,
        labels: ["priority"],
        help: "Pieces of work that wait for a compute thread.",
    )
    static let queueBytes = MetricDescription(
        "switchboard_compute_queue_bytes",
        .gauge,
        help: "Bytes of the work that waits for a compute thread."
    )
    static let queueAdmitted = MetricDescription(
        "switchboard_compute_admitted_total",
        .counter,
        labels: ["priority"],
        help: "Pieces of work that were taken into the compute queue.",
    )
    static let queueDropped = MetricDescription(
        "switchboard_compute_dropped_total",
        .counter,
        labels: ["priority", "reason"],
        help: "Pieces of work that were not done: refused as the queue was full (full) or too slow for their deadline "
            + "(late), or given up in it (expired, cancelled).",
    )
    static let queueDelay = MetricDescription(
        "switchboard_compute_delay_seconds",
        .histogram,
        labels: ["priority"],
        help: "Time from arrival in the compute queue to being taken by a thread.",
    )
    static let batchTexts = MetricDescription(
        "switchboard_encode_batch_texts",
        .histogram,
        help: "Texts in one call of the encoder."
    )
    static let batchScores = MetricDescription(
        "switchboard_score_batch_questions",
        .histogram,
        help: "Questions that the language model was asked in one go."
    )
    static let computeThreads = MetricDescription(
        "switchboard_compute_threads",
        .gauge,
        labels: ["state"],
        help: "Compute threads by what they do: idle, retrieval (encode or search), language (the language model).",
    )
    static let interruptions = MetricDescription(
        "switchboard_compute_interruptions_total",
        .counter,
        help: "Times that a compute thread served encodes or searches in the middle of the language model's work.",
    )
}

/// Utterances that nobody could explain, on their way into the pool, in it, and out of it.
extension MetricCatalog {
    package static let discovery = [handedOn, notHandedOn, poolUtterances, poolCalls, poolBytes, poolLeft]

    static let handedOn = MetricDescription(
        "switchboard_pool_handed_on_total",
        .counter,
        help: "Unexplained utterances that this gateway brought to the pool."
    )
    static let notHandedOn = MetricDescription(
        "switchboard_pool_dropped_total",
        .counter,
        labels: ["reason"],
        help:
            "Unexplained utterances that this gateway dropped: too many waited (full), or the clusterer took them not "
            + "(refused).",
    )
    static let poolUtterances = MetricDescription(
        "switchboard_pool_utterances",
        .gauge,
        labels: ["reason"],
        help: "Different utterances in the live pool, by why they are there.",
    )
    static let poolCalls = MetricDescription(
        "switchboard_pool_calls",
        .gauge,
        help: "How often the utterances of the live pool were said."
    )
    static let poolBytes = MetricDescription(
        "switchboard_pool_bytes",
        .gauge,
        labels: ["part"],
        help: "The pool: counted against its limit (live), and its file (file).",
    )
    static let poolLeft = MetricDescription(
        "switchboard_pool_left_total",
        .counter,
        labels: ["cause"],
        help: "Utterances that left the live pool: no room (full), too old (expired), explained by the index by now "
            + "(explained), erased (purged).",
    )
}

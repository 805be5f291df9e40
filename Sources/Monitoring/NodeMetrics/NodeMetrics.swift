package import Core
internal import CoreMetrics

/// What a node counts as it goes, with one typed function for each event; the names are in `MetricCatalog`.
///
/// Made once by the node, with the registry that is to be scraped, and handed to whoever has something to tell; nothing
/// else makes metrics. Safe from any thread: an event costs a look into a small dictionary and a few atomic additions.
/// What need not be counted because it can be looked up is asked for at a scrape: see `NodeMetrics+Observing.swift`.
package final class NodeMetrics: Sendable {
    /// The stages of a Classify.
    package enum Stage: String, Sendable, CaseIterable {
        case queue, encode, search, score, total
    }

    /// Of one method.
    private struct MethodMeters: Sendable {
        let time: CoreMetrics.Timer
        let finished: MeterTable<StatusCode, Counter>
    }

    private struct AnswerKey: Hashable {
        let vertical: Vertical?
        let outcome: Outcome
        let decidedBy: DecidedBy
    }

    let registry: PrometheusRegistry
    private let methods: MeterTable<String, MethodMeters>
    private let refusals: MeterTable<String, Counter>
    private let answers: MeterTable<AnswerKey, Counter>
    private let stageTimes: [CoreMetrics.Timer]
    private let repeats: MeterTable<String, Counter>
    private let handed: Counter
    private let dropped: MeterTable<String, Counter>
    private let appends: MeterTable<String, Counter>
    private let commitOperations: Recorder
    private let commitTime: CoreMetrics.Timer
    private let applyTime: CoreMetrics.Timer
    private let feedbacks: MeterTable<[String], Counter>

    /// - Parameters:
    ///   - registry: holds none of the catalog's metrics yet.
    ///   - version: of the program, for `switchboard_build_info`.
    package init(registry: PrometheusRegistry, version: String) {
        for description in MetricCatalog.all where description != MetricCatalog.unanswered {
            registry.describe(description)
        }
        self.registry = registry
        methods = MeterTable(limit: 256) { method in
            MethodMeters(
                time: registry.timer(MetricCatalog.callSeconds, method),
                finished: MeterTable(limit: StatusCode.allCases.count) {
                    registry.counter(MetricCatalog.callsFinished, method, $0.description)
                },
            )
        }
        refusals = MeterTable(limit: 256) { registry.counter(MetricCatalog.refused, $0) }
        answers = MeterTable(limit: 2_048) {
            registry.counter(
                MetricCatalog.classified,
                $0.vertical?.name ?? "",
                $0.outcome.rawValue,
                $0.decidedBy.rawValue
            )
        }
        stageTimes = Stage.allCases.map { registry.timer(MetricCatalog.stageSeconds, $0.rawValue) }
        repeats = MeterTable(limit: 16) { registry.counter(MetricCatalog.repeated, $0) }
        handed = registry.counter(MetricCatalog.handedOn)
        dropped = MeterTable(limit: 16) { registry.counter(MetricCatalog.notHandedOn, $0) }
        appends = MeterTable(limit: 16) { registry.counter(MetricCatalog.appended, $0) }
        commitOperations = registry.recorder(MetricCatalog.committedOperations)
        commitTime = registry.timer(MetricCatalog.commitSeconds)
        applyTime = registry.timer(MetricCatalog.applySeconds)
        feedbacks = MeterTable(limit: 16) { registry.counter(MetricCatalog.feedback, $0[0], $0[1]) }
        registry.gauge(MetricCatalog.build, version).record(1)
        registry.collect("process") { ProcessSamples.current().samples }
    }

    // MARK: Calls

    /// - Parameter method: one that is served, or a constant word for all others; never a name as a client sent it.
    package func callFinished(_ method: String, _ status: StatusCode, after time: Duration) {
        let meters = methods[method]
        meters.finished[status].increment()
        meters.time.record(time)
    }

    /// Something came in that is not accepted.
    ///
    /// - Parameter reason: a word of the program's own, so that no input can become a label.
    package func refused(_ reason: String) {
        refusals[reason].increment()
    }

    // MARK: Routing

    /// - Parameter vertical: the leader's; nil where there is no candidate, which gives an empty label.
    package func classified(in vertical: Vertical?, _ outcome: Outcome, by decidedBy: DecidedBy) {
        answers[AnswerKey(vertical: vertical, outcome: outcome, decidedBy: decidedBy)].increment()
    }

    /// A stage that was left out is not recorded.
    package func spent(_ time: Duration, in stage: Stage) {
        // One timer a case, in the order of the cases.
        stageTimes[Stage.allCases.firstIndex(of: stage)!].record(time)
    }

    /// A call was sent to another worker than the first.
    ///
    /// - Parameter reason: a word of the program's own.
    package func repeated(because reason: String) {
        repeats[reason].increment()
    }

    // MARK: Discovery

    /// So many unexplained utterances are in the pool.
    package func handedOn(_ count: Int) {
        handed.increment(by: count)
    }

    /// So many were dropped.
    ///
    /// - Parameter reason: a word of the program's own.
    package func notHandedOn(_ count: Int, because reason: String) {
        dropped[reason].increment(by: count)
    }

    // MARK: Updating

    /// A batch was appended. A repeated operation did nothing and counts nothing.
    package func appended(_ receipt: AppendReceipt) {
        guard !receipt.isRepeated else { return }
        appends["added"].increment(by: receipt.added)
        appends["relabelled"].increment(by: receipt.relabelled)
        appends["unchanged"].increment(by: receipt.unchanged)
        appends["removed"].increment(by: receipt.removed)
        appends["refused"].increment(by: receipt.refusals.count)
    }

    /// One group commit of the log.
    package func committed(operations: Int, after time: Duration) {
        commitOperations.record(operations)
        commitTime.record(time)
    }

    /// Records became visible to searches.
    ///
    /// - Parameter time: since their receipt.
    package func applied(after time: Duration) {
        applyTime.record(time)
    }

    /// Feedback was stored.
    package func stored(_ feedback: Feedback) {
        let verdict =
            switch feedback.verdict {
            case .confirmed: "confirmed"
            case .corrected: "corrected"
            case .rejected: "rejected"
            }
        feedbacks[[feedback.source.rawValue, verdict]].increment()
    }
}

extension CoreMetrics.Timer {
    /// Longer than 292 years counts as that.
    fileprivate func record(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        let (scaled, hasOverflowed) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        recordNanoseconds(hasOverflowed ? Int64.max : scaled &+ attoseconds / 1_000_000_000)
    }
}

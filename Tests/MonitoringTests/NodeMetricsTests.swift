import Core
import Foundation
import Monitoring
import Testing

struct NodeMetricsTests {
    /// Every metric of the catalog is made by the node's functions, with the type and the labels that it says.
    @Test func makesEveryMetricOfTheCatalog() async throws {
        let (registry, metrics) = try await Self.busyNode()
        let exposition = Exposition(await registry.text())
        for description in MetricCatalog.all where description.name != "switchboard_scrape_unanswered_total" {
            #expect(exposition.types[description.name] == description.kind.rawValue, "\(description.name)")
            let names = description.kind == .histogram ? description.name + "_count" : description.name
            #expect(exposition.labels[names] == [description.labels.sorted()], "\(description.name)")
        }
        #expect(Set(exposition.types.keys).isSubset(of: MetricCatalog.all.map(\.name)))
        #expect(MetricCatalog.all.allSatisfy { !$0.help.isEmpty })
        withExtendedLifetime(metrics) {}
    }

    @Test func countsWhatItIsTold() async throws {
        let (registry, metrics) = try await Self.busyNode()
        let series = Exposition(await registry.text())
        let classify = "switchboard.v1.Router/Classify"
        #expect(series["switchboard_calls_total{method=\"\(classify)\",status=\"OK\"}"] == 2)
        #expect(series["switchboard_calls_total{method=\"\(classify)\",status=\"RESOURCE_EXHAUSTED\"}"] == 1)
        #expect(series["switchboard_call_seconds_count{method=\"\(classify)\"}"] == 3)
        #expect(series["switchboard_call_seconds_sum{method=\"\(classify)\"}"] == 0.0275)
        #expect(series["switchboard_refused_total{reason=\"bad_header\"}"] == 1)
        #expect(series[#"switchboard_classify_total{decided_by="retrieval",outcome="route",vertical="orders"}"#] == 1)
        #expect(series[#"switchboard_classify_total{decided_by="degraded",outcome="unknown",vertical=""}"#] == 1)
        #expect(series["switchboard_worker_repeats_total{reason=\"lost\"}"] == 1)
        #expect(series["switchboard_stage_seconds_bucket{stage=\"encode\",le=\"0.005\"}"] == 1)
        #expect(series["switchboard_stage_seconds_bucket{stage=\"encode\",le=\"0.0025\"}"] == 0)
        #expect(series["switchboard_append_total{result=\"added\"}"] == 5)
        #expect(series["switchboard_append_total{result=\"refused\"}"] == 1)
        #expect(series["switchboard_log_commit_operations_sum"] == 12)
        #expect(series["switchboard_feedback_total{source=\"caller\",verdict=\"corrected\"}"] == 1)
        withExtendedLifetime(metrics) {}
    }

    @Test func showsWhatItLooksUp() async throws {
        let (registry, metrics) = try await Self.busyNode()
        let series = Exposition(await registry.text())
        #expect(series["switchboard_compute_queue_depth{priority=\"live\"}"] == 3)
        #expect(series[#"switchboard_compute_dropped_total{priority="live",reason="late"}"#] == 2)
        #expect(series["switchboard_compute_delay_seconds_bucket{priority=\"live\",le=\"+Inf\"}"] == 6)
        #expect(series["switchboard_encode_batch_texts_sum"] == 11)
        #expect(series["switchboard_score_batch_questions_sum"] == 5)
        // Two sealed segments of one vertical are one series.
        #expect(series[#"switchboard_index_segments{state="graph",vertical="orders"}"#] == 2)
        #expect(series[#"switchboard_index_rows{state="graph",vertical="orders"}"#] == 16_384)
        #expect(series[#"switchboard_index_segments{state="growing",vertical="orders"}"#] == 1)
        #expect(series["switchboard_index_exemplars{vertical=\"orders\"}"] == 16_010)
        #expect(series["switchboard_index_rows_without_graph{vertical=\"orders\"}"] == 10)
        #expect(series["switchboard_log_head_sequence"] == 120)
        #expect(series["switchboard_replica_lag_records"] == 20)
        #expect(series["switchboard_replica_silence_seconds"] == 0.25)
        #expect(series["switchboard_workers{service=\"switchboard.v1.Retriever\"}"] == 2)
        withExtendedLifetime(metrics) {}
    }

    @Test func countsARepeatedOperationOnce() async {
        let registry = PrometheusRegistry()
        let metrics = NodeMetrics(registry: registry, version: "1")
        var receipt = AppendReceipt(
            operation: [1],
            change: [],
            position: LogPosition(log: LogID(1), sequence: .start),
            added: 2
        )
        metrics.appended(receipt)
        receipt.isRepeated = true
        metrics.appended(receipt)
        #expect(Exposition(await registry.text())["switchboard_append_total{result=\"added\"}"] == 2)
    }

    @Test func staysSmallWhateverVerticalsAreNamed() async throws {
        let registry = PrometheusRegistry()
        let metrics = NodeMetrics(registry: registry, version: "1")
        for number in 0..<5_000 {
            metrics.classified(in: try Vertical("v\(number)"), .route, by: .retrieval)
            metrics.callFinished("made.up/\(number)", .unimplemented, after: .zero)
        }
        let series = Exposition(await registry.text())
        #expect(series[#"switchboard_classify_total{decided_by="other",outcome="other",vertical="other"}"#] == 2_952)
        #expect(series.values.keys.count { $0.hasPrefix("switchboard_calls_total") } == 1_025)
        #expect(series.values.keys.count { $0.hasPrefix("switchboard_call_seconds_count") } == 257)
    }

    @Test func countsExactlyWhileManyCount() async throws {
        let registry = PrometheusRegistry()
        let metrics = NodeMetrics(registry: registry, version: "1")
        let verticals = try (0..<5).map { try Vertical("v\($0)") }
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { @concurrent in
                    for round in 0..<10_000 {
                        metrics.classified(in: verticals[round % 5], .route, by: .retrieval)
                        metrics.callFinished("a/\(round % 3)", .ok, after: .microseconds(1))
                        metrics.spent(.microseconds(1), in: .total)
                    }
                }
            }
        }
        let series = Exposition(await registry.text())
        for vertical in verticals {
            let name = "switchboard_classify_total{decided_by=\"retrieval\",outcome=\"route\",vertical=\"\(vertical)\"}"
            #expect(series[name] == 8_000)
        }
        #expect(series["switchboard_call_seconds_count{method=\"a/0\"}"] == 13_336)
        #expect(series["switchboard_stage_seconds_sum{stage=\"total\"}"] == 0.04)
    }

    /// Dashboards rely on the names, so the page and the program must not part.
    @Test func isDescribedOnItsPage() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/metrics.md"),
            encoding: .utf8
        )
        let row = /\| `(?<name>[a-z_]+)` \| (?<type>[a-z]+) \| (?<labels>[^|]*)\| (?<meaning>[^|]+) \|[^|]*\|/
        var described: [String: (type: String, labels: [String])] = [:]
        for line in page.split(separator: "\n") {
            guard let match = line.wholeMatch(of: row) else { continue }
            let labels = match.labels.matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
            #expect(described.updateValue((String(match.type), labels), forKey: String(match.name)) == nil)
        }
        #expect(Set(described.keys) == Set(MetricCatalog.all.map(\.name)))
        for metric in MetricCatalog.all {
            #expect(described[metric.name]?.type == metric.kind.rawValue, "\(metric.name)")
            #expect(described[metric.name]?.labels == metric.labels, "\(metric.name)")
        }
    }

    // MARK: A node that has done a little of everything

    private static func busyNode() async throws -> (PrometheusRegistry, NodeMetrics) {
        let registry = PrometheusRegistry(collectionLimit: .seconds(30))
        let metrics = NodeMetrics(registry: registry, version: "1.2")
        try tell(metrics)
        try observe(metrics)
        return (registry, metrics)
    }

    private static func tell(_ metrics: NodeMetrics) throws {
        let classify = "switchboard.v1.Router/Classify"
        metrics.callFinished(classify, .ok, after: .milliseconds(5))
        metrics.callFinished(classify, .ok, after: .microseconds(22_400))
        metrics.callFinished(classify, .resourceExhausted, after: .microseconds(100))
        metrics.refused("bad_header")
        metrics.classified(in: try Vertical("orders"), .route, by: .retrieval)
        metrics.classified(in: nil, .unknown, by: .degraded)
        metrics.repeated(because: "lost")
        metrics.handedOn(3)
        metrics.notHandedOn(2, because: "full")
        for stage in NodeMetrics.Stage.allCases { metrics.spent(.milliseconds(4), in: stage) }
        metrics.appended(
            AppendReceipt(
                operation: [1],
                change: [],
                position: LogPosition(log: LogID(1), sequence: LogSequence(9)),
                added: 5,
                relabelled: 2,
                removed: 1,
                refusals: [Refusal(command: 3, reason: "text is empty")]
            )
        )
        metrics.committed(operations: 12, after: .milliseconds(3))
        metrics.applied(after: .milliseconds(9))
        metrics.stored(
            Feedback(
                replyID: Bits128(1),
                text: try UtteranceText("where is it"),
                vertical: try Vertical("orders"),
                answeredIntent: nil,
                verdict: .corrected(try IntentPath("orders/track")),
                source: .caller
            )
        )
    }

    private static func observe(_ metrics: NodeMetrics) throws {
        let orders = try Vertical("orders")
        metrics.observeCompute {
            var live = QueueReading(delay: HistogramReading(bounds: [0.001, 0.1], counts: [1, 2, 3], sum: 1.5))
            live.waiting = 3
            live.refusedLate = 2
            return ComputeReading(
                queues: [.live: live],
                batchTexts: HistogramReading(bounds: [1, 8], counts: [3, 1, 0], sum: 11),
                batchScores: HistogramReading(bounds: [1, 8], counts: [2, 1, 0], sum: 5)
            )
        }
        metrics.observeIndex {
            IndexReading(
                segments: [
                    SegmentReading(vertical: orders, state: .graph, live: 8_000, rows: 8_192, withoutGraph: 0),
                    SegmentReading(vertical: orders, state: .graph, live: 8_000, rows: 8_192, withoutGraph: 0),
                    SegmentReading(vertical: orders, state: .growing, live: 10, rows: 10, withoutGraph: 10),
                ],
                vectorBytes: 1,
                rowBytes: 2,
                exemplarBytes: 3
            )
        }
        metrics.observeLog { LogReading(head: LogSequence(120), epoch: 3, isWritable: true, followers: 2) }
        metrics.observeReplica {
            ReplicaReading(applied: LogSequence(100), head: LogSequence(120), silence: .milliseconds(250))
        }
        metrics.observeWorkers {
            [WorkersReading(service: "switchboard.v1.Retriever", attached: 2, credit: 40, waiting: 0)]
        }
        metrics.observePool {
            PoolReading(
                counts: PoolCounts(utterances: [.unknown: 2], calls: 5, bytes: 900, left: [.full: 1]),
                storedBytes: 4_096
            )
        }
        metrics.observeStores(in: URL(filePath: #filePath).deletingLastPathComponent().path())
    }
}

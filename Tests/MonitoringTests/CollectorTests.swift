import CoreMetrics
import Monitoring
import Synchronization
import Testing

struct CollectorTests {
    private static let depth = MetricDescription("depth", .gauge, labels: ["queue"], help: "Waiting.")

    @Test func asksAtEachScrape() async {
        let registry = PrometheusRegistry()
        registry.describe(Self.depth)
        let asked = Mutex(0)
        registry.collect("depth") {
            let times = asked.withLock { asked in
                asked += 1
                return asked
            }
            return [Self.depth.sample(times, "b"), Self.depth.sample(7, "a")]
        }
        for times in 1...3 {
            #expect(
                await registry.text() == """
                    # HELP depth Waiting.
                    # TYPE depth gauge
                    depth{queue="a"} 7
                    depth{queue="b"} \(times)

                    """
            )
        }
    }

    @Test func addsUpSamplesOfOneSeriesAndWhatExceedsTheLimit() async {
        let registry = PrometheusRegistry(labelSetLimit: 2)
        let spread = MetricDescription("spread", .histogram, labels: ["of"], help: "")
        registry.describe(Self.depth)
        registry.describe(spread)
        registry.collect("all") {
            (0..<100).flatMap { number in
                [
                    Self.depth.sample(1, "q\(number % 50)"),
                    spread.sample(HistogramReading(bounds: [1], counts: [2, 3], sum: 9), "s\(number)"),
                ]
            }
        }
        let series = Exposition(await registry.text())
        #expect(series["depth{queue=\"q0\"}"] == 2)
        #expect(series["depth{queue=\"other\"}"] == 96)
        #expect(series.values.keys.count { $0.hasPrefix("depth") } == 3)
        #expect(series["spread_bucket{of=\"other\",le=\"1\"}"] == 196)
        #expect(series["spread_count{of=\"other\"}"] == 490)
        #expect(series["spread_sum{of=\"other\"}"] == 882)
    }

    /// A collector that hangs costs its own metrics and one call, however often somebody looks.
    @Test(.timeLimit(.minutes(1)))
    func leavesOutACollectorThatHangs() async {
        let registry = PrometheusRegistry(collectionLimit: .milliseconds(20))
        let gate = Gate()
        let calls = Atomic(0)
        registry.describe(Self.depth)
        registry.collect("stuck") {
            calls.wrappingAdd(1, ordering: .relaxed)
            await gate.wait()
            return [Self.depth.sample(1, "stuck")]
        }
        registry.collect("well") { [Self.depth.sample(2, "well")] }
        for scrape in 1...3 {
            let series = Exposition(await registry.text())
            #expect(series["depth{queue=\"well\"}"] == 2)
            #expect(series["depth{queue=\"stuck\"}"] == nil)
            #expect(series["switchboard_scrape_unanswered_total{collector=\"stuck\"}"] == Double(scrape))
        }
        #expect(calls.load(ordering: .relaxed) == 1)
        await gate.open()
        // The asking that hung ends, and a later one is answered.
        var series = Exposition(await registry.text())
        while series["depth{queue=\"stuck\"}"] == nil { series = Exposition(await registry.text()) }
        #expect(series["depth{queue=\"stuck\"}"] == 1)
    }

    @Test func givesOneAnswerToAllWhoAskMeanwhile() async {
        let gate = Gate()
        let calls = Atomic(0)
        let inquiry = Inquiry(limit: .seconds(60)) {
            await gate.wait()
            return calls.wrappingAdd(1, ordering: .relaxed).newValue
        }
        async let one = inquiry.answer()
        async let two = inquiry.answer()
        while await inquiry.waiters < 2 { await Task.yield() }
        await gate.open()
        #expect(await [one, two] == [1, 1])
        #expect(await inquiry.answer() == 2)
    }
}

/// Lets nobody pass until it is opened.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func wait() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

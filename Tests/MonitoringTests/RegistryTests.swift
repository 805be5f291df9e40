import CoreMetrics
import Monitoring
import Testing

struct RegistryTests {
    @Test(.timeLimit(.minutes(1)))
    func countsExactlyWhileManyCount() async {
        let registry = PrometheusRegistry()
        let tasks = 8
        let rounds = 20_000
        await withTaskGroup { group in
            for task in 0..<tasks {
                group.addTask { @concurrent in
                    // Each makes its own handles, so that making them is part of what runs at the same time.
                    let counter = Counter(label: "all_total", factory: registry)
                    let fraction = FloatingPointCounter(label: "fraction_total", factory: registry)
                    let timer = Timer(label: "time_seconds", factory: registry)
                    let recorder = Recorder(label: "sizes", factory: registry)
                    let meter = Meter(label: "level", factory: registry)
                    for round in 0..<rounds {
                        counter.increment(by: 2)
                        fraction.increment(by: 0.5)
                        timer.recordNanoseconds(1_000_000 * Int64(round % 2))
                        recorder.record(round % 3)
                        meter.increment()
                        if round % 2 == 0 { meter.decrement() }
                        Counter(label: "own_total", dimensions: [("task", "\(task)")], factory: registry).increment()
                    }
                }
            }
            // Looks at them meanwhile: what it sees only grows, and each histogram agrees with itself.
            group.addTask { @concurrent in
                var last = 0.0
                for _ in 0..<50 {
                    let series = Exposition(await registry.text())
                    let now = series["all_total"] ?? 0
                    #expect(now >= last)
                    last = now
                    #expect(series["time_seconds_count"] == series["time_seconds_bucket{le=\"+Inf\"}"])
                }
            }
        }
        let total = Double(tasks * rounds)
        let series = Exposition(await registry.text())
        #expect(series["all_total"] == total * 2)
        #expect(series["fraction_total"] == total / 2)
        #expect(series["time_seconds_count"] == total)
        #expect(series["time_seconds_sum"] == total / 2 / 1_000)
        #expect(series["time_seconds_bucket{le=\"0.0001\"}"] == total / 2)
        #expect(series["sizes_count"] == total)
        #expect(series["sizes_sum"] == Double(tasks * (0..<rounds).reduce(0) { $0 + $1 % 3 }))
        #expect(series["level"] == total / 2)
        for task in 0..<tasks { #expect(series["own_total{task=\"\(task)\"}"] == Double(rounds)) }
    }

    @Test func countsWhatExceedsTheLimitAsOther() async {
        let registry = PrometheusRegistry(labelSetLimit: 4)
        registry.describe(MetricDescription("wide_total", .counter, labels: ["who"], help: "", labelSetLimit: 10))
        for client in 0..<10_000 {
            Counter(label: "clients_total", dimensions: [("id", "\(client)"), ("kind", "x")], factory: registry)
                .increment()
            Counter(label: "wide_total", dimensions: [("who", "\(client)")], factory: registry).increment()
        }
        Counter(label: "clients_total", dimensions: [("id", "2"), ("kind", "x")], factory: registry).increment()
        let series = Exposition(await registry.text())
        #expect(
            series.values
                == [
                    #"clients_total{id="0",kind="x"}"#: 1, #"clients_total{id="1",kind="x"}"#: 1,
                    #"clients_total{id="2",kind="x"}"#: 2, #"clients_total{id="3",kind="x"}"#: 1,
                    #"clients_total{id="other",kind="other"}"#: 9_996,
                ].merging(
                    Dictionary(uniqueKeysWithValues: (0..<10).map { ("wide_total{who=\"\($0)\"}", 1) })
                ) { $1 }.merging([#"wide_total{who="other"}"#: 9_990]) { $1 }
        )
    }

    @Test func cutsLongLabelValues() async {
        let registry = PrometheusRegistry()
        let long = String(repeating: "é", count: 1_000_000)
        Counter(label: "long_total", dimensions: [("text", long)], factory: registry).increment()
        #expect(
            Exposition(await registry.text()).values == ["long_total{text=\"\(String(repeating: "é", count: 64))\"}": 1]
        )
    }

    @Test func leavesOutWhatWouldSpoilAFigure() async {
        let registry = PrometheusRegistry()
        let counter = FloatingPointCounter(label: "a_total", factory: registry)
        for amount in [1.5, -4, .nan, .infinity] { counter.increment(by: amount) }
        let whole = Counter(label: "b_total", factory: registry)
        for amount in [3, -2, 0] { whole.increment(by: amount) }
        let recorder = Recorder(label: "c", factory: registry)
        for figure in [2, Double.nan, .infinity] { recorder.record(figure) }
        let series = Exposition(await registry.text())
        #expect(series["a_total"] == 1.5)
        #expect(series["b_total"] == 3)
        #expect(series["c_count"] == 1)
        #expect(series["c_sum"] == 2)
    }

    @Test func dropsASeriesWithItsLastHandle() async {
        let registry = PrometheusRegistry(labelSetLimit: 1)
        func make(_ name: String) -> Counter {
            Counter(label: "gone_total", dimensions: [("name", name)], factory: registry)
        }
        let first = make("a")
        let second = make("a")
        first.increment()
        first.destroy()
        second.increment()
        #expect(Exposition(await registry.text()).values == ["gone_total{name=\"a\"}": 2])
        second.destroy()
        #expect(await registry.text() == "")
        make("b").increment()
        #expect(Exposition(await registry.text()).values == ["gone_total{name=\"b\"}": 1])
    }

    @Test func countsFromZeroAfterAReset() async {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "a_total", factory: registry)
        counter.increment(by: 7)
        counter.reset()
        counter.increment()
        #expect(Exposition(await registry.text()).values == ["a_total": 1])
    }
}

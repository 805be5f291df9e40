import CoreMetrics
import Monitoring
import Testing

struct TextFormatTests {
    @Test func writesEveryTypeInAStableOrder() async {
        let registry = PrometheusRegistry()
        registry.describe(
            MetricDescription("calls_total", .counter, labels: ["method", "status"], help: "Calls that ended.")
        )
        registry.describe(
            MetricDescription("wait_seconds", .histogram, labels: ["stage"], help: "Waiting.", bounds: [0.001, 0.5, 2])
        )
        Counter(label: "calls_total", dimensions: [("status", "OK"), ("method", "Classify")], factory: registry)
            .increment(by: 41)
        Counter(label: "calls_total", dimensions: [("method", "Classify"), ("status", "OK")], factory: registry)
            .increment()
        Counter(label: "calls_total", dimensions: [("status", "UNKNOWN"), ("method", "Append")], factory: registry)
            .increment(by: 3)
        let timer = Timer(label: "wait_seconds", dimensions: [("stage", "queue")], factory: registry)
        for nanoseconds: Int64 in [1_000_000, 1_000_001, 500_000_000, 2_000_000_001, -5] {
            timer.recordNanoseconds(nanoseconds)
        }
        Gauge(label: "depth", factory: registry).record(2.5)
        let meter = Meter(label: "temperature", factory: registry)
        meter.set(10)
        meter.decrement(by: 12)
        FloatingPointCounter(label: "cpu_seconds_total", factory: registry).increment(by: 0.25)
        Recorder(label: "sizes", factory: registry).record(3)

        #expect(
            await registry.text() == """
                # HELP calls_total Calls that ended.
                # TYPE calls_total counter
                calls_total{method="Append",status="UNKNOWN"} 3
                calls_total{method="Classify",status="OK"} 42
                # TYPE cpu_seconds_total counter
                cpu_seconds_total 0.25
                # TYPE depth gauge
                depth 2.5
                # TYPE sizes histogram
                sizes_bucket{le="1"} 0
                sizes_bucket{le="2"} 0
                sizes_bucket{le="4"} 1
                sizes_bucket{le="8"} 1
                sizes_bucket{le="16"} 1
                sizes_bucket{le="32"} 1
                sizes_bucket{le="64"} 1
                sizes_bucket{le="128"} 1
                sizes_bucket{le="256"} 1
                sizes_bucket{le="512"} 1
                sizes_bucket{le="1024"} 1
                sizes_bucket{le="2048"} 1
                sizes_bucket{le="4096"} 1
                sizes_bucket{le="+Inf"} 1
                sizes_sum 3
                sizes_count 1
                # TYPE temperature gauge
                temperature -2
                # HELP wait_seconds Waiting.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{stage="queue",le="0.001"} 2
                wait_seconds_bucket{stage="queue",le="0.5"} 4
                wait_seconds_bucket{stage="queue",le="2"} 4
                wait_seconds_bucket{stage="queue",le="+Inf"} 5
                wait_seconds_sum{stage="queue"} 2.502000002
                wait_seconds_count{stage="queue"} 5

                """
        )
    }

    @Test func escapesHelpAndLabelValues() async {
        let registry = PrometheusRegistry()
        registry.describe(
            MetricDescription("odd", .gauge, labels: ["value"], help: "a \\ back slash,\na line and \"quotes\"")
        )
        Gauge(label: "odd", dimensions: [("value", "\\ \"q\"\nnext 😀 مرحبا")], factory: registry).record(1)
        #expect(
            await registry.text() == #"""
                # HELP odd a \\ back slash,\na line and "quotes"
                # TYPE odd gauge
                odd{value="\\ \"q\"\nnext 😀 مرحبا"} 1

                """#
        )
    }

    @Test func keepsLineEndsOfAnyKindOutOfLines() async {
        // "\r\n" is one character, so a search for the character "\n" would miss it.
        let registry = PrometheusRegistry()
        Gauge(label: "odd", dimensions: [("value", "a\r\nb")], factory: registry).record(1)
        #expect(await registry.text() == "# TYPE odd gauge\nodd{value=\"a\r\\nb\"} 1\n")
    }

    @Test func formsNamesThatTheFormatAllows() async {
        let registry = PrometheusRegistry()
        Counter(
            label: "http.requests-1",
            dimensions: [("http.method", "GET"), ("le", "x"), ("__a", "y")],
            factory: registry
        )
        .increment()
        Counter(label: "2nd", dimensions: [("9", "z"), ("naïve", "w")], factory: registry).increment()
        #expect(
            await registry.text() == """
                # TYPE _2nd counter
                _2nd{_9="z",na__ve="w"} 1
                # TYPE http_requests_1 counter
                http_requests_1{http_method="GET",label___a="y",label_le="x"} 1

                """
        )
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1, "1"), (-3, "-3"), (0.1, "0.1"), (1e-9, "1e-09"), (1.5e300, "1.5e+300"),
        (9_007_199_254_740_991, "9007199254740991"), (1e22, "1e+22"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        (.nan, "NaN"),
    ])
    func writesNumbersAsGoReadsThem(number: Double, text: String) async {
        let registry = PrometheusRegistry()
        Gauge(label: "figure", factory: registry).record(number)
        #expect(await registry.text() == "# TYPE figure gauge\nfigure \(text)\n")
    }
}

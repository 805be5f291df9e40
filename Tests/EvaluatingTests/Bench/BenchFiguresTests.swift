import Foundation
import Testing

@testable import Evaluating

struct LatencySamplesTests {
    @Test func takesPercentilesByNearestRank() throws {
        let samples = LatencySamples(nanoseconds: (1...1_000).map { UInt64($0) * 1_000 }.reversed(), seconds: 2)
        let latency = try #require(samples.latency)
        #expect(latency.p50 == 500)
        #expect(latency.p90 == 900)
        #expect(latency.p99 == 990)
        #expect(latency.p999 == 999)
        #expect(latency.max == 1_000)
        #expect(samples.perSecond == 500)
    }

    @Test func ofOneSampleEveryPercentileIsThatSample() throws {
        let latency = try #require(LatencySamples(nanoseconds: [7_000], seconds: 1).latency)
        #expect([latency.p50, latency.p90, latency.p99, latency.p999, latency.max] == [7, 7, 7, 7, 7])
    }

    @Test func ofNoneThereIsNoLatencyAndNoRate() {
        #expect(LatencySamples().latency == nil)
        #expect(LatencySamples().perSecond == 0)
    }

    @Test func stretchesAddUpAndThoseBesideDoNot() {
        var samples = LatencySamples(nanoseconds: [1], seconds: 1)
        samples.append(LatencySamples(nanoseconds: [2], seconds: 3))
        #expect(samples.seconds == 4)
        samples.join(LatencySamples(nanoseconds: [3], count: 10, seconds: 2))
        #expect(samples.seconds == 4)
        #expect(samples.count == 12)
        #expect(samples.nanoseconds == [1, 2, 3])
    }
}

struct ArrivalScheduleTests {
    @Test func keepsItsRateOnTheAverage() {
        let schedule = ArrivalSchedule(perSecond: 100, seconds: 100, seed: 1)
        // Ten thousand are expected, with a deviation of a hundred.
        #expect((9_500...10_500).contains(schedule.offsets.count))
        #expect(schedule.offsets == schedule.offsets.sorted())
        #expect(schedule.offsets.allSatisfy { $0 > .zero && $0 < .seconds(100) })
    }

    @Test func isTheSameForTheSameSeed() {
        let first = ArrivalSchedule(perSecond: 10, seconds: 10, seed: 7)
        #expect(first.offsets == ArrivalSchedule(perSecond: 10, seconds: 10, seed: 7).offsets)
        #expect(first.offsets != ArrivalSchedule(perSecond: 10, seconds: 10, seed: 8).offsets)
    }

    @Test func leavesTheSameDistanceWhereThatIsAskedFor() {
        let schedule = ArrivalSchedule(everySeconds: 0.25, seconds: 1)
        #expect(schedule.offsets == [.zero, .milliseconds(250), .milliseconds(500), .milliseconds(750)])
    }
}

struct BenchTargetTests {
    @Test(arguments: [(1.0, true), (2.0, true), (2.1, false)])
    func atMostIsReachedUpToTheBound(figure: Double, isReached: Bool) {
        #expect(BenchTarget.atMost(2).isReached(by: figure) == isReached)
    }

    @Test(arguments: [(1.9, false), (2.0, true), (3.0, true)])
    func atLeastIsReachedFromTheBoundOn(figure: Double, isReached: Bool) {
        #expect(BenchTarget.atLeast(2).isReached(by: figure) == isReached)
    }
}

struct BenchReportTests {
    private func report() -> BenchReport {
        var report = BenchReport("rpc", inFlight: 1, samples: LatencySamples(nanoseconds: [2_000], seconds: 1))
        report.compared["echo"] = LatencySamples(nanoseconds: [1_000], seconds: 1).peer
        report.compare("p50_to_echo", 2.5, .atMost(2))
        report.note("pairs", 10)
        return report
    }

    @Test func hasTheContractsNamesInJSON() throws {
        let data = try JSONEncoder().encode(report())
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "bench", "in_flight", "seconds", "operations", "per_second", "errors", "latency_us", "compared",
                "ratio",
                "extra", "cpu", "cpus", "version",
            ]
        )
        let latency = try #require(object["latency_us"] as? [String: Any])
        #expect(Set(latency.keys) == ["p50", "p90", "p99", "p999", "max"])
        let echo = try #require((object["compared"] as? [String: [String: Any]])?["echo"])
        #expect(Set(echo.keys) == ["per_second", "latency_us"])
    }

    @Test func saysWhichTargetIsMissed() {
        let words = report().words()
        #expect(words.contains { $0.contains("p50_to_echo 2.50 (at most 2.00: NOT REACHED)") })
        #expect(words.contains { $0.contains("pairs 10.0") && !$0.contains("reached") })
    }
}

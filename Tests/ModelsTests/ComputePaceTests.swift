import Core
import Models
import Testing

/// What a schedule learns of how long work takes, and whom it refuses for it.
struct ComputePaceTests {
    @Test func refusesWhatWouldWaitPastItsDeadline() throws {
        var bench = ScheduleBench(threads: 1)
        // One search of 20 ms teaches the pace.
        _ = try bench.admit(.retrieval)
        _ = bench.next()
        bench.finish(after: .milliseconds(20))
        #expect(bench.next() == nil)
        for _ in 0..<5 { _ = try bench.admit(.retrieval) }
        let error = #expect(throws: SwitchboardError.self) { try bench.admit(.retrieval, within: .milliseconds(90)) }
        #expect(error?.code == .resourceExhausted)
        let retry = try #require(error?.retryAfter)
        #expect(retry > .milliseconds(99) && retry < .milliseconds(101))
        _ = try bench.admit(.retrieval, within: .milliseconds(110))
        #expect(bench.schedule.statistics.counts[.live].refusedLate == 1)
    }

    @Test func nothingIsRefusedWhileNothingWaits() throws {
        var bench = ScheduleBench(threads: 1)
        _ = try bench.admit(.language(tokens: 100))
        _ = bench.next()
        bench.finish(after: .seconds(60))
        #expect(bench.next() == nil)
        _ = try bench.admit(.language(tokens: 100), within: .milliseconds(1))
    }

    @Test func lessUrgentWorkDoesNotCountAsWaitBefore() throws {
        var bench = ScheduleBench(threads: 1)
        _ = try bench.admit(.retrieval)
        _ = bench.next()
        bench.finish(after: .milliseconds(20))
        for _ in 0..<50 { _ = try bench.admit(.retrieval, .updates) }
        _ = try bench.admit(.retrieval, .live, within: .milliseconds(10))
    }

    @Test func aRunningScoreCountsForScoresOnly() throws {
        var bench = ScheduleBench(threads: 1)
        _ = try bench.admit(.language(tokens: 100))
        _ = bench.next()
        bench.finish(after: .milliseconds(500))
        _ = try bench.admit(.language(tokens: 100))
        _ = bench.next()
        _ = try bench.encoding(5, within: .milliseconds(50))
        let error = #expect(throws: SwitchboardError.self) {
            try bench.admit(.language(tokens: 100), within: .milliseconds(450))
        }
        #expect(error?.code == .resourceExhausted)
        _ = try bench.admit(.language(tokens: 100), within: .milliseconds(600))
    }

    @Test func aSecondThreadHalvesTheWait() throws {
        var bench = ScheduleBench(threads: 2)
        _ = try bench.admit(.retrieval)
        _ = bench.next(0)
        bench.finish(0, after: .milliseconds(20))
        for _ in 0..<6 { _ = try bench.admit(.retrieval) }
        #expect(throws: SwitchboardError.self) { try bench.admit(.retrieval, within: .milliseconds(55)) }
        _ = try bench.admit(.retrieval, within: .milliseconds(65))
    }

    @Test func timeForOthersDoesNotCountAsTheLanguageModels() throws {
        var bench = ScheduleBench(threads: 1)
        _ = try bench.admit(.language(tokens: 10))
        _ = bench.next()
        _ = try bench.admit(.retrieval)
        _ = bench.between()
        bench.finish(after: .seconds(10))
        bench.finish(after: .milliseconds(100))
        // Ten tokens in 100 ms: a second job ahead means a wait of 100 ms, not of ten seconds.
        _ = try bench.admit(.language(tokens: 10))
        _ = try bench.admit(.language(tokens: 10), within: .milliseconds(150))
    }

    @Test func whatWasStoppedWouldHaveTakenLonger() throws {
        var bench = ScheduleBench(threads: 1)
        _ = try bench.admit(.language(tokens: 100))
        _ = bench.next()
        bench.finish(after: .milliseconds(500), isWhole: false)
        _ = try bench.admit(.language(tokens: 100))
        #expect(throws: SwitchboardError.self) { try bench.admit(.language(tokens: 100), within: .milliseconds(400)) }
        _ = try bench.admit(.language(tokens: 100), within: .milliseconds(600))
    }

    @Test func whatWasStoppedAtOnceTeachesNothing() throws {
        var bench = ScheduleBench(threads: 1)
        for _ in 0..<20 {
            _ = try bench.admit(.language(tokens: 100))
            _ = bench.next()
            bench.finish(after: .milliseconds(1), isWhole: false)
        }
        _ = try bench.admit(.language(tokens: 100))
        _ = bench.next()
        bench.finish(after: .milliseconds(500))
        _ = try bench.admit(.language(tokens: 100))
        #expect(throws: SwitchboardError.self) { try bench.admit(.language(tokens: 100), within: .milliseconds(400)) }
    }
}

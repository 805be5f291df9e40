import Core
import Testing
import Wire

@testable import Routing

/// Who waits how long for a worker, and who is told to come back when.
@Suite struct WaitingLineTests {
    private typealias Parts = TableParts

    @Test func aClientThatFloodsKeepsNoOtherWaiting() {
        var table = Parts.table(workers: [1], credit: 1)
        for id in 0..<500 as Range<UInt64> { _ = table.submit(Parts.call(id, of: 1), at: Parts.start) }
        for id in 1_000..<1_003 as Range<UInt64> { _ = table.submit(Parts.call(id, of: 2), at: Parts.start) }
        var order: [UInt64] = []
        var current: UInt64 = 0
        for _ in 0..<7 {
            guard let next = Parts.sent(table.finish(current, from: 1, at: Parts.start).actions).keys.first else {
                break
            }
            order.append(next)
            current = next
        }
        #expect(order == [1, 1_000, 2, 1_001, 3, 1_002, 4])
    }

    @Test func aFullLineTakesANewClientAtTheCostOfTheLongest() {
        var table = Parts.table(workers: [1], credit: 0)
        let most = UInt64(WorkerTable.maximumWaiting)
        for id in 0..<most { #expect(table.submit(Parts.call(id, of: 1), at: Parts.start).isEmpty) }
        let actions = table.submit(Parts.call(5_000, of: 2), at: Parts.start)
        #expect(Parts.failed(actions).mapValues(\.code) == [most - 1: .resourceExhausted])
        #expect(Parts.failed(actions)[most - 1]?.retryAfter != nil)
        // The flooding one itself is refused.
        #expect(Parts.failed(table.submit(Parts.call(5_001, of: 1), at: Parts.start)).keys.first == 5_001)
        #expect(table.load(of: RoutingServices.retriever).waiting == WorkerTable.maximumWaiting)
    }

    @Test func whatWouldWaitBeyondItsDeadlineIsRefusedAtOnceAndToldWhenToComeBack() throws {
        var table = Parts.table(workers: [1], credit: 1)
        for id in 0..<41 as Range<UInt64> { _ = table.submit(Parts.call(id, of: 1), at: Parts.start) }
        // One leaves the line each 100 ms.
        for id in 0..<20 as Range<UInt64> {
            let now = Parts.after(100 * Int(id + 1))
            #expect(Parts.sent(table.finish(id, from: 1, at: now).actions) == [id + 1: 1])
        }
        let now = Parts.after(2_000)
        let late = table.submit(Parts.call(100, of: 1, within: .seconds(1), at: now), at: now)
        let error = try #require(Parts.failed(late)[100])
        #expect(error.code == .resourceExhausted)
        let wait = try #require(error.retryAfter)
        #expect(wait > .milliseconds(1_900) && wait < .milliseconds(2_300))
        #expect(table.submit(Parts.call(101, of: 1, within: .seconds(5), at: now), at: now).isEmpty)
        // Another client's turn comes sooner.
        #expect(table.submit(Parts.call(102, of: 2, within: .seconds(1), at: now), at: now).isEmpty)
    }

    @Test func whatACallMayWaitIsHalfOfWhatItsWorkersTimeLeaves() {
        var table = Parts.table(workers: [1], credit: 30)
        for id in 0..<200 as Range<UInt64> {
            #expect(Parts.failed(table.submit(Parts.call(id, of: 1, within: .seconds(60)), at: Parts.start)).isEmpty)
        }
        // One leaves the line each 10 ms, and a worker has each for 300 ms.
        for id in 0..<100 as Range<UInt64> { _ = table.finish(id, from: 1, at: Parts.after(10 * Int(id + 1))) }
        let now = Parts.after(1_000)
        // 70 wait, for 0.7 s: more than half of 1.6 - 0.3 s, less than half of 2 - 0.3 s.
        let late = table.submit(Parts.call(300, of: 1, within: .milliseconds(1_600), at: now), at: now)
        #expect(Parts.failed(late)[300]?.code == .resourceExhausted)
        #expect(table.submit(Parts.call(301, of: 1, within: .seconds(2), at: now), at: now).isEmpty)
    }

    @Test func aFewAlwaysMayWaitSoThatAPaceThatWasSlowOnceIsForgotten() {
        var table = Parts.table(workers: [1], credit: 1)
        for id in 0..<2 as Range<UInt64> { _ = table.submit(Parts.call(id), at: Parts.start) }
        let now = Parts.after(5_000)
        #expect(Parts.sent(table.finish(0, from: 1, at: now).actions) == [1: 1])
        for id in 0..<UInt64(WorkerTable.neverRefused) {
            #expect(table.submit(Parts.call(10 + id, within: .seconds(1), at: now), at: now).isEmpty)
        }
        let refused = table.submit(Parts.call(100, within: .seconds(1), at: now), at: now)
        #expect(Parts.failed(refused)[100]?.code == .resourceExhausted)
    }

    @Test func whatWasSeenLongAgoRefusesNobody() {
        var pace = LinePace()
        pace.began(at: Parts.start)
        pace.left(1, at: Parts.after(5_000))
        #expect(pace.wait(behind: 0, at: Parts.after(5_000)) == .seconds(5))
        #expect(pace.wait(behind: 0, at: Parts.after(60_000)) == nil)
    }

    @Test func theTimeThatALineIsEmptyDoesNotCount() throws {
        var pace = LinePace()
        for time in [0, 1_000, 2_000, 3_000] {
            pace.began(at: Parts.after(time))
            pace.left(2, at: Parts.after(time + 20))
        }
        let wait = try #require(pace.wait(behind: 9, at: Parts.after(3_020)))
        #expect(wait > .milliseconds(99) && wait < .milliseconds(101))
    }

    @Test func thoseWhoLeaveTogetherCountAsManyAsTheyAre() throws {
        var pace = LinePace()
        pace.began(at: Parts.start)
        // 16 at once, each 160 ms.
        for batch in 1...20 {
            for _ in 0..<16 { pace.left(1, at: Parts.after(160 * batch)) }
        }
        let wait = try #require(pace.wait(behind: 31, at: Parts.after(3_250)))
        #expect(wait > .milliseconds(310) && wait < .milliseconds(330))
    }
}

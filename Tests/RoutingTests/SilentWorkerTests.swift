import Core
import Testing
import Wire

@testable import Routing

/// Workers that are not heard, and such that leave.
@Suite struct SilentWorkerTests {
    private typealias Parts = TableParts

    @Test func theCallsOfASilentWorkerGoToAnotherWithinItsTime() {
        var table = Parts.table(workers: [1, 2], credit: 2)
        #expect(Parts.sent(table.submit(Parts.call(1), at: Parts.start)) == [1: 1])
        var found: Int?
        for time in stride(from: 0, through: 2_000, by: 100) where found == nil {
            _ = table.heard(2, at: Parts.after(time))
            let (actions, gone) = table.watch(Parts.after(time))
            #expect(gone.isEmpty)
            if Parts.sent(actions) == [1: 2] {
                #expect(Parts.cancelled(actions) == [1: 1])
                found = time
            }
        }
        #expect(found == 500)
        // The first one's answer gives its credit back, and is not the call's.
        #expect(!table.finish(1, from: 1).isKnown)
        #expect(table.finish(1, from: 2).isKnown)
        #expect(table.load(of: RoutingServices.retriever).credit == 2)
    }

    @Test func withTheDefaultHeartbeatAnotherHasTheCallsWellBeforeASecondHasPassed() {
        #expect(WorkerTable.heartbeat * WorkerTable.missedHeartbeats + WorkerTable.watchInterval < .seconds(1))
    }

    @Test func aSilentWorkerGetsNothingUntilItIsHeard() {
        var table = Parts.table(workers: [1], credit: 2)
        #expect(Parts.sent(table.submit(Parts.call(1), at: Parts.start)) == [1: 1])
        for time in stride(from: 0, through: 900, by: 100) { #expect(table.watch(Parts.after(time)).actions.isEmpty) }
        // There is no other: what it has stays there, what comes waits.
        #expect(table.submit(Parts.call(2), at: Parts.after(950)).isEmpty)
        #expect(table.services.contains(RoutingServices.retriever))
        #expect(Parts.sent(table.heard(1, at: Parts.after(1_000))) == [2: 1])
        #expect(table.finish(1, from: 1).isKnown)
    }

    @Test func whatNobodyCouldTakeIsTakenByWhoComes() {
        var table = Parts.table(workers: [1], credit: 2)
        _ = table.submit(Parts.call(1), at: Parts.start)
        for time in stride(from: 0, through: 900, by: 100) { #expect(table.watch(Parts.after(time)).actions.isEmpty) }
        Parts.attach(2, to: &table, credit: 1, at: Parts.after(950))
        #expect(Parts.sent(table.watch(Parts.after(1_000)).actions) == [1: 2])
        // What was passed on is not passed on again.
        _ = table.heard(2, at: Parts.after(1_100))
        #expect(table.watch(Parts.after(1_100)).actions.isEmpty)
    }

    @Test func aWorkerThatStaysSilentIsGone() {
        var table = Parts.table(workers: [1], credit: 2)
        var gone: [WorkerTable.WorkerID] = []
        var time = 0
        while gone.isEmpty, time < 60_000 {
            gone = table.watch(Parts.after(time)).gone
            time += 100
        }
        #expect(gone == [1])
        #expect(Parts.after(time) >= Parts.start + WorkerTable.longestSilence)
        #expect(table.detach(1, at: Parts.after(time)).isEmpty)
    }

    @Test func whoPromisedNothingIsNeverSilent() {
        var table = WorkerTable()
        table.attach(1, WorkerHello(name: "old", services: [RoutingServices.retriever]), at: Parts.start)
        for time in stride(from: 0, through: 60_000, by: 100) {
            let (actions, gone) = table.watch(Parts.after(time))
            #expect(actions.isEmpty && gone.isEmpty)
        }
    }

    @Test func aGatewayThatWasAwayItselfCallsNobodySilent() {
        var table = Parts.table(workers: [1], credit: 1)
        _ = table.watch(Parts.after(0))
        let (actions, gone) = table.watch(Parts.after(30_000))
        #expect(actions.isEmpty && gone.isEmpty)
        #expect(Parts.sent(table.submit(Parts.call(1, within: .seconds(60)), at: Parts.after(30_050))) == [1: 1])
    }

    @Test func aWorkerThatLeavesGetsNoNewCallsAndHasLeftWithItsLastAnswer() {
        var table = Parts.table(workers: [1, 2], credit: 2)
        #expect(Parts.sent(table.submit(Parts.call(1), at: Parts.start)) == [1: 1])
        #expect(table.leave(1, at: Parts.start).isEmpty)
        #expect(!table.hasLeft(1))
        #expect(Parts.sent(table.submit(Parts.call(2), at: Parts.start)) == [2: 2])
        #expect(Parts.sent(table.submit(Parts.call(3), at: Parts.start)) == [3: 2])
        #expect(table.submit(Parts.call(4), at: Parts.start).isEmpty)
        #expect(table.finish(1, from: 1, at: Parts.start).isKnown)
        #expect(table.hasLeft(1))
        #expect(table.load(of: RoutingServices.retriever).workers == 1)
    }

    @Test func callsThatWaitFailWhereTheLastWorkerLeaves() {
        var table = Parts.table(workers: [1], credit: 1)
        _ = table.submit(Parts.call(1), at: Parts.start)
        _ = table.submit(Parts.call(2), at: Parts.start)
        #expect(Parts.failed(table.leave(1, at: Parts.start)).mapValues(\.code) == [2: .unavailable])
        #expect(table.services.isEmpty)
        #expect(table.finish(1, from: 1, at: Parts.start).isKnown)
    }
}

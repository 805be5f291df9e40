import Calls
import Core
import Testing
import Wire

@testable import Routing

@Suite struct WorkerTableTests {
    @Test func aCallWithoutAWorkerFailsAtOnce() {
        var table = WorkerTable()
        guard case .fail(1, let error) = table.submit(Self.call(1)).first else {
            Issue.record("the call did not fail")
            return
        }
        #expect(error.code == .unavailable)
        #expect(error.retryAfter != nil)
    }

    @Test func aCallWaitsForCreditAndGoesOutWithIt() {
        var table = WorkerTable()
        table.attach(1, Self.hello)
        #expect(table.submit(Self.call(1)).isEmpty)
        let actions = table.credit(1, WorkerCredit(service: RoutingServices.retriever, calls: 1))
        #expect(Self.sent(actions) == [1: 1])
        #expect(table.submit(Self.call(2)).isEmpty)
        #expect(Self.sent(table.finish(1, from: 1).actions) == [2: 1])
    }

    @Test func creditForAServiceThatWasNotAnnouncedCountsForNothing() {
        var table = Self.table(workers: [1], credit: 1)
        table.attach(2, WorkerHello(name: "other", services: [RoutingServices.scorer]))
        #expect(Self.sent(table.submit(Self.call(1))) == [1: 1])
        #expect(table.submit(Self.call(2)).isEmpty)
        #expect(table.credit(2, WorkerCredit(service: RoutingServices.retriever, calls: 9)).isEmpty)
        for number in 0..<100 { _ = table.credit(2, WorkerCredit(service: "service \(number)", calls: 9)) }
        #expect(table.workers[2]?.credit.isEmpty == true)
    }

    @Test func twoWorkersOfOneKindWithOneNameAreNamesakes() {
        var table = WorkerTable()
        table.attach(1, WorkerHello(name: "a", services: [RoutingServices.retriever]))
        // A node with both roles.
        table.attach(2, WorkerHello(name: "a", services: [RoutingServices.scorer]))
        table.attach(3, WorkerHello(name: "b", services: [RoutingServices.retriever]))
        #expect(!table.hasNamesake(1) && !table.hasNamesake(2) && !table.hasNamesake(3))
        table.attach(4, WorkerHello(name: "a", services: [RoutingServices.retriever]))
        #expect(table.hasNamesake(4) && table.hasNamesake(1) && !table.hasNamesake(2))
        _ = table.leave(1)
        #expect(!table.hasNamesake(4), "it goes")
        #expect(!table.hasNamesake(9))
    }

    @Test func theLeastLoadedWorkerTakesTheNextCall() {
        var table = Self.table(workers: [1, 2], credit: 4)
        #expect(Self.sent(table.submit(Self.call(1))) == [1: 1])
        #expect(Self.sent(table.submit(Self.call(2))) == [2: 2])
        _ = table.finish(1, from: 1)
        #expect(Self.sent(table.submit(Self.call(3))) == [3: 1])
    }

    @Test func aWorkerThatIsBehindOrDeafIsUsedLast() {
        let log = LogID(7)
        let wanted = LogPosition(log: log, sequence: LogSequence(9))
        var table = Self.table(workers: [1, 2], credit: 4)
        _ = table.applied(1, WorkerApplied(position: LogPosition(log: log, sequence: LogSequence(8))))
        _ = table.applied(2, WorkerApplied(position: wanted))
        #expect(Self.sent(table.submit(Self.call(1, minPosition: wanted))) == [1: 2])
        _ = table.applied(1, WorkerApplied(position: wanted))
        _ = table.applied(1, WorkerApplied(position: wanted, isUpdaterSilent: true))
        #expect(Self.sent(table.submit(Self.call(2))) == [2: 2])
    }

    @Test func callsOfAWorkerThatGoesAreGivenToAnother() {
        var table = Self.table(workers: [1, 2], credit: 1)
        _ = table.submit(Self.call(1))
        _ = table.submit(Self.call(2))
        #expect(table.detach(1).isEmpty)
        #expect(Self.sent(table.finish(2, from: 2).actions) == [1: 2])
    }

    @Test func callsOfTheLastWorkerFailWhenItGoes() {
        var table = Self.table(workers: [1], credit: 1)
        _ = table.submit(Self.call(1))
        guard case .fail(1, let error) = table.detach(1).first else {
            Issue.record("the call did not fail")
            return
        }
        #expect(error.code == .unavailable)
    }

    @Test func aCallThatLosesItsWorkerTwiceFails() {
        var table = Self.table(workers: [1, 2, 3], credit: 1)
        #expect(Self.sent(table.submit(Self.call(1))) == [1: 1])
        #expect(Self.sent(table.detach(1)) == [1: 2])
        let actions = table.detach(2)
        #expect(Self.failed(actions) == [1: .unavailable])
        #expect(Self.sent(actions).isEmpty)
        #expect(Self.sent(table.submit(Self.call(2))) == [2: 3])
    }

    @Test func callsOfAWorkerThatGoesKeepTheirOrder() {
        var table = Self.table(workers: [1], credit: 2)
        _ = table.submit(Self.call(1))
        _ = table.submit(Self.call(2))
        table.attach(2, Self.hello)
        #expect(table.detach(1).isEmpty)
        let credit = WorkerCredit(service: RoutingServices.retriever, calls: 1)
        #expect(Self.sent(table.credit(2, credit)) == [1: 2])
        #expect(Self.sent(table.finish(1, from: 2).actions) == [2: 2])
    }

    @Test func callsThatWaitForARecordHoldNoCredit() {
        var table = Self.table(workers: [1], credit: 1)
        _ = table.applied(1, WorkerApplied(position: Self.position(8)))
        for id in UInt64(1)...100 {
            #expect(table.submit(Self.call(id, minPosition: Self.position(1 << 40))).isEmpty)
        }
        #expect(table.load(of: RoutingServices.retriever).waiting == 100)
        #expect(Self.sent(table.submit(Self.call(101))) == [101: 1])
        _ = table.finish(101, from: 1)
        #expect(Self.sent(table.submit(Self.call(102, minPosition: Self.position(8)))) == [102: 1])
    }

    @Test func aCallGoesOutWhenItsRecordIsApplied() {
        var table = Self.table(workers: [1, 2], credit: 1)
        _ = table.applied(1, WorkerApplied(position: Self.position(8)))
        _ = table.applied(2, WorkerApplied(position: Self.position(8)))
        #expect(table.submit(Self.call(1, minPosition: Self.position(10))).isEmpty)
        #expect(table.applied(1, WorkerApplied(position: Self.position(9))).isEmpty)
        #expect(Self.sent(table.applied(2, WorkerApplied(position: Self.position(10)))) == [1: 2])
    }

    @Test func aCallWaitsForCreditOfAWorkerThatHasItsRecord() {
        var table = Self.table(workers: [1, 2], credit: 1)
        _ = table.applied(1, WorkerApplied(position: Self.position(8)))
        _ = table.applied(2, WorkerApplied(position: Self.position(9)))
        #expect(Self.sent(table.submit(Self.call(1, minPosition: Self.position(9)))) == [1: 2])
        #expect(table.submit(Self.call(2, minPosition: Self.position(9))).isEmpty)
        #expect(Self.sent(table.finish(1, from: 2).actions) == [2: 2])
    }

    @Test func aCallThatWaitsForARecordExpiresAndIsTakenBack() {
        var table = Self.table(workers: [1], credit: 2)
        _ = table.applied(1, WorkerApplied(position: Self.position(8)))
        _ = table.submit(Self.call(1, minPosition: Self.position(9)))
        _ = table.submit(Self.call(2, minPosition: Self.position(9)))
        #expect(table.abandon(1).isEmpty)
        #expect(table.expire(.now).isEmpty)
        #expect(Self.failed(table.expire(.now + .seconds(20))) == [2: .deadlineExceeded])
        #expect(table.applied(1, WorkerApplied(position: Self.position(9))).isEmpty)
    }

    @Test func callsThatWaitForARecordAreBounded() {
        var table = Self.table(workers: [1], credit: 1)
        func submit(_ id: UInt64, of client: UInt8) -> [UInt64: StatusCode] {
            Self.failed(table.submit(Self.call(id, of: client, minPosition: Self.position(9))))
        }
        let share = UInt64(WorkerTable.maximumEarly / 2)
        for id in 0..<share { #expect(submit(id, of: 1).isEmpty) }
        #expect(submit(999, of: 1) == [999: .resourceExhausted])
        // Another client finds room all the same, and however many there are the line has an end.
        #expect(submit(1_000, of: 2).isEmpty)
        for id in UInt64(2_000)..<4_000 { _ = submit(id, of: UInt8(id % 50 + 3)) }
        #expect(table.load(of: RoutingServices.retriever).waiting <= WorkerTable.maximumEarly)
        #expect(submit(5_000, of: 1) == [5_000: .resourceExhausted])
    }

    @Test func aPositionOfAnotherLogIsRefused() {
        var table = Self.table(workers: [1], credit: 1)
        let other = LogPosition(log: LogID(8), sequence: LogSequence(1))
        // Until the worker has said which log it follows the call waits.
        #expect(table.submit(Self.call(1, minPosition: other)).isEmpty)
        let actions = table.applied(1, WorkerApplied(position: Self.position(8)))
        #expect(Self.failed(actions) == [1: .failedPrecondition])
        #expect(Self.failed(table.submit(Self.call(2, minPosition: other))) == [2: .failedPrecondition])
    }

    @Test func callsThatWaitForARecordFailWithTheLastWorker() {
        var table = Self.table(workers: [1], credit: 1)
        _ = table.applied(1, WorkerApplied(position: Self.position(8)))
        _ = table.submit(Self.call(1, minPosition: Self.position(9)))
        #expect(Self.failed(table.detach(1)) == [1: .unavailable])
    }

    @Test func liveCallsGoBeforeUpdates() {
        var table = Self.table(workers: [1], credit: 1)
        _ = table.submit(Self.call(1))
        _ = table.submit(Self.call(2, priority: .updates))
        _ = table.submit(Self.call(3))
        #expect(Self.sent(table.finish(1, from: 1).actions) == [3: 1])
    }

    @Test func anAbandonedCallIsTakenBack() {
        var table = Self.table(workers: [1], credit: 1)
        _ = table.submit(Self.call(1))
        _ = table.submit(Self.call(2))
        #expect(table.abandon(2).isEmpty)
        #expect(table.abandon(1) == [1])
        // Its credit comes back with the worker's answer.
        #expect(!table.finish(1, from: 1).isKnown)
        #expect(Self.sent(table.submit(Self.call(3))) == [3: 1])
    }

    @Test func theWaitingLineIsBounded() {
        var table = Self.table(workers: [1], credit: 0)
        for id in 0..<UInt64(WorkerTable.maximumWaiting) { _ = table.submit(Self.call(id)) }
        guard case .fail(_, let error) = table.submit(Self.call(9_999)).first else {
            Issue.record("the call was taken")
            return
        }
        #expect(error.code == .resourceExhausted)
    }

    @Test func aBusyServiceKeepsNoOtherWaiting() {
        var table = Self.table(workers: [1], credit: 1)
        table.attach(2, WorkerHello(name: "s", services: [RoutingServices.scorer]))
        for id in 0..<UInt64(WorkerTable.maximumWaiting) { #expect(table.submit(Self.score(id)).isEmpty) }
        #expect(Self.failed(table.submit(Self.score(9_999))) == [9_999: .resourceExhausted])
        #expect(Self.sent(table.submit(Self.call(10_000))) == [10_000: 1])
        #expect(table.load(of: RoutingServices.scorer).waiting == WorkerTable.maximumWaiting)
    }

    @Test func updatesAndDiscoveryLeaveRoomForCallers() {
        var table = Self.table(workers: [1], credit: 0)
        let half = UInt64(WorkerTable.maximumWaiting / 2)
        for id in 0..<half { #expect(table.submit(Self.call(id, priority: .discovery)).isEmpty) }
        #expect(Self.failed(table.submit(Self.call(5_000, priority: .discovery))) == [5_000: .resourceExhausted])
        for id in half..<half + half / 2 { #expect(table.submit(Self.call(id, priority: .updates)).isEmpty) }
        #expect(Self.failed(table.submit(Self.call(5_001, priority: .updates))) == [5_001: .resourceExhausted])
        #expect(table.submit(Self.call(5_002)).isEmpty)
    }

    @Test func aCallThatAWorkerCanTakeIsTakenThoughTheLineIsFull() {
        var table = Self.table(workers: [1], credit: 0)
        table.attach(2, Self.hello)
        _ = table.applied(1, WorkerApplied(position: Self.position(9)))
        _ = table.applied(2, WorkerApplied(position: Self.position(8)))
        // The first worker alone has the record, and takes nothing.
        for id in 0..<UInt64(WorkerTable.maximumWaiting) {
            #expect(table.submit(Self.call(id, minPosition: Self.position(9))).isEmpty)
        }
        let credit = WorkerCredit(service: RoutingServices.retriever, calls: 1)
        #expect(table.credit(2, credit).isEmpty)
        #expect(Self.sent(table.submit(Self.call(9_999))) == [9_999: 2])
    }

    @Test func whatWaitsAndWhatAWorkerHasExpires() {
        var table = Self.table(workers: [1], credit: 1)
        #expect(table.earliestDeadline == nil)
        _ = table.submit(Self.call(1))
        _ = table.submit(Self.call(2))
        #expect(table.earliestDeadline != nil)
        let actions = table.expire(.now + .seconds(20))
        #expect(Self.failed(actions) == [1: .deadlineExceeded, 2: .deadlineExceeded])
        // The one that the worker has, and that one only.
        #expect(Self.cancelled(actions) == [1: 1])
        #expect(table.earliestDeadline == nil)
        #expect(table.expire(.now + .seconds(20)).isEmpty)
        // Its credit comes back with its answer.
        #expect(table.submit(Self.call(3)).isEmpty)
        #expect(Self.sent(table.finish(1, from: 1).actions) == [3: 1])
    }

    @Test func whatExpiredIsNotGivenToAnotherWorker() {
        var table = Self.table(workers: [1, 2], credit: 1)
        #expect(Self.sent(table.submit(Self.call(1))) == [1: 1])
        _ = table.expire(.now + .seconds(20))
        #expect(table.detach(1).isEmpty)
    }

    @Test func manyThatExpiredInTheLineAreDroppedAtOnceWhenCreditComes() {
        var table = Self.table(workers: [1], credit: 0)
        for id in 0..<UInt64(900) { _ = table.submit(Self.call(id)) }
        let credit = WorkerCredit(service: RoutingServices.retriever, calls: 1)
        let actions = table.credit(1, credit, at: .now + .seconds(20))
        #expect(Self.failed(actions).count == 900)
        #expect(Self.sent(actions).isEmpty)
        #expect(Self.sent(table.submit(Self.call(1_000))) == [1_000: 1])
    }

    @Test func aCallWhoseDeadlineHasPassedGoesNowhere() {
        var table = Self.table(workers: [1], credit: 1)
        #expect(Self.failed(table.submit(Self.call(1), at: .now + .seconds(20))) == [1: .deadlineExceeded])
        #expect(table.load(of: RoutingServices.retriever).credit == 1)
    }

    @Test func aPolicyForTheModelHoldsWhereAScorerHasItsModels() throws {
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        let other = try #require(ModelID(bytes: [UInt8](repeating: 2, count: 32)))
        var policy = LLMPolicy(baseModel: model, adapter: other, prompt: model, evidenceWeight: 1, llmWeight: 1)
        var table = Self.table(workers: [1], credit: 1)
        // Nobody is there to say otherwise: the call then finds no scorer, and the answer says so.
        #expect(table.scores(under: policy))
        table.attach(
            2,
            WorkerHello(
                name: "s",
                services: [RoutingServices.scorer],
                baseModel: model,
                adapter: other,
                prompt: model
            )
        )
        #expect(table.scores(under: policy))
        policy.adapter = nil
        #expect(!table.scores(under: policy))
    }

    @Test func aWorkerThatIsUsedLastIsNoSoundOne() {
        var table = Self.table(workers: [1, 2], credit: 1)
        #expect(table.hasSoundWorker(of: RoutingServices.retriever))
        #expect(!table.hasSoundWorker(of: RoutingServices.scorer))
        _ = table.applied(1, WorkerApplied(position: nil, isUpdaterSilent: true))
        #expect(table.hasSoundWorker(of: RoutingServices.retriever))
        _ = table.applied(2, WorkerApplied(position: nil, isUpdaterSilent: true))
        #expect(!table.hasSoundWorker(of: RoutingServices.retriever))
        _ = table.applied(1, WorkerApplied(position: nil))
        #expect(table.hasSoundWorker(of: RoutingServices.retriever))
    }

    @Test func tellsTheModelsOfItsScorersOnceEachAndAFew() throws {
        var table = Self.table(workers: [1], credit: 1)
        #expect(table.scoringModels.isEmpty)
        func model(_ byte: UInt8) throws -> ModelID {
            try #require(ModelID(bytes: [UInt8](repeating: byte, count: 32)))
        }
        func attach(_ worker: UInt64, _ byte: UInt8) throws {
            let id = try model(byte)
            table.attach(
                worker,
                WorkerHello(name: "s", services: [RoutingServices.scorer], baseModel: id, prompt: id)
            )
        }
        try attach(2, 7)
        try attach(3, 7)
        #expect(table.scoringModels == [ScoringModels(base: try model(7), adapter: nil, prompt: try model(7))])
        for worker in 10..<30 { try attach(UInt64(worker), UInt8(worker)) }
        #expect(table.scoringModels.count == RetrieveRequest.maximumScorers)
        for worker in UInt64(3)..<30 { _ = table.detach(worker) }
        #expect(table.scoringModels.count == 1)
        _ = table.detach(2)
        #expect(table.scoringModels.isEmpty)
    }

    private static let hello = WorkerHello(name: "w", services: [RoutingServices.retriever])

    private static func position(_ sequence: UInt64) -> LogPosition {
        LogPosition(log: LogID(7), sequence: LogSequence(sequence))
    }

    private static func table(workers: [WorkerTable.WorkerID], credit: Int) -> WorkerTable {
        var table = WorkerTable()
        for worker in workers {
            table.attach(worker, hello)
            _ = table.credit(worker, WorkerCredit(service: RoutingServices.retriever, calls: credit))
        }
        return table
    }

    private static func score(_ id: UInt64) -> WorkerTable.PendingCall {
        WorkerTable.PendingCall(
            id: id,
            method: "switchboard.v1.Scorer/Score",
            payload: [],
            deadline: .now + .seconds(10),
            minPosition: nil,
            priority: .live,
        )
    }

    private static func call(
        _ id: UInt64,
        of client: UInt8 = 0,
        minPosition: LogPosition? = nil,
        priority: Priority = .live,
    ) -> WorkerTable.PendingCall {
        WorkerTable.PendingCall(
            id: id,
            method: "switchboard.v1.Retriever/Retrieve",
            payload: [],
            deadline: .now + .seconds(10),
            minPosition: minPosition,
            priority: priority,
            client: ClientIdentity([client]),
        )
    }

    /// Call id to worker.
    private static func sent(_ actions: [WorkerTable.Action]) -> [UInt64: WorkerTable.WorkerID] {
        var sent: [UInt64: WorkerTable.WorkerID] = [:]
        for case .send(let call, let worker) in actions { sent[call.id] = worker }
        return sent
    }

    /// Call id to the worker that is told.
    private static func cancelled(_ actions: [WorkerTable.Action]) -> [UInt64: WorkerTable.WorkerID] {
        var cancelled: [UInt64: WorkerTable.WorkerID] = [:]
        for case .cancel(let callID, let worker) in actions { cancelled[callID] = worker }
        return cancelled
    }

    /// Call id to what it is told.
    private static func failed(_ actions: [WorkerTable.Action]) -> [UInt64: StatusCode] {
        var failed: [UInt64: StatusCode] = [:]
        for case .fail(let callID, let error) in actions { failed[callID] = error.code }
        return failed
    }
}

import Core
import Testing
import Wire

@testable import Routing

/// A question under a policy goes to a scorer with the models that the policy was fitted for, and to no other.
struct ScoringWorkersTests {
    private static func model(_ byte: UInt8) -> ModelID {
        ModelID(bytes: [UInt8](repeating: byte, count: ModelID.byteCount))!  // As long as an id is.
    }

    private static func policy(_ base: UInt8) -> LLMPolicy {
        LLMPolicy(baseModel: model(base), adapter: nil, prompt: model(9), evidenceWeight: 1, llmWeight: 1)
    }

    private static func call(_ id: UInt64, for policy: LLMPolicy?) -> WorkerTable.PendingCall {
        WorkerTable.PendingCall(
            id: id,
            method: "switchboard.v1.Scorer/Score",
            payload: [],
            deadline: TableParts.after(10_000),
            minPosition: nil,
            priority: .live,
            scoringPolicy: policy,
        )
    }

    private static func attach(_ worker: WorkerTable.WorkerID, _ base: UInt8, to table: inout WorkerTable) {
        let hello = WorkerHello(
            name: "scorer-\(worker)",
            services: [RoutingServices.scorer],
            baseModel: model(base),
            prompt: model(9),
            heartbeat: TableParts.heartbeat
        )
        table.attach(worker, hello, at: TableParts.start)
    }

    private static func credit(
        _ worker: WorkerTable.WorkerID,
        _ calls: Int,
        to table: inout WorkerTable,
    ) -> [WorkerTable.Action] {
        let credit = WorkerCredit(service: RoutingServices.scorer, calls: calls)
        return table.credit(worker, credit, at: TableParts.start)
    }

    /// Two scorers of different models, each with credit.
    private static func table(credit calls: Int) -> WorkerTable {
        var table = WorkerTable()
        for (worker, base): (WorkerTable.WorkerID, UInt8) in [(1, 1), (2, 2)] {
            attach(worker, base, to: &table)
            _ = credit(worker, calls, to: &table)
        }
        return table
    }

    @Test func theLeastLoadedOfThoseWithTheModelsTakesIt() {
        var table = Self.table(credit: 4)
        for id: UInt64 in 1...4 {
            let actions = table.submit(Self.call(id, for: Self.policy(2)), at: TableParts.start)
            #expect(TableParts.sent(actions) == [id: 2])
        }
        // Whoever names no policy may be answered by any.
        #expect(TableParts.sent(table.submit(Self.call(5, for: nil), at: TableParts.start)) == [5: 1])
    }

    @Test func oneThatWaitsForItsModelsKeepsNobodyElseWaiting() {
        var table = Self.table(credit: 0)
        #expect(table.submit(Self.call(1, for: Self.policy(2)), at: TableParts.start).isEmpty)
        #expect(table.submit(Self.call(2, for: Self.policy(1)), at: TableParts.start).isEmpty)
        #expect(table.submit(Self.call(3, for: nil), at: TableParts.start).isEmpty)
        let first = Self.credit(1, 4, to: &table)
        #expect(TableParts.sent(first) == [2: 1, 3: 1])
        let second = Self.credit(2, 4, to: &table)
        #expect(TableParts.sent(second) == [1: 2])
    }

    @Test func oneWithoutAScorerOfItsModelsFailsAtOnce() {
        var table = Self.table(credit: 1)
        let actions = table.submit(Self.call(1, for: Self.policy(3)), at: TableParts.start)
        #expect(TableParts.failed(actions)[1]?.code == .unavailable)
        #expect(TableParts.failed(actions)[1]?.message.contains("models") == true)
    }

    @Test func whatItsScorerHadOrWaitedForFailsWhenThatGoes() {
        var table = Self.table(credit: 1)
        _ = table.submit(Self.call(1, for: Self.policy(2)), at: TableParts.start)
        _ = table.submit(Self.call(2, for: Self.policy(2)), at: TableParts.start)
        let actions = table.detach(2, at: TableParts.start)
        #expect(Set(TableParts.failed(actions).keys) == [1, 2])
        #expect(TableParts.sent(actions).isEmpty)
        #expect(TableParts.sent(table.submit(Self.call(3, for: Self.policy(1)), at: TableParts.start)) == [3: 1])
    }

    @Test func whatASilentScorerHasStaysWhereNoOtherHasItsModels() {
        var table = Self.table(credit: 1)
        _ = table.submit(Self.call(1, for: Self.policy(2)), at: TableParts.start)
        var cancelled: [UInt64: WorkerTable.WorkerID] = [:]
        for step in 1...10 {
            let now = TableParts.after(step * 90)
            _ = table.heard(1, at: now)
            cancelled.merge(TableParts.cancelled(table.watch(now).actions)) { first, _ in first }
        }
        #expect(cancelled.isEmpty)
        #expect(table.finish(1, from: 2, at: TableParts.after(1_000)).isKnown)
    }
}

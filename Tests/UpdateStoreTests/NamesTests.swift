import Core
import Testing

@testable import UpdateStore

/// Renames and merges in the log: planned on values, then in a file that is closed and opened.
@Suite(.timeLimit(.minutes(1))) struct NamesTests {
    private func batch(_ operation: String, _ commands: [LogCommand]) -> AppendBatch {
        Samples.batch(operation, commands)
    }

    private func loaded() throws -> PlannedLog {
        var log = PlannedLog()
        try log.append(
            batch(
                "load",
                [
                    try Samples.upsert("one", "orders/late"), try Samples.upsert("two", "orders/lost"),
                    try Samples.upsert("three", "delivery/late"), try Samples.upsert("four", "a/b/c/d/e/f/g/h"),
                ]
            )
        )
        return log
    }

    private func code(_ command: LogCommand) throws -> StatusCode? {
        var log = try loaded()
        do {
            try log.append(batch("x", [command]))
            return nil
        } catch let error as SwitchboardError {
            return error.code
        }
    }

    @Test func oneRecordRenamesASubtreeAndTouchesNoExemplar() throws {
        var log = try loaded()
        let (before, exemplars) = (log.state, log.ledger.all)
        let plan = try log.append(batch("x", [try Samples.rename("orders", "parcels/old")]))
        #expect(plan.records.count == 1 && plan.changes.isEmpty)
        #expect(plan.receipt.renamed == 3 && plan.receipt.merged == 0)
        #expect(plan.receipt.created.map(\.path.description) == ["parcels"])
        #expect(log.ledger.all == exemplars)
        #expect(log.state.digest != before.digest)
        // The path is known under its new name alone.
        let again = try log.append(batch("y", [try Samples.upsert("one", "parcels/old/late")]))
        #expect(again.records.isEmpty && again.receipt.unchanged == 1)
        let back = try log.append(batch("z", [try Samples.rename("parcels/old", "orders")]))
        #expect(back.receipt.renamed == 3)
    }

    @Test func oneRecordMergesASubtree() throws {
        var log = try loaded()
        let exemplars = log.ledger.all
        let plan = try log.append(batch("x", [try Samples.merge("orders", "delivery")]))
        #expect(plan.records.count == 1 && plan.changes.isEmpty)
        #expect(plan.receipt.merged == 2 && plan.receipt.renamed == 1)
        #expect(log.ledger.all == exemplars)
        // An exemplar whose intent became the other one has that label already.
        let again = try log.append(batch("y", [try Samples.upsert("one", "delivery/late")]))
        #expect(again.records.isEmpty && again.receipt.unchanged == 1)
        let moved = try log.append(batch("z", [try Samples.upsert("three", "delivery/lost")]))
        #expect(moved.receipt.relabelled == 1)
    }

    @Test func whatIsAgainstTheRulesIsRefusedAsAWhole() throws {
        #expect(try code(try Samples.rename("orders", "delivery")) == .alreadyExists)
        #expect(try code(try Samples.rename("orders", "orders/old")) == .invalidArgument)
        #expect(try code(try Samples.rename("none", "some")) == .notFound)
        #expect(try code(try Samples.rename("a/b", "x/y/z")) == .invalidArgument)
        #expect(try code(try Samples.rename("a/b", "x/y")) == nil)
        #expect(try code(try Samples.rename("orders", "orders")) == nil)
        #expect(try code(try Samples.merge("orders", "orders/late")) == .invalidArgument)
        #expect(try code(try Samples.merge("orders", "orders")) == .invalidArgument)
        #expect(try code(try Samples.merge("orders/late", "orders")) == nil)
        #expect(try code(try Samples.merge("orders", "none")) == .notFound)
        #expect(try code(try Samples.merge("orders", "delivery", vertical: "other")) == .notFound)
        #expect(try code(try Samples.merge("a", "orders/late")) == .invalidArgument)
    }

    @Test func aBatchThatCreatesNoIntentsNamesNothingAboveANewPath() throws {
        var log = try loaded()
        let plan = try log.append(
            Samples.batch("x", refusesNewIntents: true, [try Samples.rename("orders", "new/orders")])
        )
        #expect(plan.records.isEmpty && plan.receipt.refusals.count == 1)
    }

    @Test func theFileKnowsNamesAfterReopening() async throws {
        let folder = try TemporaryFolder()
        var log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(
            batch("a", [try Samples.upsert("one", "orders/late"), try Samples.upsert("two", "delivery")])
        )
        _ = try await log.append(batch("b", [try Samples.rename("orders", "parcels")]))
        _ = try await log.append(batch("c", [try Samples.merge("parcels", "delivery")]))
        let (head, names) = (log.head, log.taxonomy.all)
        let paths = try await log.export().page(after: .start).exemplars.map(\.path.description)
        #expect(paths == ["delivery/late", "delivery"])
        #expect(try await log.check().fault == nil)
        try await log.close()
        log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(log.head.digest == head.digest && log.head.position == head.position)
        #expect(log.taxonomy.all == names)
        #expect(log.taxonomy.id(of: try IntentPath("parcels"), in: .default) == nil)
        try await log.close()
    }

    @Test func aRehearsalSaysTheSameAndWritesNothing() async throws {
        let folder = try TemporaryFolder()
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(batch("a", [try Samples.upsert("one", "a/x"), try Samples.upsert("two", "b/x")]))
        let head = log.head
        let merge = batch("b", [try Samples.merge("a", "b")])
        let planned = try await log.rehearse(merge)
        #expect(planned.merged == 2 && planned.first == nil && planned.position == head.position)
        #expect(log.head == head)
        let done = try await log.append(merge)
        #expect(done.merged == planned.merged && !done.isRepeated)
        try await log.close()
    }

    @Test func historyTellsKindsNewestFirstInPages() async throws {
        let folder = try TemporaryFolder()
        let log = try UpdateLog(in: DataDirectory(folder.path))
        for number in 0..<5 {
            _ = try await log.append(batch("op-\(number)", [try Samples.upsert("text \(number)", "a")]))
        }
        _ = try await log.append(batch("name", [try Samples.rename("a", "b")]))
        let newest = try await log.history(HistoryQuery(isNewestFirst: true, limit: 2))
        #expect(newest.map(\.first.number) == [6, 5])
        #expect(newest[0].counts == [KindCount(kind: .intentRenamed, count: 1)])
        #expect(newest[0].verticals == [.default])
        let next = try await log.history(HistoryQuery(before: newest[1].first, isNewestFirst: true, limit: 9))
        #expect(next.map(\.last.number) == [4, 3, 2, 1])
        let one = try await log.history(HistoryQuery(change: Array("op-3".utf8)))
        #expect(one.map(\.first.number) == [4])
        #expect(try await log.history(HistoryQuery(after: LogSequence(.max))).isEmpty)
        try await log.close()
    }
}

import Core
import GRDB
import Testing

@testable import UpdateStore

/// A log that begins later than at its first record, in a real file.
@Suite(.timeLimit(.minutes(2))) struct TrimTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> UpdateLog {
        try UpdateLog(in: DataDirectory(folder.path), recentBytes: 0, now: { 1_700_000_000_000_000 })
    }

    /// Records 1 to 8, in operations of 2, 2, 1, 2 and 1.
    private func fill(_ log: UpdateLog) async throws {
        _ = try await log.append(
            Samples.batch("a", [try Samples.upsert("one", "x/y"), try Samples.upsert("two", "x")])
        )
        _ = try await log.append(
            Samples.batch("b", [try Samples.upsert("three", "z"), try Samples.set("x", description: "first words")])
        )
        _ = try await log.append(Samples.batch("c", [try Samples.remove("two")]))
        _ = try await log.append(
            Samples.batch(
                "d",
                [
                    try Samples.set("x", description: "last words"),
                    .setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 5))),
                ]
            )
        )
        _ = try await log.append(Samples.batch("e", [try Samples.upsert("three", "x/y")]))
    }

    private func records(_ log: UpdateLog) async throws -> [UInt64] {
        try await log.read { db in try UInt64.fetchAll(db, sql: "SELECT seq FROM record ORDER BY seq") }
    }

    @Test func whatLivesStaysAndWhatWasIsGone() async throws {
        var log = try open()
        try await fill(log)
        let before = log.head
        #expect(try await log.beginning(ifTrimmedBefore: LogSequence(7)) == LogSequence(6))
        try await log.trim(to: LogSequence(6))
        #expect(log.first == LogSequence(6))
        // 1: the exemplar "one"; 5: leads to the digest before the beginning.
        #expect(try await records(log) == [1, 5, 6, 7, 8])
        #expect(log.head == before)
        try await log.close()

        log = try open()
        #expect(log.first == LogSequence(6))
        #expect(log.head.digest == before.digest)
        #expect(log.condition == .whole)
        #expect(log.policies[.everywhere]?.policy == Samples.policy(k: 5))
        let described = try #require(log.taxonomy.id(of: try IntentPath("x"), in: .default))
        #expect(log.taxonomy[described]?.description == "last words")
        let check = try await log.check()
        #expect(check.fault == nil)
        #expect(check.exemplars == 2)
        #expect(check.records == 3)
        let page = try await log.export().page(after: .start)
        #expect(page.exemplars.map(\.text.value) == ["one", "three"])
        // A label of an exemplar whose record is older than the log's beginning.
        let receipt = try await log.append(Samples.batch("f", [try Samples.upsert("one", "z")]))
        #expect(receipt.relabelled == 1)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func whoIsBelowHearsSo() async throws {
        let log = try open()
        try await fill(log)
        try await log.trim(to: LogSequence(5))
        #expect(await SwitchboardError.code { _ = try await log.operations(after: .start) } == .outOfRange)
        #expect(await SwitchboardError.code { _ = try await log.operations(after: LogSequence(2)) } == .outOfRange)
        #expect(try await log.operations(after: LogSequence(4)).map(\.first) == [5, 6, 8].map { LogSequence($0) })
        #expect(try await log.digest(at: LogSequence(4)) != nil)
        #expect(await SwitchboardError.code { _ = try await log.history(after: LogSequence(2)) } == .outOfRange)
        #expect(try await log.history().map(\.first) == [5, 6, 8].map { LogSequence($0) })
        let beyond = await SwitchboardError.code { _ = try await log.beginning(ifTrimmedBefore: LogSequence(9)) }
        #expect(beyond == .outOfRange)
        try await log.close()
    }

    /// Text to path.
    private func paths(_ log: UpdateLog) async throws -> [String: String] {
        let pairs = try await log.contents().map { ($0.text, $0.path.description) }
        return Dictionary(pairs) { first, _ in first }
    }

    @Test func aChangeWhoseRecordsAreThereIsUndone() async throws {
        let log = try open()
        try await fill(log)
        try await log.trim(to: LogSequence(8))
        let before = try await paths(log)
        let taxonomy = log.taxonomy
        _ = try await log.append(
            Samples.batch(
                "f",
                [
                    // Lives by a record of before the beginning, as does the next; the last two are new.
                    try Samples.upsert("one", "z"), try Samples.remove("three"), try Samples.upsert("four", "new/here"),
                    try Samples.upsert("five", "x"),
                    .setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 9))),
                ]
            )
        )
        _ = try await log.append(Samples.batch("g", [try Samples.upsert("six", "z"), try Samples.upsert("five", "z")]))
        let reversal = try await log.undo(.change(Array("f".utf8))).reversal
        #expect(reversal.counts.relabelled == 1 && reversal.counts.added == 1 && reversal.counts.removed == 1)
        // A later change has touched it.
        #expect(reversal.left.count == 1)
        var expected = before
        expected["five"] = "z"
        expected["six"] = "z"
        #expect(try await paths(log) == expected)
        #expect(log.policies[.everywhere]?.policy == Samples.policy(k: 5))
        #expect(taxonomy.all.allSatisfy { log.taxonomy[$0.id] == $0 })
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func whatATrimmedLogCannotTellIsNotUndone() async throws {
        let log = try open()
        try await fill(log)
        try await log.trim(to: LogSequence(5))
        func code(_ change: String) async -> StatusCode? {
            await SwitchboardError.code { _ = try await log.reversal(of: .change(Array(change.utf8))) }
        }
        // Its records are gone.
        #expect(await code("b") == .outOfRange)
        // The text that it removed is gone; so is what it described anew, and the label that it replaced.
        for change in ["c", "d", "e"] { #expect(await code(change) == .outOfRange, "\(change)") }
        #expect(await code("nobody") == .notFound)
        _ = try await log.append(Samples.batch("f", [try Samples.upsert("seven", "x")]))
        #expect(await code("f") == nil)
        _ = try await log.append(Samples.batch("g", [try Samples.rename("z", "w")]))
        #expect(await code("g") == .outOfRange)
        #expect(await code("f") == .outOfRange)
        try await log.close()
    }

    @Test func operationIDsStay() async throws {
        let log = try open()
        try await fill(log)
        try await log.trim(to: LogSequence(8))
        let batch = Samples.batch("a", [try Samples.upsert("one", "x/y"), try Samples.upsert("two", "x")])
        let again = try await log.append(batch)
        #expect(again.isRepeated)
        #expect(again.position.sequence == LogSequence(2))
        #expect(log.head.position.sequence == LogSequence(8))
        try await log.close()
    }

    @Test func trimmingAgainDeletesWhatWasLeft() async throws {
        let log = try open()
        try await fill(log)
        try await log.trim(to: LogSequence(5))
        try await log.trim(to: LogSequence(3))
        #expect(log.first == LogSequence(5))
        try await log.trim(to: LogSequence(8))
        #expect(try await records(log) == [1, 6, 7, 8])
        try await log.close()
    }

    /// Whoever trims to a place waits neither for the other nor for what the other deletes.
    @Test func twoTrimsAtATimeDeleteNothingThatLives() async throws {
        let log = try open()
        for number in 0..<4 {
            let texts = (0..<1_000).map { "text \(number * 1_000 + $0)" }
            _ = try await log.append(
                Samples.batch("load \(number)", try texts.map { try Samples.upsert($0, "x") })
            )
        }
        _ = try await log.append(
            Samples.batch("last", [try Samples.remove("text 1"), try Samples.remove("text 2001")])
        )
        async let far: Void = log.trim(to: LogSequence(4_001))
        async let near: Void = log.trim(to: LogSequence(1_001))
        async let again: Void = log.trim(to: LogSequence(4_001))
        _ = try await (far, near, again)
        #expect(log.first == LogSequence(4_001))
        #expect(try await log.contents().count == 3_998)
        let check = try await log.check()
        #expect(check.fault == nil)
        #expect(check.exemplars == 3_998)
        let left = try await log.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM record WHERE seq IN (2, 2002)")
        }
        #expect(left == 0)
        let tables = try await log.pool.writeWithoutTransaction { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM temp.sqlite_master")
        }
        #expect(tables == 0)
        try await log.close()
    }

    @Test func whatATrimOvertakesIsNotCalledDamage() async throws {
        let log = try open()
        try await fill(log)
        // All of it is worked out, and read, upon the log as it was before.
        let before = log.board.state
        let target = ReversalTarget.change(Array("c".utf8))
        let reversal = try await log.reversal(of: target)
        #expect(reversal.counts.added == 1)
        try await log.trim(to: LogSequence(6))
        let read = await SwitchboardError.code {
            _ = try await log.operationsOnDisk(after: .start, limit: ReadLimit())
        }
        #expect(read == .outOfRange)
        let planned = await SwitchboardError.code {
            _ = try await log.reversal(of: target, first: before.first, trims: before.trims)
        }
        #expect(planned == .unavailable)
        let restoration = Restoration(
            head: reversal.head,
            trims: reversal.trims,
            steps: reversal.operations[0],
            bytes: reversal.bytes[0]
        )
        let written = await SwitchboardError.code {
            _ = try await log.append(.restore(restoration), change: [1], source: "tests")
        }
        #expect(written == .aborted)
        #expect(log.condition == .whole)
        _ = try await log.append(Samples.batch("f", [try Samples.upsert("nine", "x")]))
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func aChangedByteInATrimmedLogIsFound() async throws {
        let log = try open()
        try await fill(log)
        try await log.trim(to: LogSequence(5))
        try await log.pool.write { db in
            try db.execute(sql: "UPDATE record SET payload = zeroblob(length(payload)) WHERE seq = 1")
        }
        #expect(try await log.check().fault?.contains("record 1 ") == true)
        try await log.close()
    }

    @Test func aLogThatWasStoppedTakesNothing() async throws {
        let log = try open()
        try await fill(log)
        log.stop(because: SwitchboardError(.dataLoss, "records were lost"))
        let code = await SwitchboardError.code {
            _ = try await log.append(Samples.batch("g", [try Samples.upsert("nine", "x")]))
        }
        #expect(code == .dataLoss)
        #expect(try await log.operations(after: LogSequence(7)).count == 1)
        try await log.close()
    }
}

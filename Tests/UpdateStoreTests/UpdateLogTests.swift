import Core
import Foundation
import GRDB
import Testing

@testable import UpdateStore

@Suite(.timeLimit(.minutes(2))) struct UpdateLogTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open(recentBytes: Int = 16 << 20) throws -> UpdateLog {
        try UpdateLog(in: DataDirectory(folder.path), recentBytes: recentBytes, now: { 1_700_000_000_000_000 })
    }

    private func texts(_ operations: [CommittedOperation]) -> [String] {
        operations.flatMap(\.records).compactMap { record in
            if case .exemplarUpserted(let fact) = record.fact { fact.text?.value } else { nil }
        }
    }

    @Test func aChangeIsJoinedByItsOwnAuthorOnly() async throws {
        let log = try open()
        func batch(_ operation: String, by author: String, change: String = "c") throws -> AppendBatch {
            var batch = Samples.batch(operation, [try Samples.upsert(operation, "a")])
            batch.change = Array(change.utf8)
            batch.author = author
            return batch
        }
        _ = try await log.append(try batch("one", by: "ana"), joinsOwnOnly: true)
        _ = try await log.append(try batch("two", by: "ana"), joinsOwnOnly: true)
        let code = await SwitchboardError.code {
            _ = try await log.append(try batch("three", by: "ben"), joinsOwnOnly: true)
        }
        #expect(code == .alreadyExists)
        let rehearsed = await SwitchboardError.code {
            _ = try await log.rehearse(try batch("three", by: "ben"), joinsOwnOnly: true)
        }
        #expect(rehearsed == .alreadyExists)
        #expect(log.exemplarCount == 2)
        // A change without an id of its own is called as its operation.
        let begun = try batch("four", by: "ana", change: "")
        _ = try await log.append(begun, joinsOwnOnly: true)
        let joined = await SwitchboardError.code {
            _ = try await log.append(try batch("five", by: "ben", change: "four"), joinsOwnOnly: true)
        }
        #expect(joined == .alreadyExists)
        // What is sent again is answered as before, and without keys authors are only told.
        #expect(try await log.append(begun, joinsOwnOnly: true).isRepeated)
        _ = try await log.append(try batch("six", by: "ben"))
        try await log.close()
    }

    @Test func knowsAfterReopeningWhatItKnewBefore() async throws {
        var log = try open()
        _ = try await log.append(
            Samples.batch(
                "a",
                [
                    try Samples.upsert("one", "orders/late"), try Samples.upsert("two", "orders/lost", vertical: "v"),
                    try Samples.set("orders", description: "all of it", attributes: ["queue": "7"], isEnabled: false),
                    .setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 5))),
                ]
            )
        )
        _ = try await log.append(
            Samples.batch("b", [try Samples.upsert("one", "orders/lost"), try Samples.remove("two", vertical: "v")])
        )
        let (id, epoch, head, taxonomy) = (log.id, log.epoch, log.head, log.taxonomy)
        let statistics = log.statistics()
        try await log.close()

        log = try open()
        #expect(log.id == id)
        #expect(log.epoch == epoch + 1)
        #expect(log.head.position == head.position)
        #expect(log.head.digest == head.digest)
        #expect(log.taxonomy.all == taxonomy.all)
        #expect(log.policies[.everywhere]?.policy == Samples.policy(k: 5))
        #expect(log.policies[.everywhere]?.sequence == LogSequence(4))
        #expect(log.encoder == EncoderShape(encoder: Samples.encoder, dimensions: 8))
        #expect(log.statistics().verticals == statistics.verticals)
        #expect(log.statistics().verticals.map(\.exemplars) == [1, 0])
        #expect(log.condition == .whole)
    }

    @Test func anOperationIDHasOneEffect() async throws {
        var log = try open()
        let batch = Samples.batch(
            "a",
            [try Samples.upsert("one", "x/y"), try Samples.upsert("two", "x"), try Samples.remove("three")]
        )
        let first = try await log.append(batch)
        #expect(first.refusals.count == 1)
        _ = try await log.append(Samples.batch("b", [try Samples.remove("one")]))
        var expected = first
        expected.isRepeated = true
        #expect(try await log.append(batch) == expected)
        try await log.close()
        log = try open()
        #expect(try await log.append(batch) == expected)
        #expect(log.head.position.sequence == LogSequence(3))

        // Encoded anew it is still the same; with another text it is not.
        let again = Samples.batch(
            "a",
            [
                try Samples.upsert("one", "x/y", vector: []), try Samples.upsert("two", "x", vector: []),
                try Samples.remove("three"),
            ]
        )
        #expect(try await log.append(again) == expected)
        let other = Samples.batch("a", [try Samples.upsert("four", "x/y")])
        #expect(await SwitchboardError.code { _ = try await log.append(other) } == .alreadyExists)
    }

    @Test func anOperationWithoutEffectHasAReceiptToo() async throws {
        let log = try open()
        let batch = Samples.batch("a", [try Samples.remove("one")])
        let receipt = try await log.append(batch)
        #expect(receipt.first == nil)
        #expect(receipt.position.sequence == .start)
        #expect(try await log.append(batch).isRepeated)
        #expect(try await log.history().isEmpty)
    }

    @Test func aRefusedBatchLeavesNothingAndItsIDFree() async throws {
        let log = try open()
        let wrong = Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("two", "x", vector: [])])
        #expect(await SwitchboardError.code { _ = try await log.append(wrong) } == .failedPrecondition)
        #expect(log.head.position.sequence == .start)
        #expect(log.encoder == nil)
        let right = try await log.append(Samples.batch("a", [try Samples.upsert("two", "x")]))
        #expect(right.added == 1)
        #expect(!right.isRepeated)
    }

    @Test func neighboursInAGroupDoNotHurtEachOther() async throws {
        let log = try open()
        let outcomes = await withTaskGroup(of: (Int, Result<AppendReceipt, any Error>).self) { group in
            for index in 0..<60 {
                group.addTask {
                    do {
                        // Every third one lacks a vector at its end, when a part is planned already.
                        var commands = [
                            try Samples.upsert("\(index) first", "topic \(index)"),
                            try Samples.upsert("\(index) second", "topic \(index)"),
                        ]
                        if index % 3 == 0 { commands.append(try Samples.upsert("\(index) third", "x", vector: [])) }
                        return (index, .success(try await log.append(Samples.batch("op-\(index)", commands))))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var expected = LogSequence.start
        for index in 0..<60 {
            switch outcomes[index] {
            case .success(let receipt):
                #expect(index % 3 != 0)
                #expect(receipt.added == 2)
            case .failure(let error):
                #expect(index % 3 == 0)
                #expect((error as? SwitchboardError)?.code == .failedPrecondition)
            case nil: Issue.record("no outcome")
            }
        }
        for entry in try await log.history() {
            #expect(entry.first == expected.next)
            #expect(entry.last == entry.first.next)
            expected = entry.last
        }
        #expect(expected == LogSequence(80))
        #expect(log.taxonomy.count == 40)
        #expect(log.committed.items == 60)
        #expect(log.committed.groups <= 60)
        #expect(try await log.check().isWhole)
    }

    @Test(arguments: [0, 1 << 20])
    func readsWholeOperationsFromMemoryAndDisk(recentBytes: Int) async throws {
        let log = try open(recentBytes: recentBytes)
        for index in 0..<10 {
            _ = try await log.append(
                Samples.batch("op-\(index)", try (0...index).map { try Samples.upsert("\(index) \($0)", "x") })
            )
        }
        let all = try await log.operations(after: .start)
        #expect(all.map(\.records.count) == Array(1...10))
        #expect(all.map(\.last.number) == [1, 3, 6, 10, 15, 21, 28, 36, 45, 55])
        #expect(all.last?.digest == log.head.digest)
        let part = try await log.operations(after: LogSequence(3), limit: ReadLimit(records: 8))
        #expect(part.map(\.records.count) == [3, 4])
        // One comes whole, whatever the limit.
        let one = try await log.operations(after: LogSequence(45), limit: ReadLimit(records: 1, bytes: 1))
        #expect(one.map(\.records.count) == [10])
        #expect(try await log.operations(after: LogSequence(55)).isEmpty)
        #expect(await SwitchboardError.code { _ = try await log.operations(after: LogSequence(56)) } == .outOfRange)
        #expect(await SwitchboardError.code { _ = try await log.operations(after: LogSequence(4)) } == .invalidArgument)
        for operation in all { #expect(try await log.digest(at: operation.last) == operation.digest) }
        #expect(try await log.digest(at: LogSequence(2)) == nil)
        #expect(try await log.digest(at: .start) == StateDigest())
    }

    @Test func memoryAndDiskHoldTheSame() async throws {
        let log = try open()
        _ = try await log.append(
            Samples.batch(
                "a",
                [
                    try Samples.upsert("one", "x"), try Samples.set("x", description: "d"), try Samples.remove("one"),
                    .setPolicy(PolicySet(scope: .builtin, policy: Samples.policy(k: 3))),
                ]
            )
        )
        let recent = try await log.operations(after: .start)
        try await log.close()
        #expect(try await open().operations(after: .start) == recent)
    }

    @Test func tellsWatchersOfNewHeads() async throws {
        let log = try open()
        var heads = log.heads().makeAsyncIterator()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        #expect(await heads.next() == log.head)
        _ = try await log.append(Samples.batch("b", [try Samples.upsert("two", "x")]))
        _ = try await log.append(Samples.batch("c", [try Samples.upsert("three", "x")]))
        #expect(await heads.next()?.position.sequence == LogSequence(3))
        try await log.close()
        #expect(await heads.next() == nil)
    }

    @Test func aClosedLogTakesNothing() async throws {
        let log = try open()
        try await log.close()
        let batch = Samples.batch("a", [try Samples.upsert("one", "x")])
        #expect(await SwitchboardError.code { _ = try await log.append(batch) } == .unavailable)
    }

    @Test func exportsOneMomentWhileTheLogGoesOn() async throws {
        let log = try open()
        for index in 0..<5 {
            _ = try await log.append(
                Samples.batch(
                    "op-\(index)",
                    [
                        try Samples.upsert("a \(index)", "x"), try Samples.upsert("b \(index)", "y", vertical: "v"),
                        try Samples.upsert("c \(index)", "z"),
                    ]
                )
            )
        }
        _ = try await log.append(Samples.batch("r", [try Samples.upsert("a 0", "y"), try Samples.remove("c 4")]))
        let export = try await log.export()
        #expect(export.position == log.head.position)
        _ = try await log.append(
            Samples.batch(
                "later",
                [try Samples.upsert("a 1", "later"), try Samples.remove("a 2"), try Samples.upsert("d", "x")]
            )
        )

        func all(_ verticals: Set<Vertical>?) async throws -> [ExportPage.Exemplar] {
            var exemplars: [ExportPage.Exemplar] = []
            var place = LogSequence.start
            while true {
                let page = try await export.page(after: place, verticals: verticals, limit: 4)
                if page.exemplars.isEmpty { return exemplars }
                exemplars += page.exemplars
                place = page.last
            }
        }
        let everything = try await all(nil)
        #expect(everything.count == 14)
        #expect(everything.prefix(3).map(\.text.value) == ["a 0", "b 0", "c 0"])
        #expect(everything[0].path.description == "y")
        #expect(everything[0].sequence == LogSequence(16))
        #expect(everything[3].path.description == "x")
        #expect(everything.allSatisfy { $0.vector.count == 8 && $0.encoder == Samples.encoder })
        let some = try await all([try Vertical("v")])
        #expect(some.map(\.text.value) == (0..<5).map { "b \($0)" })
    }

    @Test func saysWhichCommandsNeedAVector() async throws {
        let log = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        let batch = Samples.batch(
            "b",
            [
                try Samples.upsert("one", "x", vector: []), try Samples.upsert("two", "x", vector: []),
                try Samples.upsert("three", "x"), try Samples.upsert("one", "y", vector: []), try Samples.remove("one"),
            ]
        )
        #expect(try await log.commandsToEncode(batch) == [1])
        _ = try await log.append(
            Samples.batch("b", batch.commands.enumerated().map { try $0 == 1 ? Samples.upsert("two", "x") : $1 })
        )
        #expect(try await log.commandsToEncode(batch).isEmpty)
    }

    @Test func historyNamesOperationsByVertical() async throws {
        let log = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await log.append(Samples.batch("b", [try Samples.upsert("two", "x", vertical: "v")]))
        _ = try await log.append(Samples.batch("c", [try Samples.remove("none")]))
        _ = try await log.append(
            Samples.batch("d", [try Samples.upsert("three", "x"), try Samples.remove("two", vertical: "v")])
        )
        let names = { (entries: [OperationEntry]) in entries.map { String(decoding: $0.stamp.operation, as: UTF8.self) }
        }
        #expect(names(try await log.history()) == ["a", "b", "d"])
        #expect(names(try await log.history(vertical: try Vertical("v"))) == ["b", "d"])
        #expect(names(try await log.history(vertical: try Vertical("other"))) == [])
        #expect(names(try await log.history(after: LogSequence(1), limit: 1)) == ["b"])
        let last = try #require(try await log.history().last)
        #expect(last.stamp.timeMicroseconds == 1_700_000_000_000_000)
        #expect(last.first == LogSequence(3) && last.last == LogSequence(4))
    }

    @Test func aLowerEpochIsRefused() async throws {
        let log = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        // Somebody opened the file around the lock, such as on another machine that shares the disk.
        try await log.pool.write { db in try db.execute(sql: "UPDATE log SET epoch = epoch + 1") }
        let batch = Samples.batch("b", [try Samples.upsert("two", "x")])
        #expect(await SwitchboardError.code { _ = try await log.append(batch) } == .failedPrecondition)
        #expect(log.head.position.sequence == LogSequence(1))
    }

    @Test func stopsBeforeARecordOfANewerKind() async throws {
        var log = try open()
        for index in 0..<3 {
            _ = try await log.append(Samples.batch("op-\(index)", [try Samples.upsert("text \(index)", "x")]))
        }
        try await log.close()
        log = try open()
        // A well-formed record with a fact that this program has no word for (field 100), as a newer one may write.
        let payload: [UInt8] = [0x08, 0x01, 0x10, 0x02, 0xA2, 0x06, 0x00]
        let checksum = payload.withUnsafeBytes {
            StoredRecord.checksum(sequence: LogSequence(2), operation: 2, kind: 100, format: 1, payload: $0)
        }
        try await log.pool.write { db in
            try db.execute(
                sql: "UPDATE record SET kind = 100, payload = ?, checksum = ? WHERE seq = 2",
                arguments: [Data(payload), checksum]
            )
        }
        #expect(try await log.operations(after: .start).map(\.last.number) == [1])
        #expect(await SwitchboardError.code { _ = try await log.operations(after: LogSequence(1)) } == .unimplemented)
        #expect(log.condition == .whole)
    }

    @Test func aBatchThatNamesTooMuchIsRefusedWhole() async throws {
        let log = try open()
        // Slashes inside levels are written in three bytes, so records and receipt grow beyond what a frame holds.
        let level = String(repeating: "/", count: 58)
        let commands = try (0..<1_000).map { index in
            LogCommand.setIntent(
                SetIntentCommand(
                    vertical: .default,
                    path: try IntentPath(levels: (0..<8).map { "\(level)\(index % 1000) \($0 % 10)" })
                )
            )
        }
        let batch = Samples.batch("large", commands)
        #expect(await SwitchboardError.code { _ = try await log.append(batch) } == .invalidArgument)
        #expect(log.taxonomy.count == 0)
        #expect(try await log.append(Samples.batch("next", [try Samples.set("x")])).position.sequence == LogSequence(1))
    }

    @Test func opensNoFileOfSomebodyElse() throws {
        do {
            let other = try FeedbackStore(in: DataDirectory(folder.path))
            _ = consume other
        }
        try moveFeedbackToLog()
        #expect { try open() } throws: { ($0 as? SwitchboardError)?.code == .failedPrecondition }
    }

    private func moveFeedbackToLog() throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.moveItem(
                atPath: "\(folder.path)/feedback.sqlite\(suffix)",
                toPath: "\(folder.path)/log.sqlite\(suffix)"
            )
        }
    }

    @Test func opensNoNewerVersion() async throws {
        let log = try open()
        try await log.pool.write { db in try db.execute(sql: "PRAGMA user_version = 99") }
        try await log.close()
        #expect { try open() } throws: { error in
            (error as? SwitchboardError)?.message.contains("99") == true
        }
    }

    @Test func keepsItsSettings() async throws {
        let log = try open()
        let settings = try await log.pool.writeWithoutTransaction { db in
            try ["journal_mode", "synchronous", "secure_delete"].map { name in
                try String.fetchOne(db, sql: "SELECT CAST((SELECT * FROM pragma_\(name)) AS TEXT)") ?? ""
            }
        }
        #expect(settings == ["wal", "2", "1"])
    }
}

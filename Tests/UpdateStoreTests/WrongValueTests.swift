import Core
import Foundation
import GRDB
import Testing

@testable import UpdateStore

/// What a store says where a column holds something that was never written there, as after damage to a page that SQLite
/// itself does not notice.
@Suite(.timeLimit(.minutes(5))) struct WrongValueTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// As SQL writes them.
    private static let values = [
        "x'00ff00ff'", "'words'", "NULL", "0", "-1", "9223372036854775807", "-9223372036854775808",
    ]

    @Test(arguments: [
        "log", "operation", "operation_vertical", "record", "vertical", "exemplar_row", "intent", "policy",
    ])
    func noColumnOfTheLogIsATrap(table: String) async throws {
        let records = try await makeLog()
        let path = folder.path + "/log.sqlite"
        try loosen(path)
        for column in try columns(of: table, in: path) {
            for value in Self.values {
                let copy = try folder.copied()
                guard try put(value, in: column, of: table, at: copy.path + "/log.sqlite") else { continue }
                let codes = try await useLog(copy.path, wholeRecords: records, "\(table).\(column) = \(value)")
                #expect(
                    codes.isDisjoint(with: [.internal, .unknown, .invalidArgument]),
                    "\(table).\(column) = \(value): \(codes)"
                )
            }
        }
    }

    @Test(arguments: [
        ("operation", "first_seq", "x'00ff00ff'"), ("operation", "first_seq", "-1"), ("operation", "first_seq", "0"),
        ("operation", "first_seq", "2"), ("operation", "last_seq", "'words'"), ("operation", "last_seq", "3"),
        ("operation", "last_seq", "9223372036854775807"), ("operation", "bytes", "0"),
        ("operation", "bytes", "9223372036854775807"), ("operation", "digest", "x'00'"),
        ("record", "operation", "'words'"), ("record", "operation", "1"), ("record", "kind", "x'00ff00ff'"),
        ("record", "checksum", "NULL"), ("record", "payload", "7"),
    ])
    func theOperationsBeforeAreServed(table: String, column: String, value: String) async throws {
        _ = try await makeLog()
        let path = folder.path + "/log.sqlite"
        try loosen(path)
        #expect(try put(value, in: column, of: table, at: path))
        let damaged = try UpdateLog(in: DataDirectory(folder.path))
        // The last operation has records 10 to 12; reading ends before it.
        #expect(try await damaged.operations(after: .start).last?.last == LogSequence(9))
        #expect(await SwitchboardError.code { _ = try await damaged.operations(after: LogSequence(9)) } == .dataLoss)
        guard case .damaged(_, readableTo: LogSequence(9)) = damaged.condition else {
            Issue.record("\(damaged.condition)")
            return
        }
        let more = Samples.batch("more", [try Samples.upsert("more", "x")])
        #expect(await SwitchboardError.code { _ = try await damaged.append(more) } == .dataLoss)
        try await damaged.close()
    }

    @Test(arguments: ["feedback", "total"])
    func noColumnOfTheFeedbackIsATrap(table: String) async throws {
        let word = Feedback(
            replyID: Bits128(1),
            text: try UtteranceText("where is it"),
            vertical: .default,
            answeredIntent: try IntentPath("orders/late"),
            verdict: .corrected(try IntentPath("orders/lost")),
            source: .caller,
            conversationID: [1],
            outcome: .clarify,
            probability: 0.25,
            decidedBy: .degraded,
            position: LogPosition(log: Bits128(77), sequence: LogSequence(5)),
            origin: [9],
        )
        let whole = try FeedbackStore(in: DataDirectory(folder.path))
        _ = try await whole.add(word)
        try await whole.close()
        let path = folder.path + "/feedback.sqlite"
        try loosen(path)
        for column in try columns(of: table, in: path) {
            for value in Self.values {
                let copy = try folder.copied()
                guard try put(value, in: column, of: table, at: copy.path + "/feedback.sqlite") else { continue }
                var codes: Set<StatusCode?> = []
                codes.insert(await SwitchboardError.code { _ = try await DataDirectoryReader(copy.path).feedback() })
                let store = try FeedbackStore(in: DataDirectory(copy.path))
                codes.insert(await SwitchboardError.code { _ = try await store.list() })
                codes.insert(await SwitchboardError.code { _ = try await store.counts() })
                codes.insert(await SwitchboardError.code { _ = try await store.add(word) })
                try await store.close()
                #expect(codes.isSubset(of: [nil, .dataLoss]), "\(table).\(column) = \(value): \(codes)")
            }
        }
    }

    /// Four operations of three records each, with all that the tables hold.
    private func makeLog() async throws -> [LogRecord] {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        let batches: [[LogCommand]] = [
            [
                try Samples.upsert("one", "x/y"), try Samples.upsert("two", "x/z"),
                try Samples.set("x", phrase: "say", attributes: ["queue": "q"]),
            ],
            [
                try Samples.upsert("three", "x/y", vertical: "other"), try Samples.remove("two"),
                .setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 5))),
            ],
            [
                try Samples.upsert("one", "x/z"), try Samples.upsert("four", "x/y"),
                .setPolicy(PolicySet(scope: .vertical(.default), policy: Samples.policy(k: 6))),
            ],
            [try Samples.upsert("five", "x"), try Samples.upsert("six", "x"), try Samples.upsert("seven", "x/y")],
        ]
        for (index, batch) in batches.enumerated() {
            _ = try await log.append(Samples.batch("op-\(index)", batch))
        }
        let records = try await log.operations(after: .start).flatMap(\.records)
        #expect(records.count == 12)
        try await log.close()
        return records
    }

    /// Does all that can be done with a log; a trap ends the tests.
    ///
    /// - Returns: the codes of what was thrown.
    private func useLog(
        _ path: String,
        wholeRecords records: [LogRecord],
        _ what: Comment
    ) async throws -> Set<StatusCode> {
        var codes: [StatusCode?] = []
        codes.append(await SwitchboardError.code { _ = try await DataDirectoryReader(path).log() })
        let log: UpdateLog
        do throws(SwitchboardError) {
            log = try UpdateLog(in: try DataDirectory(path))
        } catch {
            return Set(codes.compactMap { $0 } + [error.code])
        }
        var read: [LogRecord] = []
        var place = LogSequence.start
        do throws(SwitchboardError) {
            while let last = try await log.operations(after: place, limit: ReadLimit(records: 4)).last?.last {
                read += try await log.operations(after: place, limit: ReadLimit(records: 4)).flatMap(\.records)
                place = last
            }
        } catch {
            codes.append(error.code)
        }
        #expect(read == Array(records.prefix(read.count)), what)
        codes.append(await SwitchboardError.code { _ = try await log.digest(at: LogSequence(12)) })
        codes.append(await SwitchboardError.code { _ = try await log.history() })
        codes.append(await SwitchboardError.code { _ = try await log.check() })
        codes.append(await SwitchboardError.code { _ = try await log.export().page(after: .start) })
        let again = Samples.batch("op-3", [try Samples.upsert("five", "x", vector: [])])
        codes.append(await SwitchboardError.code { _ = try await log.commandsToEncode(again) })
        // The first command makes a record, so that the others' records are looked for among those planned too.
        let changes = Samples.batch(
            "changes",
            [
                try Samples.upsert("eight", "x/y"), try Samples.upsert("seven", "x/new", vector: []),
                try Samples.remove("six"), try Samples.set("x/y", phrase: "other"),
            ]
        )
        codes.append(await SwitchboardError.code { _ = try await log.append(changes) })
        _ = log.statistics()
        try await log.close()
        return Set(codes.compactMap { $0 })
    }

    /// Takes the types off the tables, so that SQLite stores whatever it is given.
    private func loosen(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_master
                    SET sql = replace(replace(replace(sql, ' STRICT, ', ' '), ' STRICT', ''), ' NOT NULL', '')
                    WHERE type = 'table' AND sql LIKE '% STRICT%';
                    PRAGMA writable_schema = OFF
                    """
            )
        }
        try queue.close()
    }

    private func columns(of table: String, in path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        let names = try queue.read { db in try db.columns(in: table).map(\.name) }
        try queue.close()
        #expect(!names.isEmpty)
        return names
    }

    /// Puts a value into the last row of a table.
    ///
    /// - Returns: whether SQLite took it; it keeps keys unique, and row numbers whole.
    private func put(_ value: String, in column: String, of table: String, at path: String) throws -> Bool {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        do {
            try queue.writeWithoutTransaction { db in
                let key = try db.primaryKey(table).columns[0]
                try db.execute(
                    sql: """
                        UPDATE "\(table)" SET "\(column)" = \(value)
                        WHERE "\(key)" = (SELECT max("\(key)") FROM "\(table)")
                        """
                )
            }
            return true
        } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CONSTRAINT || error.resultCode == .SQLITE_MISMATCH
        {
            return false
        }
    }
}

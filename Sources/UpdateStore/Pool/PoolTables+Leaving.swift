internal import Core
internal import Foundation
internal import GRDB

/// How calls and utterances leave a pool.
extension PoolTables {
    /// - Returns: false where it is not there any more.
    @discardableResult
    func remove(_ number: Int64, _ cause: PoolCounts.Departure) throws -> Bool {
        guard let standing = try standing(number) else { return false }
        for table in ["call", "vector"] {
            try db.cachedStatement(sql: "DELETE FROM \(table) WHERE utterance = ?").execute(arguments: [number])
        }
        try db.cachedStatement(sql: "DELETE FROM utterance WHERE number = ?").execute(arguments: [number])
        try count(
            standing.pool,
            standing.reason,
            utterances: -1,
            calls: -standing.calls,
            bytes: -standing.bytes
        )
        try db.cachedStatement(
            sql: """
                INSERT INTO departed (pool, cause, count) VALUES (?, ?, 1)
                ON CONFLICT (pool, cause) DO UPDATE SET count = count + 1
                """
        ).execute(arguments: [standing.pool, cause.stored])
        return true
    }

    /// Takes calls from an utterance; without any it leaves.
    ///
    /// - Parameter isAll: the calls beyond those that are kept, which are older, go too.
    func removeCalls(
        _ calls: [CallRow],
        of number: Int64,
        _ cause: PoolCounts.Departure,
        andThoseBeyond isAll: Bool,
    ) throws {
        guard var standing = try standing(number) else { return }
        let kept = standing.kept - calls.count
        guard kept > 0 else {
            // Of calls beyond nobody knows whose they were.
            try remove(number, cause)
            return
        }
        for call in calls {
            try db.cachedStatement(sql: "DELETE FROM call WHERE number = ?").execute(arguments: [call.number])
        }
        let gone = Set(calls.map(\.conversation)).filter { !$0.isEmpty }
        var lost = 0
        for conversation in gone {
            if try !knows([UInt8](conversation), number) { lost += 1 }
        }
        standing.conversations = max(0, standing.conversations - lost)
        if isAll {
            standing.calls = kept
            standing.conversations = min(standing.conversations, kept)
        } else {
            standing.calls -= calls.count
        }
        standing.kept = kept
        standing.bytes -= calls.reduce(0) { $0 + $1.bytes }
        try write(standing)
    }
}

/// A call of an utterance, as far as leaving the pool asks for it.
struct CallRow {
    static let columns = """
        number, conversation_id, length(request_id) + length(conversation_id) + length(origin)
        """

    let number: Int64
    let conversation: Data
    /// As they were counted when it came.
    let bytes: Int

    init(_ row: Row) throws {
        number = try row.integer(0)
        conversation = try row.bytes(1)
        bytes = PoolTables.callBytes + (try row.tally(2))
    }
}

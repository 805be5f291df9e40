internal import Core
internal import Foundation
internal import GRDB

/// What is done to the tables of a pool inside one transaction. A failed call leaves them half changed, so the transaction
/// has to be rolled back then.
struct PoolTables {
    let db: Database
    let limits: PoolLimits
    /// Microseconds since 1970.
    let now: Int64

    /// An utterance as the rules of the pool look at it.
    struct Standing {
        let number: Int64
        let pool: String
        var reason: PoolReason
        var calls: Int
        /// Of these, with a row of their own.
        var kept: Int
        var conversations: Int
        var bytes: Int
    }

    /// Besides the text, the ids, the vector: what SQLite takes for a row and its places in the indexes.
    static let utteranceBytes = 256
    static let callBytes = 128
    /// From a caller's mouth to the live pool, in microseconds; what seems to have taken longer was said by another clock.
    static let longestWay: Int64 = 3_600 * 1_000_000

    static func bytes(of entry: PoolEntry) -> Int {
        callBytes + entry.requestID.count + entry.conversationID.count + entry.origin.count
    }

    // MARK: Adding

    /// - Parameter entry: masked.
    /// - Returns: false where it was there already.
    func add(_ entry: PoolEntry, to pool: String) throws -> Bool {
        // A clock that is ahead must not keep anything longer, nor one that is behind end it before its time. A file's rows
        // are kept from the day on which they came.
        let time = pool.isEmpty ? max(min(entry.timeMicroseconds, now), now - Self.longestWay) : now
        var standing = try standing(of: entry, in: pool) ?? insert(entry, into: pool, at: time)
        guard try standing.calls == 0 || !isKnown(entry, of: standing.number) else { return false }
        let isNewConversation = try !entry.conversationID.isEmpty && !knows(entry.conversationID, standing.number)
        if standing.kept >= limits.callsPerUtterance { try forgetOldestCall(of: &standing) }
        try db.cachedStatement(
            sql: "INSERT INTO call (utterance, request_id, conversation_id, origin, time_us) VALUES (?, ?, ?, ?, ?)"
        ).execute(
            arguments: [
                standing.number, Data(entry.requestID), Data(entry.conversationID), Data(entry.origin), time,
            ]
        )
        standing.calls += 1
        standing.kept += 1
        standing.bytes += Self.bytes(of: entry)
        if isNewConversation { standing.conversations += 1 }
        // What somebody corrected says more than what nobody was sure of.
        if entry.reason == .corrected { standing.reason = .corrected }
        try write(standing)
        try db.cachedStatement(sql: "UPDATE utterance SET time_us = max(time_us, ?) WHERE number = ?")
            .execute(arguments: [time, standing.number])
        return true
    }

    private func insert(_ entry: PoolEntry, into pool: String, at time: Int64) throws -> Standing {
        let bytes = Self.utteranceBytes + entry.text.value.utf8.count
        try db.cachedStatement(
            sql: """
                INSERT INTO utterance (pool, exemplar_id, role, vertical, text_id, text, reason, time_us, calls, kept,
                    conversations, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?)
                """
        ).execute(
            arguments: [
                pool, ExemplarID(vertical: entry.vertical, text: entry.text).bits.stored,
                StoredRole(entry.role).rawValue, entry.vertical.name, Self.textID(entry.text),
                entry.text.value.storedBytes, entry.reason.stored, time, bytes,
            ]
        )
        let number = db.lastInsertedRowID
        try count(pool, entry.reason, utterances: 1, bytes: bytes)
        return Standing(
            number: number,
            pool: pool,
            reason: entry.reason,
            calls: 0,
            kept: 0,
            conversations: 0,
            bytes: bytes
        )
    }

    private func standing(of entry: PoolEntry, in pool: String) throws -> Standing? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT \(Standing.columns) FROM utterance WHERE pool = ? AND exemplar_id = ? AND role = ?"
            ),
            arguments: [
                pool, ExemplarID(vertical: entry.vertical, text: entry.text).bits.stored,
                StoredRole(entry.role).rawValue,
            ]
        ).map { try Standing($0) }
    }

    /// The same request again; what was said earlier in a conversation and is handed on with each later turn of it, which
    /// names no request; a correction of what the conversation has brought already.
    private func isKnown(_ entry: PoolEntry, of number: Int64) throws -> Bool {
        if !entry.requestID.isEmpty {
            let known = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT 1 FROM call WHERE utterance = ? AND request_id = ? LIMIT 1"),
                arguments: [number, Data(entry.requestID)]
            )
            if known != nil { return true }
            guard entry.reason == .corrected else { return false }
        }
        return try !entry.conversationID.isEmpty && knows(entry.conversationID, number)
    }

    func knows(_ conversation: [UInt8], _ number: Int64) throws -> Bool {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM call WHERE utterance = ? AND conversation_id = ? LIMIT 1"),
            arguments: [number, Data(conversation)]
        ) != nil
    }

    private func forgetOldestCall(of standing: inout Standing) throws {
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT \(CallRow.columns) FROM call WHERE utterance = ? ORDER BY number LIMIT 1"
                ),
                arguments: [standing.number]
            )
        else { return }
        let call = try CallRow(row)
        try db.cachedStatement(sql: "DELETE FROM call WHERE number = ?").execute(arguments: [call.number])
        standing.kept -= 1
        standing.bytes -= call.bytes
    }

    // MARK: Reading and writing rows

    func standing(_ number: Int64) throws -> Standing? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT \(Standing.columns) FROM utterance WHERE number = ?"),
            arguments: [number]
        ).map { try Standing($0) }
    }

    /// Writes what changed of an utterance, and counts the difference.
    func write(_ standing: Standing) throws {
        guard let before = try self.standing(standing.number) else { return }
        try db.cachedStatement(
            sql: """
                UPDATE utterance SET reason = ?, calls = ?, kept = ?, conversations = ?, bytes = ? WHERE number = ?
                """
        ).execute(
            arguments: [
                standing.reason.stored, standing.calls, standing.kept, standing.conversations, standing.bytes,
                standing.number,
            ]
        )
        try count(before.pool, before.reason, utterances: -1, calls: -before.calls, bytes: -before.bytes)
        try count(standing.pool, standing.reason, utterances: 1, calls: standing.calls, bytes: standing.bytes)
    }

    func count(
        _ pool: String,
        _ reason: PoolReason,
        utterances: Int = 0,
        calls: Int = 0,
        bytes: Int = 0,
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO total (pool, reason, utterances, calls, bytes) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (pool, reason) DO UPDATE SET utterances = utterances + excluded.utterances,
                    calls = calls + excluded.calls, bytes = bytes + excluded.bytes
                """
        ).execute(arguments: [pool, reason.stored, utterances, calls, bytes])
    }

    /// Equal for equal texts, whatever their vertical.
    static func textID(_ text: UtteranceText) -> Data {
        var hasher = Hash256()
        hasher.update(text.value.utf8)
        return hasher.first128().stored
    }
}

extension PoolTables.Standing {
    static let columns = "number, pool, reason, calls, kept, conversations, bytes"

    init(_ row: Row) throws {
        self.init(
            number: try row.integer(0),
            pool: try row.text(1),
            reason: try row.value(2) { PoolReason(stored: try row.integer(2)) },
            calls: try row.tally(3),
            kept: try row.tally(4),
            conversations: try row.tally(5),
            bytes: try row.tally(6)
        )
    }
}

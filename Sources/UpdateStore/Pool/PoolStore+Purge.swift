package import Core
internal import GRDB

extension PoolStore {
    /// Something was erased, and the file has not been written anew since.
    package var hasTraces: Bool { StoreFile.hasTraces(path) }

    /// How many calls a rule names, in all pools. Reads all of them.
    package func count(of rule: PurgeRule) async throws(SwitchboardError) -> Int {
        try await read { db in try PoolPurge(rule, db).count }
    }

    /// Erases the calls that a rule names from all pools, utterances without any other with their vectors, and writes the
    /// file anew without them. What comes meanwhile waits.
    ///
    /// A rule that names exemplars means utterances of the same text, as it is masked; what others said too stays where the
    /// rule names an origin.
    ///
    /// - Parameter selection: noted in the list of purges, so that a backup can be rid of it when it is restored; nil: not
    ///   noted.
    /// - Returns: how many calls there were.
    /// - Throws: as `UpdateLog.purge`.
    package func purge(
        _ rule: PurgeRule,
        as selection: PurgeSelection? = nil,
    ) async throws(SwitchboardError) -> Int {
        let count: Int
        do {
            count = try await StoreFile.blocking { [pool, path, limits, now] in
                let time = now()
                return try StoreFile.erasing(from: path) {
                    try pool.writeWithoutTransaction { db in
                        var count = 0
                        try db.inTransaction(.immediate) {
                            let purge = try PoolPurge(rule, db)
                            try purge.run(PoolTables(db: db, limits: limits, now: time))
                            if let selection { try Self.note(selection, in: StoreFile.folder(of: path), at: time) }
                            count = purge.count
                            return .commit
                        }
                        return count
                    }
                }
            }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "erase from")
        }
        do {
            try await StoreFile.blocking { [pool, path] in try StoreFile.finishErasing(pool, path: path) }
        } catch {
            throw SwitchboardError.notRewritten(path, cause: error)
        }
        return count
    }

    /// Right before the commit: what is noted and not erased yet is erased when it is asked for again, and a backup that has
    /// the note has a pool from which it was erased.
    private static func note(_ selection: PurgeSelection, in folder: String, at time: Int64) throws {
        let entries = PurgeList.entries(
            of: selection,
            [],
            key: try PurgeKey(in: folder),
            at: PurgeList.poolPosition,
            timeMicroseconds: time
        )
        try PurgeList(in: folder).append(entries)
    }
}

/// What of the pools a rule names.
private struct PoolPurge {
    /// Named as a whole, with all calls of theirs.
    private var utterances: [Int64] = []
    /// Of the other ones, in the order of their utterances.
    private var calls: [(utterance: Int64, calls: [CallRow])] = []
    private(set) var count = 0

    init(_ rule: PurgeRule, _ db: Database) throws {
        var whole: Set<Int64> = []
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT number, exemplar_id, vertical, calls FROM utterance ORDER BY number"
        )
        while let row = try rows.next() {
            guard rule.matches(ExemplarID(try row.bits(1)), origin: [], vertical: try row.vertical(2)) else { continue }
            let number = try row.integer(0)
            whole.insert(number)
            utterances.append(number)
            count += try row.tally(3)
        }
        let origins = try Row.fetchCursor(
            db,
            sql: """
                SELECT call.number, call.conversation_id,
                    length(request_id) + length(conversation_id) + length(origin),
                    call.utterance, call.origin, utterance.exemplar_id, utterance.vertical
                FROM call JOIN utterance ON utterance.number = call.utterance
                WHERE length(call.origin) > 0 ORDER BY call.utterance, call.number
                """
        )
        while let row = try origins.next() {
            let utterance = try row.integer(3)
            guard !whole.contains(utterance) else { continue }
            let (id, origin) = (ExemplarID(try row.bits(5)), [UInt8](try row.bytes(4)))
            guard rule.matches(id, origin: origin, vertical: try row.vertical(6)) else { continue }
            if calls.last?.utterance != utterance { calls.append((utterance, [])) }
            calls[calls.count - 1].calls.append(try CallRow(row))
            count += 1
        }
    }

    func run(_ tables: PoolTables) throws {
        for number in utterances { try tables.remove(number, .purged) }
        for (utterance, calls) in calls {
            try tables.removeCalls(calls, of: utterance, .purged, andThoseBeyond: false)
        }
    }
}

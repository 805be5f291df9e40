internal import Core
internal import Foundation
internal import GRDB

/// What keeps a pool within its limits.
extension PoolTables {
    // MARK: Room

    /// What all reasons of a pool add up to.
    func sums(of pool: String) throws -> (utterances: Int64, bytes: Int64) {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT coalesce(sum(utterances), 0), coalesce(sum(bytes), 0) FROM total WHERE pool = ?"
            ),
            arguments: [pool]
        )
        guard let row else { return (0, 0) }
        return (try row.integer(0), try row.integer(1))
    }

    private func isOver(_ pool: String) throws -> Bool {
        let (utterances, bytes) = try sums(of: pool)
        return utterances > Int64(limits.utterances) || bytes > Int64(limits.bytes)
    }

    /// Forgets what does not fit: of the reason that most utterances are there for the one that was said longest ago, again
    /// and again. So what is rare stays: ten corrections among thousands that were answered UNKNOWN.
    func makeRoom(in pool: String) throws {
        while try isOver(pool) {
            guard
                let reason = try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT reason FROM total WHERE pool = ? AND utterances > 0
                            ORDER BY utterances DESC, reason LIMIT 1
                            """
                    ),
                    arguments: [pool]
                ),
                let oldest = try Row.fetchOne(
                    db.cachedStatement(
                        sql:
                            "SELECT number FROM utterance WHERE pool = ? AND reason = ? ORDER BY time_us, number LIMIT 1"
                    ),
                    arguments: [pool, try reason.integer(0)]
                )
            else { return }
            try remove(try oldest.integer(0), .full)
        }
    }

    /// Of a file nothing is forgotten silently: what is wanted is all of it.
    ///
    /// - Throws: `.resourceExhausted` where the pool holds more than it may.
    func requireRoom(in pool: String) throws {
        guard try isOver(pool) else { return }
        throw SwitchboardError(
            .resourceExhausted,
            "the pool '\(pool)' would hold more than \(limits.utterances) different utterances or "
                + "\(limits.bytes >> 20) MiB; nothing of this batch was added. Run on a part of the file"
        )
    }

    /// Notes that something is added to a pool of a file; of too many the one that was filled longest ago goes.
    func touch(_ pool: String) throws {
        // Later than all before, also where the clock was ahead when those were filled: the time is there for their order.
        try db.cachedStatement(
            sql: """
                INSERT INTO pool (name, time_us)
                VALUES (?, max(?, (SELECT coalesce(max(time_us) + 1, 0) FROM pool WHERE name <> ?)))
                ON CONFLICT (name) DO UPDATE SET time_us = excluded.time_us
                """
        ).execute(arguments: [pool, now, pool])
        let names = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT name FROM pool WHERE name <> ? ORDER BY time_us, name"),
            arguments: [pool]
        ).map { try $0.text(0) }
        for name in names.prefix(max(0, names.count + 1 - limits.namedPools)) { try drop(name) }
    }

    func drop(_ pool: String) throws {
        for table in ["call", "vector"] {
            try db.execute(
                sql: "DELETE FROM \(table) WHERE utterance IN (SELECT number FROM utterance WHERE pool = ?)",
                arguments: [pool]
            )
        }
        for table in ["utterance", "total", "departed"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE pool = ?", arguments: [pool])
        }
        try db.execute(sql: "DELETE FROM pool WHERE name = ?", arguments: [pool])
    }

    // MARK: Time

    /// Forgets calls from before the retention's time, and utterances without any other.
    ///
    /// - Returns: how many utterances left.
    func forgetOld() throws -> Int {
        // Where the clock was ahead once, what came then would stay longer than it may.
        for table in ["call", "utterance"] {
            try db.execute(sql: "UPDATE \(table) SET time_us = ? WHERE time_us > ?", arguments: [now, now])
        }
        let retained = limits.retention.components
        let cutoff = now - (retained.seconds * 1_000_000 + retained.attoseconds / 1_000_000_000_000)
        let old = try Row.fetchAll(
            db,
            sql: "SELECT DISTINCT utterance FROM call WHERE time_us < ? ORDER BY utterance",
            arguments: [cutoff]
        ).map { try $0.integer(0) }
        var left = 0
        for number in old {
            let calls = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT \(CallRow.columns) FROM call WHERE utterance = ? AND time_us < ?"),
                arguments: [number, cutoff]
            ).map { try CallRow($0) }
            try removeCalls(calls, of: number, .expired, andThoseBeyond: true)
            if try standing(number) == nil { left += 1 }
        }
        return left
    }

    // MARK: Counts

    func counts(of pool: String) throws -> PoolCounts {
        var counts = PoolCounts()
        let totals = try Row.fetchAll(
            db,
            sql: "SELECT reason, utterances, calls, bytes FROM total WHERE pool = ?",
            arguments: [pool]
        )
        for row in totals {
            let reason = try row.value(0) { PoolReason(stored: try row.integer(0)) }
            let utterances = try row.tally(1)
            if utterances > 0 { counts.utterances[reason] = utterances }
            counts.calls += Int(try row.integer(2))
            counts.bytes += Int(try row.integer(3))
        }
        for row in try Row.fetchAll(db, sql: "SELECT cause, count FROM departed WHERE pool = ?", arguments: [pool]) {
            let cause = try row.value(0) { PoolCounts.Departure(stored: try row.integer(0)) }
            counts.left[cause] = try row.tally(1)
        }
        return counts
    }
}

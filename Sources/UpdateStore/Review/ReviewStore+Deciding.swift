package import Core
internal import Foundation
internal import GRDB

extension ReviewStore {
    private static let decisionColumns = "operation, proposal, time_us, is_done, is_undone, body"

    /// The decision of an operation; nil: there is none.
    package func decision(of operation: Bits128) async throws(SwitchboardError) -> ReviewDecision? {
        try await read { db in try Self.decision(of: operation, db) }
    }

    /// What was decided about a proposal, oldest first; also of others, where it was touched by that.
    package func history(of proposal: Bits128) async throws(SwitchboardError) -> [ReviewDecision] {
        try await read { db in try Self.history(of: proposal, db) }
    }

    /// Decisions of which the index may have been changed already, and the book does not know yet.
    package func unfinished() async throws(SwitchboardError) -> [ReviewDecision] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT \(Self.decisionColumns) FROM decision WHERE is_done = 0 ORDER BY number"
            ).map { try Self.decision($0) }
        }
    }

    /// Notes a decision before the index is changed by it, so that it is finished whatever becomes of the process.
    ///
    /// - Parameter state: that the proposal has.
    /// - Throws: `.aborted` where it has another by now, or something else is under way with it; as `begun` for the
    ///   operation.
    package func begin(_ decision: ReviewDecision, while state: ReviewState) async throws(SwitchboardError) {
        try await write { db in
            _ = try Self.begun(decision, db)
            guard try Self.head(decision.proposal, db)?.state == state else { throw Self.changed }
            let others = try Self.history(of: decision.proposal, db).filter { !$0.isDone }
            guard others.isEmpty else { throw Self.changed }
            var decision = decision
            decision.isDone = false
            try Self.insert(decision, db)
        }
    }

    /// Forgets a decision that was begun: the index refused it, and nothing was changed.
    package func forget(_ operation: Bits128) async throws(SwitchboardError) {
        try await write { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT number FROM decision WHERE operation = ? AND is_done = 0",
                arguments: [operation.stored]
            )
            for row in rows {
                let number = try row.integer(0)
                try db.execute(sql: "DELETE FROM touched WHERE decision = ?", arguments: [number])
                try db.execute(sql: "DELETE FROM decision WHERE number = ?", arguments: [number])
            }
        }
    }

    /// Changes the book as a decision says and keeps the decision, both or neither. One that was begun is finished.
    ///
    /// - Parameter undoing: the decision that is taken back by it.
    /// - Throws: `.aborted` where a proposal is not what the change begins with, or something else is under way with it; as
    ///   `begun` for the operation; `.failedPrecondition` where one that is to be removed has members besides those that are
    ///   moved.
    package func apply(_ decision: ReviewDecision, undoing: Bits128? = nil) async throws(SwitchboardError) {
        try await write { db in
            let begun = try Self.begun(decision, db)
            guard let pool = try Self.pool(of: decision.proposal, db) else { throw Self.changed }
            // What was begun about a proposal is finished with what that was then, and before anything that is decided later.
            for id in decision.touched {
                let others = try Self.history(of: id, db).filter { !$0.isDone && $0.operation != decision.operation }
                guard others.isEmpty else { throw Self.changed }
            }
            for edit in decision.change.edits {
                // It may be of another pool, and stays there: later runs over that one look for it.
                guard var head = try Self.head(edit.id, db), Self.fits(edit, head.state),
                    let pool = try Self.pool(of: edit.id, db)
                else { throw Self.changed }
                if !edit.isOfName { head.state = edit.state.after }
                // A run may have given it another name since, which a decision about something else leaves.
                if edit.name.before != edit.name.after { head.name = edit.name.after }
                if let judgement = edit.judgement { head.judgement = judgement.after }
                if let keywords = edit.keywords { head.keywords = keywords }
                try Self.put(head, pool: pool, db)
            }
            for head in decision.change.added { try Self.put(head, pool: pool, db) }
            for move in decision.change.moves { try Self.carryOut(move, db) }
            for id in decision.change.removed {
                guard try Self.members(of: id, limit: 1, db).isEmpty else { throw Self.foundAnew }
                try db.execute(sql: "DELETE FROM member WHERE proposal = ?", arguments: [id.stored])
                try db.execute(sql: "DELETE FROM proposal WHERE id = ?", arguments: [id.stored])
            }
            for id in Set(decision.change.moves.flatMap { [$0.from, $0.to] }) {
                let members = try Self.members(of: id, limit: nil, db).map(\.member)
                try Self.count(id, members.differentConversations, db)
            }
            if let undoing {
                try db.execute(
                    sql: "UPDATE decision SET is_undone = 1 WHERE operation = ?",
                    arguments: [undoing.stored]
                )
            }
            var decision = decision
            // Ids that were erased since are not put back.
            if let begun { decision.act = begun.act }
            decision.isDone = true
            try Self.insert(decision, db)
        }
    }

    private static func fits(_ edit: BookChange.Edit, _ state: ReviewState) -> Bool {
        if state == edit.state.before { return true }
        // Another name fits whether it is hidden or not: a run may have opened it since.
        switch state {
        case .open, .rejected: return edit.isOfName
        case .accepted, .merged, .split: return false
        }
    }

    private static func carryOut(_ move: BookChange.Move, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "UPDATE member SET proposal = ? WHERE number = ? AND proposal = ?")
        for number in move.members {
            try statement.execute(arguments: [move.to.stored, number, move.from.stored])
        }
    }

    /// How many of some members are still where a change left them: others were erased, or a later run found them anew.
    package func present(_ moves: [BookChange.Move]) async throws(SwitchboardError) -> Int {
        try await read { db in
            var count = 0
            let statement = try db.cachedStatement(sql: "SELECT number FROM member WHERE number = ? AND proposal = ?")
            for move in moves {
                for number in move.members
                where try Row.fetchOne(statement, arguments: [number, move.to.stored]) != nil {
                    count += 1
                }
            }
            return count
        }
    }

    // MARK: Rows

    private static let changed = SwitchboardError(
        .aborted,
        "the proposal was changed meanwhile; look at it again (discover show) and decide then"
    )

    /// An operation id is for one decision.
    package static let usedOperation = SwitchboardError(
        .alreadyExists,
        "the operation id was used for another decision; choose a new one for each",
        field: "operation"
    )

    /// What was begun under a decision's operation id; nil: nothing.
    ///
    /// - Throws: `.alreadyExists` where another decision has the id; `.aborted` where this one has ended.
    private static func begun(_ decision: ReviewDecision, _ db: Database) throws -> ReviewDecision? {
        guard let known = try Self.decision(of: decision.operation, db) else { return nil }
        guard decision.continues(known) else { throw usedOperation }
        guard !known.isDone else { throw changed }
        return known
    }

    private static let foundAnew = SwitchboardError(
        .failedPrecondition,
        "a later run has found other members of the parts, which would be in no proposal any more; merge the parts instead "
            + "(discover merge)"
    )

    static func decision(of operation: Bits128, _ db: Database) throws -> ReviewDecision? {
        try Row.fetchOne(
            db,
            sql: "SELECT \(decisionColumns) FROM decision WHERE operation = ?",
            arguments: [operation.stored]
        ).map { try decision($0) }
    }

    static func history(of proposal: Bits128, _ db: Database) throws -> [ReviewDecision] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT \(decisionColumns) FROM decision
                WHERE number IN (SELECT decision FROM touched WHERE proposal = ?) ORDER BY number
                """,
            arguments: [proposal.stored]
        ).map { try decision($0) }
    }

    private static func insert(_ decision: ReviewDecision, _ db: Database) throws {
        let body = try storedJSON(StoredDecision(decision))
        let known = try Row.fetchOne(
            db,
            sql: "SELECT number, is_done FROM decision WHERE operation = ?",
            arguments: [decision.operation.stored]
        )
        let number: Int64
        if let known {
            guard try known.integer(1) == 0 else { throw changed }
            number = try known.integer(0)
            try db.execute(
                sql: "UPDATE decision SET is_done = ?, body = ? WHERE number = ?",
                arguments: [decision.isDone ? 1 : 0, body, number]
            )
        } else {
            try db.execute(
                sql: """
                    INSERT INTO decision (operation, proposal, time_us, is_done, is_undone, body)
                    VALUES (?, ?, ?, ?, 0, ?)
                    """,
                arguments: [
                    decision.operation.stored, decision.proposal.stored, decision.timeMicroseconds,
                    decision.isDone ? 1 : 0, body,
                ]
            )
            number = db.lastInsertedRowID
        }
        for id in decision.touched {
            try db.execute(
                sql: "INSERT OR IGNORE INTO touched (proposal, decision) VALUES (?, ?)",
                arguments: [id.stored, number]
            )
        }
    }

    private static func decision(_ row: Row) throws -> ReviewDecision {
        let stored = try row.value(5) { try storedValue(StoredDecision.self, from: try row.bytes(5)) }
        var position: LogPosition?
        if let place = stored.position { position = try row.value(5) { try place.value() } }
        var decision = ReviewDecision(
            operation: try row.bits(0),
            proposal: try row.bits(1),
            act: try row.value(5) { try stored.act.value() },
            reviewer: stored.reviewer,
            timeMicroseconds: try row.integer(2),
            isDone: try row.integer(3) != 0,
            change: try row.value(5) { try stored.change() },
            position: position,
        )
        decision.isUndone = try row.integer(4) != 0
        return decision
    }
}

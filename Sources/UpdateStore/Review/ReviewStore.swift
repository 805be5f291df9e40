package import Core
internal import Foundation
internal import GRDB
internal import Synchronization

/// The book of what runs proposed and of what people decided about it: `runs/review.sqlite`, the one place of both.
///
/// What was taken is on disk when a call returns, each call whole or not at all. Writes run on GRDB's writer queue, reads
/// on its readers' queues (Dispatch's threads). It decides nothing: whoever asks for a change has worked it out from what
/// it read, and gets `.aborted` where the book has changed since.
package final class ReviewStore: Sendable {
    let pool: DatabasePool
    package let path: String
    /// Held for its lock; let go by `close`.
    private let directory: Mutex<DataDirectory?>

    /// Opens the book of a data directory, making it if it is not there. Blocks for some milliseconds.
    ///
    /// - Throws: as `UpdateLog.init`.
    package init(in directory: DataDirectory) throws(SwitchboardError) {
        self.directory = Mutex(directory)
        path = directory.reviewPath
        pool = try StoreFile.open(path, schema: .review)
    }

    /// Takes what a run found and how it ended, both or neither.
    ///
    /// What was decided since the run read what there was holds. A proposal that was accepted, merged or split stays as it is,
    /// one that an undo removed does not come back, and one that got or lost members by a decision keeps those that it has;
    /// so does one about which a decision was begun: that is finished with the members that it was begun with. What is new
    /// in their clusters goes to the one proposal that has the rest of it, else it is left to the next run. No utterance
    /// comes into a second open proposal by this. What a reviewer called one stays, and so does a decision to hide a proposal as
    /// long as that has not grown by half since.
    ///
    /// - Parameters:
    ///   - previous: what was undecided when the run began, with all members; nil: nothing was decided since.
    ///   - verticals: that the run looked at; none: all.
    ///   - outcome: kept as `outcome(of:)` until `forgetOutcome(of:)`.
    /// - Returns: how many utterances are left to the next run.
    @discardableResult
    package func adopt(
        _ proposals: [Proposal],
        pool name: String,
        of run: Bits128,
        previous: [Proposal]? = nil,
        verticals: [Vertical] = [],
        outcome: [UInt8],
    ) async throws(SwitchboardError) -> Int {
        try await write { db -> Int in
            let left = try Self.adopt(
                proposals,
                pool: name,
                of: run,
                previous: previous,
                verticals: verticals,
                db
            )
            try db.execute(
                sql: "INSERT OR REPLACE INTO ended (run, outcome) VALUES (?, ?)",
                arguments: [run.stored, Data(outcome)]
            )
            return left
        }
    }

    /// How a run ended whose proposals were taken; nil: they were not, or its end stands elsewhere by now.
    package func outcome(of run: Bits128) async throws(SwitchboardError) -> [UInt8]? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT outcome FROM ended WHERE run = ?", arguments: [run.stored])
                .map { [UInt8](try $0.bytes(0)) }
        }
    }

    package func forgetOutcome(of run: Bits128) async throws(SwitchboardError) {
        try await write { db in try Self.forgetOutcome(of: run, db) }
    }

    private static func forgetOutcome(of run: Bits128, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM ended WHERE run = ?", arguments: [run.stored])
    }

    /// Takes a proposal about which nothing was decided but whether it is hidden, and how it is called.
    static func adopt(_ proposal: Proposal, pool name: String, _ db: Database) throws {
        var proposal = proposal
        proposal.state = .open
        if let known = try head(proposal.id, db) {
            if case .rejected(let size) = known.state {
                if 2 * proposal.members.count < 3 * size {
                    proposal.state = known.state
                } else {
                    try voidReject(of: proposal.id, db)
                }
            }
            // Whether a reviewer gave it meanwhile, or took it back.
            if known.name.source == .reviewer || proposal.name.source == .reviewer { proposal.name = known.name }
            // Decisions know its members by their numbers.
            if proposal.continuity == .gone { return try put(proposal, pool: name, db) }
        } else if proposal.continuity == .gone, proposal.members.isEmpty {
            return
        }
        try db.cachedStatement(sql: "DELETE FROM member WHERE proposal = ?").execute(arguments: [proposal.id.stored])
        try put(proposal, pool: name, db)
        try insertMembers(of: proposal, db)
    }

    /// Adds members to those that a proposal has.
    static func insertMembers(of proposal: Proposal, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO member (proposal, text, calls, conversations, centrality, origin, conversation_marks)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        )
        for member in proposal.members {
            try statement.execute(arguments: [
                proposal.id.stored, member.text.value.storedBytes, member.calls, member.conversations,
                member.centrality.isFinite ? member.centrality : 0, Data(member.origin),
                Data(storedMarks: member.conversationMarks),
            ])
        }
        try count(proposal.id, proposal.conversations, db)
    }

    /// Notes in how many different conversations the members of a proposal were said, wherever these have changed.
    static func count(_ id: Bits128, _ conversations: Int, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE proposal SET conversations = ? WHERE id = ?")
            .execute(arguments: [conversations, id.stored])
    }

    static func isBeingDecided(_ id: Bits128, _ db: Database) throws -> Bool {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT 1 FROM touched JOIN decision ON decision.number = touched.decision
                    WHERE touched.proposal = ? AND decision.is_done = 0 LIMIT 1
                    """
            ),
            arguments: [id.stored]
        ) != nil
    }

    /// Writes a proposal's head, over the one that there is; what is counted of its members stays.
    static func put(_ proposal: Proposal, pool name: String, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO proposal (id, pool, run, vertical, head) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET pool = excluded.pool, run = excluded.run, vertical = excluded.vertical,
                    head = excluded.head
                """
        ).execute(arguments: [
            proposal.id.stored, name, proposal.run.stored, proposal.vertical.name,
            try storedJSON(StoredHead(proposal)),
        ])
    }

    /// Forgets the proposals of runs that are no longer kept, and what was decided about them.
    package func remove(runs: [Bits128]) async throws(SwitchboardError) {
        try await write { db in
            for run in runs {
                for id in try Self.proposals(of: run, db) { try Self.remove(id, db) }
                try Self.forgetOutcome(of: run, db)
            }
        }
    }

    /// The same, but for proposals that were accepted or rejected, or about which a decision was begun.
    ///
    /// - Returns: the runs that have such.
    package func removeUndecided(of runs: [Bits128]) async throws(SwitchboardError) -> Set<Bits128> {
        try await write { db in
            var holding: Set<Bits128> = []
            for run in runs {
                for id in try Self.proposals(of: run, db) {
                    if try Self.outlivesItsRun(id, db) { holding.insert(run) } else { try Self.remove(id, db) }
                }
            }
            return holding
        }
    }

    private static func proposals(of run: Bits128, _ db: Database) throws -> [Bits128] {
        let rows = try Row.fetchAll(db, sql: "SELECT id FROM proposal WHERE run = ?", arguments: [run.stored])
        return try rows.map { try $0.bits(0) }
    }

    private static func outlivesItsRun(_ id: Bits128, _ db: Database) throws -> Bool {
        switch try head(id, db)?.state {
        case .accepted, .rejected: return true
        case .open, .merged, .split, nil: return try isBeingDecided(id, db)
        }
    }

    static func remove(_ id: Bits128, _ db: Database) throws {
        for table in ["member", "decision", "touched"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE proposal = ?", arguments: [id.stored])
        }
        try db.execute(sql: "DELETE FROM proposal WHERE id = ?", arguments: [id.stored])
    }

    /// Bytes of the file and what SQLite keeps beside it.
    package func storedBytes() -> Int { StoreFile.bytes(at: path) }

    /// Closes the file and lets go of the folder.
    package func close() async throws(SwitchboardError) {
        try await StoreFile.close(pool, path: path)
        directory.withLock { $0 = nil }
    }

    // MARK: Access

    /// One transaction.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(SwitchboardError) -> Result {
        do {
            return try await pool.write(body)
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "write to")
        }
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(SwitchboardError) -> Result {
        do {
            return try await pool.read(body)
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "read")
        }
    }
}

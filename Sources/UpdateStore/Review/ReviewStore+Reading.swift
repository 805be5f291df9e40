package import Core
internal import Foundation
internal import GRDB

/// A proposal as lists show it, with how much there is of it.
package struct ListedProposal: Sendable, Equatable {
    /// With its first members.
    package var proposal: Proposal
    package var pool: String
    package var size: Int
    package var calls: Int
    /// Different ones.
    package var conversations: Int
}

/// A member and its number in the book.
package struct NumberedMember: Sendable, Equatable {
    package let number: Int64
    package let member: ProposalMember
}

extension ReviewStore {
    private static let memberColumns = "number, text, calls, conversations, centrality, origin, conversation_marks"

    /// Every proposal with its first members, those with the most calls first, then those of the most conversations.
    ///
    /// - Parameters:
    ///   - run: nil: of all.
    ///   - members: how many of each.
    package func proposals(of run: Bits128? = nil, members: Int) async throws(SwitchboardError) -> [ListedProposal] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT p.id, p.head, p.pool, count(m.number), coalesce(sum(m.calls), 0),
                        coalesce(p.conversations, sum(m.conversations), 0)
                    FROM proposal p LEFT JOIN member m ON m.proposal = p.id
                    WHERE :run IS NULL OR p.run = :run GROUP BY p.id
                    """,
                arguments: ["run": run?.stored]
            )
            var listed: [ListedProposal] = []
            for row in rows {
                var proposal = try Self.proposal(row)
                proposal.members = try Self.members(of: proposal.id, limit: members, db).map(\.member)
                listed.append(
                    ListedProposal(
                        proposal: proposal,
                        pool: try row.text(2),
                        size: try row.tally(3),
                        calls: Int(try row.integer(4)),
                        conversations: Int(try row.integer(5)),
                    )
                )
            }
            return listed.sorted { left, right in
                (right.calls, right.conversations, left.proposal.id)
                    < (left.calls, left.conversations, right.proposal.id)
            }
        }
    }

    /// A proposal with all its members; nil: it is not in the book.
    package func proposal(_ id: Bits128) async throws(SwitchboardError) -> Proposal? {
        try await read { db in
            guard var proposal = try Self.head(id, db) else { return nil }
            proposal.members = try Self.members(of: id, limit: nil, db).map(\.member)
            return proposal
        }
    }

    /// Of a proposal, the nearest to its middle first.
    package func members(of id: Bits128) async throws(SwitchboardError) -> [NumberedMember] {
        try await read { db in try Self.members(of: id, limit: nil, db) }
    }

    /// Those of a pool that nobody has accepted, merged or split, with all their members.
    package func undecided(in pool: String) async throws(SwitchboardError) -> [Proposal] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT id, head FROM proposal WHERE pool = ? ORDER BY id",
                arguments: [pool]
            )
            var undecided: [Proposal] = []
            for row in rows {
                var proposal = try Self.proposal(row)
                switch proposal.state {
                case .open, .rejected: break
                case .accepted, .merged, .split: continue
                }
                proposal.members = try Self.members(of: proposal.id, limit: nil, db).map(\.member)
                undecided.append(proposal)
            }
            return undecided
        }
    }

    /// The pool that a proposal was found in; nil: it is not in the book.
    package func pool(of id: Bits128) async throws(SwitchboardError) -> String? {
        try await read { db in try Self.pool(of: id, db) }
    }

    // MARK: Rows

    static func pool(of id: Bits128, _ db: Database) throws -> String? {
        try Row.fetchOne(db, sql: "SELECT pool FROM proposal WHERE id = ?", arguments: [id.stored])?.text(0)
    }

    /// Those of a pool, without their members.
    static func heads(in pool: String, _ db: Database) throws -> [Proposal] {
        try Row.fetchAll(
            db,
            sql: "SELECT id, head FROM proposal WHERE pool = ? ORDER BY id",
            arguments: [pool]
        ).map { try proposal($0) }
    }

    static func head(_ id: Bits128, _ db: Database) throws -> Proposal? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT id, head FROM proposal WHERE id = ?"),
            arguments: [id.stored]
        ).map { try proposal($0) }
    }

    /// - Parameter row: begins with `id, head`.
    private static func proposal(_ row: Row) throws -> Proposal {
        let id = try row.bits(0)
        return try row.value(1) { try storedValue(StoredHead.self, from: try row.bytes(1)).proposal(id) }
    }

    static func members(of id: Bits128, limit: Int?, _ db: Database) throws -> [NumberedMember] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT \(memberColumns) FROM member WHERE proposal = ?
                    ORDER BY centrality DESC, number LIMIT ?
                    """
            ),
            // SQLite takes a negative limit for none.
            arguments: [id.stored, limit ?? -1]
        ).map { row in
            NumberedMember(
                number: try row.integer(0),
                member: ProposalMember(
                    text: try row.value(1) { try UtteranceText(validating: try row.bytes(1)) },
                    calls: try row.tally(2),
                    conversations: try row.tally(3),
                    conversationMarks: try row.bytes(6).marks,
                    centrality: try row.realIfAny(4) ?? 0,
                    origin: [UInt8](try row.bytes(5)),
                )
            )
        }
    }
}

/// Marks of conversations as a column holds them: 8 bytes each, the most significant one first.
extension Data {
    init(storedMarks marks: [UInt64]) {
        self.init(capacity: 8 * marks.count)
        for mark in marks {
            for shift in stride(from: 56, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: mark >> shift)) }
        }
    }

    var marks: [UInt64] {
        let bytes = [UInt8](self)
        return stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            bytes[start..<start + 8].reduce(UInt64(0)) { ($0 << 8) | UInt64($1) }
        }
    }
}

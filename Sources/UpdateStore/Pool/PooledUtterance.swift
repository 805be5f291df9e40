package import Core
internal import Foundation
internal import GRDB

/// Which utterances of a pool are meant.
package struct PoolQuery: Sendable, Hashable {
    /// Empty: the live pool.
    package var pool: String
    /// Empty: of all.
    package var verticals: [Vertical]

    package init(pool: String = PoolStore.live, verticals: [Vertical] = []) {
        self.pool = pool
        self.verticals = verticals
    }
}

/// A different utterance of a pool, with where it was said.
package struct PooledUtterance: Sendable, Hashable {
    /// Its place in the store; kept as long as it is there.
    package let number: Int64
    /// Masked.
    package let text: UtteranceText
    package let vertical: Vertical
    package let role: Role?
    package let reason: PoolReason
    /// How often it was said.
    package let calls: Int
    /// In how many conversations, as far as these were named.
    package let conversations: Int
    /// Of the latest calls, in the order in which they came.
    package fileprivate(set) var places: [Place]
    /// Of the first call that names one; empty: none does.
    package fileprivate(set) var origin: [UInt8]

    /// A conversation, and which of its turns that are in the pool it was, from 0.
    package struct Place: Sendable, Hashable {
        package let conversationID: [UInt8]
        package let turn: Int
    }
}

/// Receipt of what was added to a pool.
package struct PoolReceipt: Sendable, Hashable {
    /// Calls that count now.
    package var added: Int
    /// That were there before.
    package var repeated: Int

    package init(added: Int = 0, repeated: Int = 0) {
        self.added = added
        self.repeated = repeated
    }
}

extension PooledUtterance {
    static let columns = "number, text, vertical, role, reason, calls, conversations"

    /// - Parameter row: of `columns`.
    init(_ row: Row) throws {
        number = try row.integer(0)
        text = try row.value(1) { try UtteranceText(validating: try row.bytes(1)) }
        vertical = try row.vertical(2)
        role = try row.value(3) { StoredRole(rawValue: try row.integer(3)) }.role
        reason = try row.value(4) { PoolReason(stored: try row.integer(4)) }
        calls = try row.tally(5)
        conversations = try row.tally(6)
        places = []
        origin = []
    }

    /// All that a query means, in the order in which they came first.
    static func all(of query: PoolQuery, _ db: Database) throws -> [PooledUtterance] {
        let wanted = Set(query.verticals)
        var utterances: [PooledUtterance] = []
        var indices: [Int64: Int] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT \(columns) FROM utterance WHERE pool = ? ORDER BY number",
            arguments: [query.pool]
        )
        while let row = try rows.next() {
            let utterance = try PooledUtterance(row)
            guard wanted.isEmpty || wanted.contains(utterance.vertical) else { continue }
            indices[utterance.number] = utterances.count
            utterances.append(utterance)
        }
        try addPlaces(to: &utterances, indices, pool: query.pool, db)
        return utterances
    }

    /// Calls came in the order of their numbers, whatever the clock said then; a conversation's turns are counted over the
    /// whole pool, so that those of both roles stay in order.
    private static func addPlaces(
        to utterances: inout [PooledUtterance],
        _ indices: [Int64: Int],
        pool: String,
        _ db: Database,
    ) throws {
        var turns: [Data: Int] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT call.utterance, call.conversation_id, call.origin FROM call
                JOIN utterance ON utterance.number = call.utterance
                WHERE utterance.pool = ? ORDER BY call.number
                """,
            arguments: [pool]
        )
        while let row = try rows.next() {
            let conversation = try row.bytes(1)
            let turn = turns[conversation, default: 0]
            if !conversation.isEmpty { turns[conversation] = turn + 1 }
            guard let index = indices[try row.integer(0)] else { continue }
            if !conversation.isEmpty {
                utterances[index].places.append(Place(conversationID: [UInt8](conversation), turn: turn))
            }
            if utterances[index].origin.isEmpty { utterances[index].origin = [UInt8](try row.bytes(2)) }
        }
    }
}

// Numbers as they stand in the file, never changed.

/// Who said it; a column of a unique key holds no NULL.
enum StoredRole: Int64 {
    case untold = 0
    case caller = 1
    case agent = 2

    init(_ role: Role?) {
        switch role {
        case nil: self = .untold
        case .caller: self = .caller
        case .agent: self = .agent
        }
    }

    var role: Role? {
        switch self {
        case .untold: nil
        case .caller: .caller
        case .agent: .agent
        }
    }
}

extension PoolReason {
    var stored: Int64 {
        switch self {
        case .unknown: 1
        case .clarify: 2
        case .unsure: 3
        case .corrected: 4
        case .file: 5
        }
    }

    init?(stored: Int64) {
        guard let match = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
        self = match
    }
}

extension PoolCounts.Departure {
    var stored: Int64 {
        switch self {
        case .full: 1
        case .expired: 2
        case .explained: 3
        case .purged: 4
        }
    }

    init?(stored: Int64) {
        guard let match = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
        self = match
    }
}

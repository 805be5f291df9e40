package import Core
internal import Foundation
internal import GRDB

extension ReviewStore {
    /// What an erasure takes from the book.
    package struct Erased: Sendable, Equatable {
        package var members = 0
        /// That lost members.
        package var proposals: [Bits128] = []
    }

    /// Something was erased, and the file has not been written anew since.
    package var hasTraces: Bool { StoreFile.hasTraces(path) }

    /// What an erasure would take. Reads all members.
    package func findings(for selection: PurgeSelection) async throws(SwitchboardError) -> Erased {
        try await read { db in
            let found = try Self.findings(for: selection, db)
            return Erased(members: found.reduce(0) { $0 + $1.members.count }, proposals: found.map(\.proposal))
        }
    }

    /// Decisions about what an erasure would take that were begun and have not ended, oldest first: the index may have
    /// been sent it. Reads all members where there is any.
    package func begun(about selection: PurgeSelection) async throws(SwitchboardError) -> [Bits128] {
        try await read { db in try Self.begun(about: selection, db) }
    }

    private static func begun(about selection: PurgeSelection, _ db: Database) throws -> [Bits128] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT d.operation, p.id, p.vertical FROM decision d JOIN touched t ON t.decision = d.number
                JOIN proposal p ON p.id = t.proposal WHERE d.is_done = 0 ORDER BY d.number
                """
        )
        guard !rows.isEmpty else { return [] }
        let found = Set(try findings(for: selection, db).map(\.proposal))
        var operations: [Bits128] = []
        for row in rows {
            var isMeant = found.contains(try row.bits(1))
            if case .vertical(let vertical) = selection, try row.vertical(2) == vertical { isMeant = true }
            let operation = try row.bits(0)
            if isMeant, !operations.contains(operation) { operations.append(operation) }
        }
        return operations
    }

    /// Erases the members that are selected, and what was kept of them: keywords that no other member holds, words of names
    /// that no reviewer gave, also in the history, and their ids there. A proposal that is left without members goes, and so
    /// does all of a vertical that is erased. Then the file is written anew.
    ///
    /// - Throws: `.aborted` where a decision about some of it was begun, and nothing was erased; as
    ///   `FeedbackStore.purge`.
    package func purge(_ selection: PurgeSelection) async throws(SwitchboardError) -> Erased {
        let erased: Erased
        do {
            erased = try await StoreFile.blocking { [pool, path] in
                try StoreFile.erasing(from: path) {
                    try pool.write { db -> Erased in
                        guard try Self.begun(about: selection, db).isEmpty else { throw Self.underWay }
                        return try Self.delete(selection, db)
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
        return erased
    }

    private static let underWay = SwitchboardError(
        .aborted,
        "a decision about what is to be erased has not ended; erase it again"
    )

    private struct Finding {
        let proposal: Bits128
        var members: [Int64]
        var exemplars: [ExemplarID]
        var texts: [UtteranceText]
    }

    /// In the order of the proposals' ids.
    private static func findings(for selection: PurgeSelection, _ db: Database) throws -> [Finding] {
        let rule = PurgeRule(selection)
        var found: [Finding] = []
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT m.number, p.id, p.vertical, m.text, m.origin FROM member m JOIN proposal p ON p.id = m.proposal
                ORDER BY p.id, m.number
                """
        )
        while let row = try rows.next() {
            let vertical = try row.vertical(2)
            let text = try row.value(3) { try UtteranceText(validating: try row.bytes(3)) }
            let exemplar = ExemplarID(vertical: vertical, text: text)
            guard rule.matches(exemplar, origin: [UInt8](try row.bytes(4)), vertical: vertical) else { continue }
            let proposal = try row.bits(1)
            if found.last?.proposal != proposal {
                found.append(Finding(proposal: proposal, members: [], exemplars: [], texts: []))
            }
            found[found.count - 1].members.append(try row.integer(0))
            found[found.count - 1].exemplars.append(exemplar)
            found[found.count - 1].texts.append(text)
        }
        return found
    }

    private static func delete(_ selection: PurgeSelection, _ db: Database) throws -> Erased {
        let found = try findings(for: selection, db)
        let words = TextWords(found.flatMap(\.texts))
        for finding in found {
            for number in finding.members {
                try db.cachedStatement(sql: "DELETE FROM member WHERE number = ?").execute(arguments: [number])
            }
            try shorten(finding.proposal, words, db)
        }
        var gone = Set(found.flatMap(\.exemplars))
        switch selection {
        // Decisions may name what is no member any more.
        case .exemplars(let ids): gone.formUnion(ids)
        case .origin: break
        case .vertical(let vertical):
            let ids = try Row.fetchAll(
                db,
                sql: "SELECT id FROM proposal WHERE vertical = ?",
                arguments: [vertical.name]
            ).map { try $0.bits(0) }
            for id in ids { try remove(id, db) }
        }
        try forget(gone, db)
        try forget(words, db)
        return Erased(members: found.reduce(0) { $0 + $1.members.count }, proposals: found.map(\.proposal))
    }

    /// Some of its members have gone.
    private static func shorten(_ id: Bits128, _ erased: TextWords, _ db: Database) throws {
        let left = try members(of: id, limit: nil, db)
        guard !left.isEmpty else { return try remove(id, db) }
        guard var head = try Self.head(id, db), let name = try Self.pool(of: id, db) else { return }
        head.forget(erased, left: TextWords(left.map(\.member.text)))
        try put(head, pool: name, db)
        try count(id, left.map(\.member).differentConversations, db)
    }

    /// Takes words of erased texts out of proposals that did not have them as members any more, since these went elsewhere by
    /// decisions or by runs; and out of names in the history.
    private static func forget(_ erased: TextWords, _ db: Database) throws {
        for row in try Row.fetchAll(db, sql: "SELECT id, pool FROM proposal ORDER BY id") {
            let id = try row.bits(0)
            guard let head = try Self.head(id, db) else { continue }
            let isEmpty = try members(of: id, limit: 1, db).isEmpty
            let isOfErased = erased.holdAny(of: head.name) || head.keywords.contains { erased.hold($0) }
            guard isEmpty || isOfErased else { continue }
            var rest = head
            rest.forget(erased, left: try wordsLeft(of: id, db))
            if rest != head { try put(rest, pool: try row.text(1), db) }
        }
        for row in try Row.fetchAll(db, sql: "SELECT number, body FROM decision") {
            let stored = try row.value(1) { try storedValue(StoredDecision.self, from: try row.bytes(1)) }
            var rest = stored
            var isChanged = false
            for (place, edit) in stored.edits.enumerated() {
                let before = try row.value(1) { try edit.nameBefore.value() }
                let after = try row.value(1) { try edit.nameAfter.value() }
                guard erased.holdAny(of: before) || erased.holdAny(of: after) else { continue }
                let left = try wordsLeft(of: try row.value(1) { try storedBits(edit.id) }, db)
                rest.edits[place].nameBefore = StoredName(before.without(erased, left: left))
                rest.edits[place].nameAfter = StoredName(after.without(erased, left: left))
                isChanged = true
            }
            guard isChanged else { continue }
            try db.execute(
                sql: "UPDATE decision SET body = ? WHERE number = ?",
                arguments: [try storedJSON(rest), try row.integer(0)]
            )
        }
    }

    /// Of a proposal's members, wherever these are that were merged or split.
    private static func wordsLeft(of id: Bits128, _ db: Database) throws -> TextWords {
        var texts: [UtteranceText] = []
        var (waiting, seen): ([Bits128], Set<Bits128>) = ([id], [])
        while let id = waiting.popLast() {
            guard seen.insert(id).inserted, let head = try Self.head(id, db) else { continue }
            texts += try members(of: id, limit: nil, db).map(\.member.text)
            switch head.state {
            case .merged(let other): waiting.append(other)
            case .split(let parts): waiting += parts
            case .open, .accepted, .rejected: break
            }
        }
        return TextWords(texts)
    }

    /// Takes ids of exemplars out of the history.
    private static func forget(_ exemplars: Set<ExemplarID>, _ db: Database) throws {
        let names = Set(exemplars.map(\.description))
        guard !names.isEmpty else { return }
        for row in try Row.fetchAll(db, sql: "SELECT number, body FROM decision") {
            var stored = try row.value(1) { try storedValue(StoredDecision.self, from: try row.bytes(1)) }
            guard let chosen = stored.act.exemplars, chosen.contains(where: names.contains) else { continue }
            stored.act.exemplars = chosen.filter { !names.contains($0) }
            try db.execute(
                sql: "UPDATE decision SET body = ? WHERE number = ?",
                arguments: [try storedJSON(stored), try row.integer(0)]
            )
        }
    }
}

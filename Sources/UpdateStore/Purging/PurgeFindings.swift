package import Core
internal import GRDB

/// What of a log a purge would erase.
package struct PurgeFindings: Sendable, Equatable {
    /// Those that one operation takes, the oldest first; all, unless `isMore`.
    package fileprivate(set) var exemplars: Set<ExemplarID> = []
    /// Of all that was found, not of `exemplars` alone: those that live.
    package fileprivate(set) var live = 0
    /// Of all that was found: records about them.
    package fileprivate(set) var records = 0
    package fileprivate(set) var isMore = false

    /// Records that one operation blanks at most, well below what its own record can name: more may come in meanwhile.
    static let maximumRecords = Purged.maximumSequences / 2
}

extension UpdateLog {
    /// Looks for what a rule names in every record, those of removed exemplars included. Reads the whole log, once for ids
    /// and twice for all else; appends go on.
    ///
    /// - Throws: `.dataLoss` where a record is damaged; `.failedPrecondition` where one exemplar has too many records.
    package func findings(for rule: PurgeRule) async throws(SwitchboardError) -> PurgeFindings {
        let id = self.id
        do {
            return try await read { db in try PurgeFindings(rule, in: try LogTables(db, log: id)) }
        } catch {
            if let damage = error.cause as? DamagedRecord { board.mark(damaged: damage.sequence, readableTo: nil) }
            throw error
        }
    }
}

extension PurgeFindings {
    init(_ rule: PurgeRule, in tables: LogTables) throws {
        self.init()
        let wanted = try rule.exemplars ?? Self.exemplars(of: rule, in: tables)
        guard !wanted.isEmpty else { return }
        var found: [(id: ExemplarID, vertical: Vertical, records: Int)] = []
        var places: [ExemplarID: Int] = [:]
        try tables.forEachExemplarRecord { record in
            guard let id = record.fact.exemplar, wanted.contains(id), let rest = record.fact.blanked else { return }
            records += 1
            if let place = places[id] {
                found[place].records += 1
            } else {
                places[id] = found.count
                found.append((id, rest.vertical, 1))
            }
        }
        var taken = 0
        var verticals: Set<Vertical> = []
        for entry in found {
            if try tables.exemplar(entry.id) != nil { live += 1 }
            guard entry.records <= Self.maximumRecords else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "exemplar \(entry.id) has \(entry.records) records; at most \(Self.maximumRecords) can be erased at once"
                )
            }
            let isWithin = verticals.contains(entry.vertical) || verticals.count < Purged.maximumVerticals
            guard !isMore, taken + entry.records <= Self.maximumRecords, isWithin else {
                isMore = true
                continue
            }
            taken += entry.records
            verticals.insert(entry.vertical)
            exemplars.insert(entry.id)
        }
    }

    private static func exemplars(of rule: PurgeRule, in tables: LogTables) throws -> Set<ExemplarID> {
        var found: Set<ExemplarID> = []
        try tables.forEachExemplarRecord { record in
            guard let id = record.fact.exemplar, let rest = record.fact.blanked else { return }
            var origin: [UInt8] = []
            if case .exemplarUpserted(let fact) = record.fact { origin = fact.origin }
            if rule.matches(id, origin: origin, vertical: rest.vertical) { found.insert(id) }
        }
        return found
    }
}

extension LogTables {
    /// Every record that is about an exemplar and not blanked, in order.
    ///
    /// - Throws: `.dataLoss` at one that is damaged.
    func forEachExemplarRecord(_ body: (LogRecord) throws -> Void) throws {
        // Upserts, removals and vectors, by their fields' numbers in `LogRecord`.
        let rows = try Row.fetchCursor(db, sql: "SELECT seq FROM record WHERE kind IN (10, 11, 17) ORDER BY seq")
        while let row = try rows.next() {
            let sequence = try row.sequence(0)
            do {
                try body(try record(at: sequence))
            } catch let error as DamagedRecord {
                throw SwitchboardError.damaged(at: error.sequence)
            }
        }
    }
}

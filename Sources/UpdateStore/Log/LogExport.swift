package import Core
internal import Foundation
internal import GRDB

/// The living exemplars of a log as they stood at one place, read page by page while the log goes on.
///
/// It holds a read transaction of SQLite, so the WAL cannot shrink while it lives: drop it when done, and do not hand it
/// to somebody who may stop asking. Pages are read on a queue of its own (Dispatch's threads); one page at a time.
package final class LogExport: Sendable {
    package let position: LogPosition
    private let snapshot: DatabaseSnapshot
    private let log: LogID
    private let path: String
    private let board: LogBoard

    init(snapshot: DatabaseSnapshot, log: LogID, path: String, board: LogBoard) throws {
        self.snapshot = snapshot
        self.log = log
        self.path = path
        self.board = board
        let head = try snapshot.read { db in
            try Row.fetchOne(db, sql: "SELECT head FROM log WHERE id = 1")?.sequence(0)
        }
        position = LogPosition(log: log, sequence: head ?? .start)
    }

    /// The next exemplars, in the order in which they became live.
    ///
    /// - Parameters:
    ///   - place: `ExportedPage.last` of the page before; `.start` at first.
    ///   - verticals: nil: all.
    /// - Returns: a page with nothing in it at the end.
    /// - Throws: `.dataLoss` where an exemplar's record or row is damaged.
    package func page(
        after place: LogSequence,
        verticals: Set<Vertical>? = nil,
        limit: Int = 500,
    ) async throws(SwitchboardError) -> ExportPage {
        let log = self.log
        do {
            return try await snapshot.read { db in
                try Self.page(db, log: log, after: place, verticals: verticals, limit: limit)
            }
        } catch {
            let failure = SwitchboardError(store: error, path: path, doing: "read")
            if let damage = failure.cause as? DamagedRecord { board.mark(damaged: damage.sequence, readableTo: nil) }
            throw failure
        }
    }

    private static func page(
        _ db: Database,
        log: LogID,
        after place: LogSequence,
        verticals: Set<Vertical>?,
        limit: Int,
    ) throws -> ExportPage {
        let names = verticals.map { $0.map(\.name).sorted() }
        let filter = names.map { names in
            "AND vertical.name IN (\(names.map { _ in "?" }.joined(separator: ", ")))"
        }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT exemplar.first_seq, exemplar.id, exemplar.seq, exemplar.intent, exemplar.vector_seq FROM exemplar
                JOIN vertical ON vertical.number = exemplar.vertical
                WHERE exemplar.first_seq > ? \(filter ?? "") ORDER BY exemplar.first_seq LIMIT ?
                """,
            arguments: StatementArguments([place.stored] as [any DatabaseValueConvertible])
                + StatementArguments(names ?? []) + [limit]
        )
        let tables = try LogTables(db, log: log)
        var paths: [IntentID: IntentPath] = [:]
        var page = ExportPage(exemplars: [], last: place)
        for row in rows {
            let first = try row.sequence(0)
            let id = ExemplarID(try row.bits(1))
            let sequence = try row.sequence(2)
            let fact = try tables.upsert(at: sequence)
            guard let text = fact.text, ExemplarID(vertical: fact.vertical, text: text) == id else {
                throw SwitchboardError.unreadable("an exemplar's row")
            }
            // Since a switch of models it has a record of its own.
            let vector = try row.sequenceIfAny(4).map { try tables.vector(at: $0) }
            let intent = try row.intent(3)
            let path = try paths[intent] ?? tables.path(of: intent)
            paths[intent] = path
            page.exemplars.append(
                ExportPage.Exemplar(
                    id: id,
                    vertical: fact.vertical,
                    text: text,
                    path: path,
                    vector: vector?.vector ?? fact.vector,
                    encoder: vector?.encoder ?? fact.encoder,
                    origin: fact.origin,
                    sequence: sequence,
                )
            )
            page.last = first
        }
        return page
    }
}

/// Some living exemplars of a log.
package struct ExportPage: Sendable, Equatable {
    package fileprivate(set) var exemplars: [Exemplar]
    /// Where the next page goes on.
    package fileprivate(set) var last: LogSequence

    package struct Exemplar: Sendable, Equatable {
        package let id: ExemplarID
        package let vertical: Vertical
        package let text: UtteranceText
        /// As its intent is named at the export's place.
        package let path: IntentPath
        package let vector: [Float]
        package let encoder: ModelID
        package let origin: [UInt8]
        /// Of the record that last changed it.
        package let sequence: LogSequence
    }
}

extension UpdateLog {
    /// Opens an export at the head as it is now.
    package func export() async throws(SwitchboardError) -> LogExport {
        do {
            return try await StoreFile.blocking {
                try LogExport(snapshot: try self.pool.makeSnapshot(), log: self.id, path: self.path, board: self.board)
            }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "read")
        }
    }
}

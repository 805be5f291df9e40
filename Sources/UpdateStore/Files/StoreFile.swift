internal import Core
internal import Dispatch
internal import Foundation
internal import GRDB

/// How a store's SQLite file is laid out: whose it is, and the steps that bring an older one up to date.
struct StoreSchema: Sendable {
    /// SQLite's application id, so that `file` and we know our own.
    let applicationID: Int32
    /// What the file is called in messages.
    let name: String
    /// Step `n` makes version `n + 1` of version `n`; a step that was ever released is not changed again.
    let steps: [String]
}

/// Opens the SQLite files of a data directory so that a commit is on disk when it returns.
///
/// WAL with `synchronous = FULL` (GRDB sets NORMAL when it enters WAL, so it is set afterwards, and read back), and
/// `secure_delete`, since what was erased has to be gone from the file. All calls block; GRDB's writer queue runs
/// writes, its reader queues run reads, none of them is Swift's cooperative pool.
enum StoreFile {
    /// Commits let SQLite copy the WAL back into the file from this many pages (of 4 KiB) on.
    static let checkpointPages = 4_000

    /// - Throws: `.failedPrecondition` for a file of another program or a newer version, or one that cannot be
    ///   written; `.dataLoss` for one that is damaged; `.resourceExhausted` on a full disk.
    static func open(_ path: String, schema: StoreSchema) throws(SwitchboardError) -> DatabasePool {
        var configuration = Configuration()
        configuration.label = schema.name
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                try db.execute(
                    sql: """
                        PRAGMA synchronous = FULL;
                        PRAGMA wal_autocheckpoint = \(checkpointPages);
                        PRAGMA journal_size_limit = \(64 << 20);
                        PRAGMA cache_size = -\(32 << 10)
                        """
                )
                try check("journal_mode", isOneOf: ["wal"], db, path)
                try check("synchronous", isOneOf: ["2"], db, path)
                try check("secure_delete", isOneOf: ["1"], db, path)
                try migrate(db, to: schema, path: path)
            }
            return pool
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "open")
        }
    }

    /// Writes the WAL back where the disk allows it and closes the file, on a thread of Dispatch's.
    static func close(_ pool: DatabasePool, path: String) async throws(SwitchboardError) {
        do {
            try await blocking {
                // All is on disk with the WAL as it is; where it cannot be written back (a full disk, somebody reads),
                // the next one to open the file does so.
                _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
                try pool.close()
            }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "close")
        }
    }

    /// Of the file and the WAL beside it; 0 where there is none.
    static func bytes(at path: String) -> Int {
        ["", "-wal"].reduce(0) { sum, suffix in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
            return sum + ((attributes?[.size] as? NSNumber)?.intValue ?? 0)
        }
    }

    /// Runs what blocks on a thread of Dispatch's.
    static func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(with: Swift.Result(catching: work))
            }
        }
    }

    private static func check(
        _ pragma: String,
        isOneOf accepted: Set<String>,
        _ db: Database,
        _ path: String,
    ) throws {
        let value = try Row.fetchOne(db, sql: "PRAGMA \(pragma)").flatMap { row -> String? in
            let value: DatabaseValue = row[0]
            return Int64.fromDatabaseValue(value).map(String.init) ?? String.fromDatabaseValue(value)
        }
        guard let value, accepted.contains(value) else {
            throw SwitchboardError(
                .failedPrecondition,
                "SQLite answers \(pragma) = \(value ?? "nothing") for \(path); commits would not be safe there",
            )
        }
    }

    private static func migrate(_ db: Database, to schema: StoreSchema, path: String) throws {
        try db.inTransaction(.immediate) {
            let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            let isNew = try version == 0 && Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
            guard isNew || application == schema.applicationID else {
                throw SwitchboardError(.failedPrecondition, "\(path) is not a \(schema.name) of Switchboard")
            }
            guard version <= schema.steps.count else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "\(path) has version \(version), this program reads up to \(schema.steps.count); "
                        + "start the newer program that wrote it",
                )
            }
            guard version < schema.steps.count else { return .rollback }
            for step in schema.steps[version...] {
                try db.execute(sql: step)
            }
            try db.execute(
                sql: """
                    PRAGMA application_id = \(schema.applicationID);
                    PRAGMA user_version = \(schema.steps.count)
                    """
            )
            return .commit
        }
    }
}

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
            finishErasingIfBegun(pool, path: path)
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

    /// Reads a file that nobody has open, without writing to it or making anything beside it; on a thread of
    /// Dispatch's.
    ///
    /// Where its last user did not close it, what was committed last lies in the WAL alone; then a copy of both in a
    /// temporary folder is read, since SQLite cannot read a WAL without making an index of it.
    ///
    /// - Returns: nil where the file is not there, or nothing was ever written to it.
    /// - Throws: as `open`.
    static func readUnused<Result: Sendable>(
        _ path: String,
        schema: StoreSchema,
        _ body: @escaping @Sendable (Database) throws -> Result,
    ) async throws(SwitchboardError) -> Result? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try await blocking {
                guard bytes(ofFile: path + "-wal") > 0 else {
                    return try read(uri(ofImmutable: path), path: path, schema: schema, body)
                }
                let folder = NSTemporaryDirectory() + "switchboard-\(UUID().uuidString)"
                // The system empties the folder above in the end.
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let copy = try Self.copy(path, into: folder)
                return try read(copy, path: path, schema: schema, body)
            }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "read")
        }
    }

    private static func read<Result>(
        _ place: String,
        path: String,
        schema: StoreSchema,
        _ body: (Database) throws -> Result,
    ) throws -> Result? {
        var configuration = Configuration()
        configuration.label = schema.name
        configuration.readonly = true
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA trusted_schema = OFF") }
        let queue = try DatabaseQueue(path: place, configuration: configuration)
        let result = try queue.read { db -> Result? in
            guard try !isNew(db) else { return nil }
            let version = try Self.version(of: db, schema: schema, path: path)
            guard version == schema.steps.count else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "\(path) has version \(version) and this program reads \(schema.steps.count); the next start of a "
                        + "node brings it up to date",
                )
            }
            return try body(db)
        }
        try queue.close()
        return result
    }

    /// As an immutable file SQLite takes no lock on it and makes no file beside it.
    static func uri(ofImmutable path: String) -> String {
        let written = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return (path.hasPrefix("/") ? "file://" : "file:") + written + "?immutable=1"
    }

    /// - Returns: the copy's path, its WAL beside it.
    private static func copy(_ path: String, into folder: String) throws -> String {
        let copy = folder + "/copy.sqlite"
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
        } catch {
            throw SwitchboardError(
                .failedPrecondition,
                "\(path) was not closed by its last node, and \(folder) does not take the copy that it has to be read "
                    + "from: \(error.localizedDescription); set TMPDIR to a folder with as much room, or start a node "
                    + "once",
                cause: error,
            )
        }
        return copy
    }

    /// Of the file and the WAL beside it; 0 where there is none.
    static func bytes(at path: String) -> Int {
        bytes(ofFile: path) + bytes(ofFile: path + "-wal")
    }

    static func bytes(ofFile path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
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
            switch row.storage(0) {
            case .int64(let number): String(number)
            case .string(let text): text
            default: nil
            }
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
            let version = try isNew(db) ? 0 : Self.version(of: db, schema: schema, path: path)
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

    /// Nothing was ever written to it.
    private static func isNew(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 == 0
            && Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
    }

    /// - Throws: `.failedPrecondition` for a file of another program or a newer version.
    static func version(of db: Database, schema: StoreSchema, path: String) throws -> Int {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard application == schema.applicationID else {
            throw SwitchboardError(.failedPrecondition, "\(path) is not a \(schema.name) of Switchboard")
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= schema.steps.count else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(path) has version \(version), this program reads up to \(schema.steps.count); "
                    + "start the newer program that wrote it",
            )
        }
        return version
    }
}

internal import Core
internal import Foundation
internal import GRDB
internal import Glibc

/// Copies a store's file with SQLite's online backup.
enum StoreCopy {
    /// Pages of 4 KiB at a time, so that the work can be told of and ended.
    private static let pages: CInt = 512

    /// Opens a store that a node may be writing to. It is opened for writing, since SQLite cannot read a WAL that nobody
    /// has open without making an index of it; nothing is written.
    static func source(_ path: String, _ schema: StoreSchema) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "backup of " + schema.name
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// - Throws: `.failedPrecondition` for a file of another program or a newer version.
    static func version(of db: Database, _ schema: StoreSchema, path: String) throws -> Int {
        try StoreFile.version(of: db, schema: schema, path: path)
    }

    /// - Parameter db: inside a read transaction, whose moment is copied.
    static func copy(
        _ db: Database,
        _ name: String,
        to folder: String,
        _ meter: CopyMeter
    ) throws -> BackupManifest.File {
        let path = "\(folder)/\(name)"
        // Made by us, so that nobody else can read it from the first byte on.
        try DurableFile.append([], to: path, mustBeNew: true)
        let target = try DatabaseQueue(path: path)
        var done = 0
        try target.writeWithoutTransaction { target in
            try db.backup(to: target, pagesPerStep: pages) { step in
                let bytes = step.completedPageCount * 4_096
                try meter.add(bytes - done)
                done = bytes
            }
        }
        try target.close()
        let (bytes, sha256) = try CopiedFile(path: path).pieces()
        return BackupManifest.File(path: name, bytes: bytes, sha256: sha256)
    }
}

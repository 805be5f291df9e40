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
    ///
    /// - Parameter part: the backup's folder, of a store that nobody writes to and nothing can be made beside: the file is
    ///   read as one that never changes or, where what was committed last lies in its WAL alone, a copy of both in there.
    static func source(_ path: String, _ schema: StoreSchema, stillIn part: String? = nil) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "backup of " + schema.name
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF")
        }
        guard let part else { return try DatabaseQueue(path: path, configuration: configuration) }
        guard StoreFile.bytes(ofFile: path + "-wal") > 0 else {
            configuration.readonly = true
            return try DatabaseQueue(path: StoreFile.uri(ofImmutable: path), configuration: configuration)
        }
        return try DatabaseQueue(path: try copyOfStill(path, in: part), configuration: configuration)
    }

    /// Called so that what a killed backup leaves is known for a backup's.
    private static func stillFolder(in part: String) -> String { "\(part)/log.sqlite-source" }

    private static func copyOfStill(_ path: String, in part: String) throws -> String {
        let files = FileManager.default
        let folder = stillFolder(in: part)
        try files.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let name = path.split(separator: "/").last.map(String.init) ?? "store"
        for suffix in ["", "-wal"] {
            let copy = "\(folder)/\(name)\(suffix)"
            try files.copyItem(atPath: path + suffix, toPath: copy)
            try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy)
        }
        return "\(folder)/\(name)"
    }

    /// Deletes the copies that `source` made; none of them is open any more.
    static func removeStill(in part: String) {
        try? FileManager.default.removeItem(atPath: stillFolder(in: part))
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

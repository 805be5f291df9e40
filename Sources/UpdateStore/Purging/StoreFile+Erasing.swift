internal import Core
internal import GRDB
internal import Glibc

/// Getting rid of what was deleted from a store's file: SQLite leaves copies of it in pages that it split, and in the WAL.
///
/// A mark beside the file stands from before the deletion until the file has been written anew, so that whoever opens the
/// store after a crash in between does that first.
extension StoreFile {
    static func mark(of path: String) -> String { path + "-erasing" }

    /// Runs what deletes something, and marks the file from before that on.
    static func erasing<Result>(from path: String, _ work: () throws -> Result) throws -> Result {
        let hadTraces = hasTraces(path)
        try beginErasing(from: path)
        do {
            return try work()
        } catch {
            // Nothing was deleted.
            if !hadTraces { unlink(mark(of: path)) }
            throw error
        }
    }

    /// Runs what makes other files stale, and marks them from before that on.
    static func marking<Result>(_ path: String, _ work: () throws -> Result) throws -> Result {
        let wasMarked = hasTraces(path)
        try DurableFile.touch(mark(of: path))
        do {
            return try work()
        } catch {
            if !wasMarked { unlink(mark(of: path)) }
            throw error
        }
    }

    /// - Throws: `.resourceExhausted` where the disk has no room to write the file anew, and so nothing may be deleted.
    static func beginErasing(from path: String) throws {
        let folder = folder(of: path)
        // The new file, and its pages in the WAL until they have been copied back.
        let needed = UInt64(2 * bytes(at: path)) + DataDirectory.minimumFreeBytes
        let free = try DataDirectory.freeBytes(at: folder)
        guard free >= needed else {
            throw SwitchboardError(
                .resourceExhausted,
                "erasing writes \(path) anew: the disk has \(free >> 20) MiB free, \(needed >> 20) MiB are needed; nothing "
                    + "was erased, free some space"
            )
        }
        try DurableFile.touch(mark(of: path))
    }

    /// Something was deleted, and the file has not been written anew since.
    static func hasTraces(_ path: String) -> Bool { access(mark(of: path), F_OK) == 0 }

    /// Writes the file anew, from what is in it, and empties the WAL.
    ///
    /// - Throws: errors of SQLite, for instance where somebody reads an older moment for longer than the time-out of 5 s:
    ///   the mark stays then.
    static func finishErasing(_ pool: DatabasePool, path: String) throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM")
            _ = try db.checkpoint(.truncate)
        }
        unlink(mark(of: path))
        try DurableFile.synchronize(folder: folder(of: path))
    }

    /// Finishes what a process that was killed had begun.
    static func finishErasingIfBegun(_ pool: DatabasePool, path: String) {
        guard hasTraces(path) else { return }
        // Where the disk is full a node starts all the same; the mark stays, and `doctor` tells of it.
        try? finishErasing(pool, path: path)
    }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}

package import Core
internal import Foundation
internal import Glibc

/// Files of a data directory that are written whole or not at all, and that tell whether they still are what was written:
/// a mark, SHA-256 of the rest, the rest.
///
/// Every call blocks for the disk. It does not look into what it keeps.
package enum CheckedFile {
    private static let mark = Array("SBFILE1\n".utf8)

    /// Returns when the file is on disk under its name, readable by its owner alone; what had the name is replaced.
    ///
    /// - Throws: `.resourceExhausted` on a full disk; `.unavailable` where it cannot be written.
    package static func write(_ bytes: [UInt8], to path: String) throws(SwitchboardError) {
        let unfinished = path + ".tmp"
        // Of a process that was killed while it wrote.
        unlink(unfinished)
        do throws(SystemCallError) {
            try DurableFile.append(mark + digest(of: bytes) + bytes, to: unfinished, mustBeNew: true)
            try SystemCallError.checked("rename \(unfinished)") { rename(unfinished, path) }
            try DurableFile.synchronize(folder: StoreFile.folder(of: path))
        } catch {
            unlink(unfinished)
            let isFull = error.code == .noSpace
            throw SwitchboardError(
                isFull ? .resourceExhausted : .unavailable,
                "\(path) cannot be written\(isFull ? ": the disk is full; free some space" : "")",
                cause: error
            )
        }
    }

    /// - Returns: nil where there is no such file.
    /// - Throws: `.dataLoss` where it is not what was written; `.unavailable` where it cannot be read.
    package static func read(_ path: String) throws(SwitchboardError) -> [UInt8]? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SwitchboardError(.unavailable, "\(path) cannot be read; its owner has to be the node's user")
        }
        let bytes = [UInt8](data)
        let start = mark.count + 32
        guard bytes.count >= start, bytes.starts(with: mark) else { throw damaged(path) }
        let body = Array(bytes[start...])
        guard digest(of: body) == Array(bytes[mark.count..<start]) else { throw damaged(path) }
        return body
    }

    private static func digest(of bytes: [UInt8]) -> [UInt8] {
        var hash = Hash256()
        hash.update(bytes)
        return hash.digest()
    }

    private static func damaged(_ path: String) -> SwitchboardError {
        SwitchboardError(.dataLoss, "\(path) is damaged: it does not match its checksum")
    }
}

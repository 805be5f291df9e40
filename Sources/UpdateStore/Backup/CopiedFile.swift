internal import Core
internal import Foundation
internal import Glibc

/// A file that is read once from its beginning to its end.
struct CopiedFile {
    static let piece = 1 << 20

    let path: String

    /// Copies it to a file that is not there yet, readable by its owner alone, and on disk when this returns.
    func copy(to target: String, _ meter: CopyMeter) throws -> (bytes: Int, sha256: String) {
        let descriptor = try SystemCallError.checked("open \(target)") {
            open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let read = try pieces { piece in
            try output.write(contentsOf: piece)
            try meter.add(piece.count)
        }
        try SystemCallError.checked("fsync \(target)") { fsync(descriptor) }
        try output.close()
        return read
    }

    /// - Parameter each: gets the pieces in order.
    func pieces(_ each: (Data) throws -> Void = { _ in }) throws -> (bytes: Int, sha256: String) {
        let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? input.close() }
        var hash = Hash256()
        var bytes = 0
        while let piece = try input.read(upToCount: Self.piece), !piece.isEmpty {
            hash.update(piece)
            bytes += piece.count
            try each(piece)
        }
        return (bytes, hexadecimal(hash.digest()))
    }

    /// Makes the folders below `root` that a path lies in, where they are not there yet.
    static func makeFolders(of path: String, in root: String) throws(SystemCallError) {
        for folder in folders(of: [path]) {
            do {
                try SystemCallError.checked("mkdir \(root)/\(folder)") { mkdir("\(root)/\(folder)", 0o700) }
            } catch {
                guard error.code == .exists else { throw error }
            }
        }
    }

    /// The folders that paths lie in, each once, outer ones first.
    static func folders(of paths: [String]) -> [String] {
        var folders: Set<String> = []
        for path in paths {
            let parts = path.split(separator: "/").dropLast()
            for count in parts.indices { folders.insert(parts[...count].joined(separator: "/")) }
        }
        return folders.sorted()
    }
}

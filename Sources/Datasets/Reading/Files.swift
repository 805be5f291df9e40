internal import Core
internal import Foundation

/// - Throws: `.notFound` or `.permissionDenied`, with the file's name.
func openForReading(_ file: String) throws(DatasetError) -> FileHandle {
    var isDirectory = false
    guard fileExists(file, isDirectory: &isDirectory) else {
        throw DatasetError(file: file, reason: "there is no such file", code: .notFound)
    }
    guard !isDirectory else {
        throw DatasetError(file: file, reason: "is a folder; this format is read from a file")
    }
    guard let handle = FileHandle(forReadingAtPath: file) else {
        throw DatasetError(file: file, reason: "may not be read by this user", code: .permissionDenied)
    }
    return handle
}

/// Whether a file or folder is there, and which of both.
func fileExists(_ path: String, isDirectory: inout Bool) -> Bool {
    var flag: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &flag)
    isDirectory = flag.boolValue
    return exists
}

/// Reads a whole file, for formats that are one document.
///
/// - Throws: as `openForReading`, and `.invalidArgument` for more than 256 MiB.
func wholeFile(_ file: String) throws(DatasetError) -> [UInt8] {
    let handle = try openForReading(file)
    let most = 256 * 1024 * 1024
    var bytes: [UInt8] = []
    while true {
        let piece: Data
        do {
            piece = try handle.read(upToCount: 1024 * 1024) ?? Data()
        } catch {
            throw DatasetError(file: file, reason: "cannot be read: \(error.localizedDescription)", code: .unavailable)
        }
        if piece.isEmpty { return bytes }
        bytes.append(contentsOf: piece)
        guard bytes.count <= most else {
            throw DatasetError(
                file: file,
                reason: "has more than \(most) bytes, which this format cannot be read with; jsonl has no such limit"
            )
        }
    }
}

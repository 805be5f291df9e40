internal import Core
internal import Foundation

/// A file of a data directory to which lines of JSON are added, each on disk before what it notes is done.
///
/// A line that was not written to its end, as the disk was full or the process killed, counts for nothing: what it was for
/// was not done. Not to be added to by two at a time.
struct DurableLines<Line: Codable & Sendable>: Sendable {
    let path: String
    /// What is listed, such as `purges`.
    let subject: String

    private var newline: UInt8 { UInt8(ascii: "\n") }
    private var maximumBytes: Int { 256 << 20 }
    /// Well above what one has.
    private var maximumLineBytes: UInt64 { 4_096 }

    /// On disk when this returns.
    func append(_ lines: [Line]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var bytes = try beginningOfLine()
        for line in lines {
            bytes += try encoder.encode(line)
            bytes.append(newline)
        }
        try DurableFile.append(bytes, to: path)
    }

    /// Makes room for a line of its own: takes away what was left of one that was not written to its end.
    ///
    /// - Returns: what goes before the next line.
    private func beginningOfLine() throws -> [UInt8] {
        guard let file = FileHandle(forUpdatingAtPath: path) else { return [] }
        defer { try? file.close() }
        let size = try file.seekToEnd()
        let start = size - min(size, maximumLineBytes)
        try file.seek(toOffset: start)
        let tail = try file.read(upToCount: Int(size - start)) ?? Data()
        let line = tail.suffix(from: tail.lastIndex(of: newline).map { $0 + 1 } ?? tail.startIndex)
        guard !line.isEmpty else { return [] }
        // Somebody wrote to the file who ends it otherwise.
        guard (try? JSONDecoder().decode(Line.self, from: Data(line))) == nil else { return [newline] }
        guard line.count < tail.count || start == 0 else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(path) is no list of \(subject); move it away, and do the same again"
            )
        }
        try file.truncate(atOffset: size - UInt64(line.count))
        return []
    }

    /// All lines but what is left of one that was not written to its end.
    ///
    /// - Throws: `.invalidArgument` where the file is not there or no such list, naming the line.
    func lines() throws -> [Line] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw SwitchboardError.invalid("there is no \(path)")
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard data.count <= maximumBytes else {
            throw SwitchboardError.invalid("\(path) has more than \(maximumBytes >> 20) MiB")
        }
        let decoder = JSONDecoder()
        let pieces = data.split(separator: newline)
        let isTorn = data.last != newline
        return try pieces.enumerated().compactMap { index, piece in
            if let line = try? decoder.decode(Line.self, from: Data(piece)) { return line }
            guard isTorn, index == pieces.count - 1, index > 0 else {
                throw SwitchboardError.invalid("line \(index + 1) of \(path) is no line of a list of \(subject)")
            }
            return nil
        }
    }
}

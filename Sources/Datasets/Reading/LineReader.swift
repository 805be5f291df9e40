internal import Core
internal import Foundation

/// Reads a file line by line in bounded memory, whatever the file's length.
///
/// A line ends with LF or CR LF, which are not handed out; a UTF-8 byte order mark is dropped. Used by one thread. It
/// does not look at the bytes beyond that: `DelimitedReader` and the sources say what is wrong with them.
final class LineReader {
    /// Bytes a line may have.
    static let maximumLineBytes = 4 * 1024 * 1024
    private static let pieceBytes = 256 * 1024

    let file: String
    /// Of the line handed out last; 0 before the first.
    private(set) var lineNumber = 0
    /// The line handed out last was the file's last and had no line end.
    private(set) var endsWithoutLineEnd = false
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// Nothing more is handed out.
    var hasEnded: Bool { isAtEnd && position == buffer.count }

    /// - Throws: `.notFound` or `.permissionDenied`, or `.invalidArgument` for a file in UTF-16.
    init(file: String) throws(DatasetError) {
        self.file = file
        handle = try openForReading(file)
        try refill()
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) {
            position = 3
        } else if buffer.starts(with: [0xFF, 0xFE]) || buffer.starts(with: [0xFE, 0xFF]) {
            throw DatasetError(file: file, line: 1, reason: "the file is in UTF-16; UTF-8 is accepted")
        }
    }

    /// - Returns: the next line's bytes without its end; nil after the last.
    func next() throws(DatasetError) -> [UInt8]? {
        var scanned = position
        while true {
            if let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                lineNumber += 1
                return Array(buffer[position..<withoutCarriageReturn(end)])
            }
            if isAtEnd {
                guard position < buffer.count else { return nil }
                defer { position = buffer.count }
                lineNumber += 1
                endsWithoutLineEnd = true
                return Array(buffer[position..<withoutCarriageReturn(buffer.count)])
            }
            guard buffer.count - position <= Self.maximumLineBytes else {
                // Where the next line begins is not known, so nothing more is handed out.
                position = buffer.count
                isAtEnd = true
                throw DatasetError(
                    file: file,
                    line: lineNumber + 1,
                    reason: "the line has more than \(Self.maximumLineBytes) bytes, and nothing from there on is read; "
                        + "is this a text file?",
                    endsReading: true
                )
            }
            scanned = buffer.count - position
            try refill()
        }
    }

    /// Passes over the lines before `line`, so that the next one handed out is `line` itself.
    func skip(to line: Int) throws(DatasetError) {
        while lineNumber + 1 < line {
            guard try next() != nil else { return }
        }
    }

    private func withoutCarriageReturn(_ end: Int) -> Int {
        end > position && buffer[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
    }

    private func refill() throws(DatasetError) {
        buffer.removeFirst(position)
        position = 0
        let piece: Data
        do {
            piece = try handle.read(upToCount: Self.pieceBytes) ?? Data()
        } catch {
            // Who goes on after an error would come to the same one for ever.
            (buffer, isAtEnd) = ([], true)
            throw DatasetError(
                file: file,
                line: lineNumber + 1,
                reason: "cannot be read: \(error.localizedDescription)",
                code: .unavailable,
                endsReading: true
            )
        }
        isAtEnd = piece.isEmpty
        buffer.append(contentsOf: piece)
    }
}

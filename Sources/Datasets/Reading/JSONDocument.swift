/// A JSON file read as one document, with the line of where the scanner stands.
struct JSONDocument {
    let file: String
    var scanner: JSONScanner
    private let bytes: [UInt8]
    private var counted = 0
    private var lineEnds = 0

    init(file: String, bytes: [UInt8]) {
        self.file = file
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        self.bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes
        scanner = JSONScanner(self.bytes)
    }

    /// Of the scanner's position, counted from 1.
    var line: Int {
        mutating get { line(at: scanner.position) }
    }

    /// Counts on from the last question, so asking in order costs one pass over the file.
    mutating func line(at offset: Int) -> Int {
        if offset < counted {
            counted = 0
            lineEnds = 0
        }
        lineEnds += bytes[counted..<min(offset, bytes.count)].count { $0 == UInt8(ascii: "\n") }
        counted = min(offset, bytes.count)
        return lineEnds + 1
    }

    mutating func problem(_ error: JSONError) -> DatasetError {
        DatasetError(
            file: file,
            line: line(at: error.offset),
            reason: error.isCutOff ? "the file is cut off: \(error.reason)" : error.reason,
            endsReading: true
        )
    }
}

/// A row as it stands in the file: split into its parts, the parts not yet checked.
struct RawRow {
    var file: String
    /// The row's first line, counted from 1.
    var line: Int
    var text: String
    var intents: [RawIntent] = []
    var vertical: String?
    var role: String?
    var conversation: String?
    var origin: String?
    /// With the id of the encoder that made it; taken only together.
    var vector: [Float] = []
    var encoder: String?
    /// The file says it by where the row stands, not by the label.
    var isOutOfScope = false
}

/// An intent as it stands in the file.
enum RawIntent {
    /// One level, or several with `/` between.
    case written(String)
    /// The format itself has levels.
    case levels([String])

    var isBlank: Bool {
        switch self {
        case .written(let label): label.allSatisfy(\.isWhitespace)
        case .levels(let levels): levels.allSatisfy { $0.allSatisfy(\.isWhitespace) }
        }
    }
}

/// Hands out the rows of one format in the order of the file.
///
/// After an error in one row `next` goes on with the following one; after an error in the file's structure it hands
/// out nothing more.
protocol RowSource: AnyObject {
    func next() throws(DatasetError) -> RawRow?
    /// A file that was read to its end had no line end there.
    var endsWithoutLineEnd: Bool { get }
}

/// - Throws: `.invalidArgument` where the bytes are not UTF-8, naming the first bad one.
func decoded(_ bytes: [UInt8], _ what: @autoclosure () -> String, file: String, line: Int) throws(DatasetError)
    -> String
{
    if let string = String(validating: bytes, as: UTF8.self) { return string }
    let bad = firstInvalidByte(in: bytes)
    throw DatasetError(
        file: file,
        line: line,
        reason: "\(what()) is not valid UTF-8 from its byte \(bad + 1) on; is the file in Latin-1?"
    )
}

/// Where the longest valid beginning ends.
private func firstInvalidByte(in bytes: [UInt8]) -> Int {
    var valid = 0
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
        valid += UTF8.width(scalar)
    }
    return valid
}

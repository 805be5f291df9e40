package import Core

/// What is wrong with a data set: the file, the line where one can be named, and the reason with what is accepted.
///
/// The reason never holds text of a row.
package struct DatasetError: Error, Sendable, Hashable, CustomStringConvertible {
    package let file: String
    /// Counted from 1; of a record over several lines, its first.
    package let line: Int?
    package let reason: String
    package let code: StatusCode
    /// Nothing of the file is read from there on.
    package internal(set) var endsReading: Bool

    package init(
        file: String,
        line: Int? = nil,
        reason: String,
        code: StatusCode = .invalidArgument,
        endsReading: Bool = false,
    ) {
        self.file = file
        self.line = line
        self.reason = reason
        self.code = code
        self.endsReading = endsReading
    }

    package var description: String {
        line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)"
    }
}

internal import Foundation

/// A file or folder, and of a file with several parts the one that is meant: `FILE` or `FILE#part`.
package struct DatasetLocation: Sendable, Hashable, CustomStringConvertible {
    package var path: String
    package var part: String?

    package init(path: String, part: String? = nil) {
        self.path = path
        self.part = part
    }

    /// Reads the written form; a file whose own name holds `#` wins over a part of that name.
    package init(_ written: String) {
        if let mark = written.lastIndex(of: "#"), mark != written.startIndex,
            !FileManager.default.fileExists(atPath: written)
        {
            path = String(written[..<mark])
            part = String(written[written.index(after: mark)...])
        } else {
            path = written
        }
    }

    package var description: String { part.map { "\(path)#\($0)" } ?? path }
}

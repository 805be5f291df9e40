import Core
import Foundation
import Testing

@testable import Datasets

/// A folder of its own for one test, deleted with it.
final class Scratch {
    let folder: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "datasets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
    }

    deinit {
        // Nothing to do about a folder that cannot be deleted: the system clears its temporary folder.
        try? FileManager.default.removeItem(atPath: folder)
    }

    func file(_ name: String, _ text: String) throws -> DatasetLocation {
        try file(name, bytes: Array(text.utf8))
    }

    func file(_ name: String, bytes: [UInt8]) throws -> DatasetLocation {
        let url = URL(fileURLWithPath: folder).appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: url)
        return DatasetLocation(path: url.path)
    }
}

/// A row in short: text, path, and what else it carries.
func brief(_ rows: [LabelledUtterance]) -> [String] {
    rows.map { row in
        let parts = [row.text.value, row.path?.description, row.vertical?.name, row.role?.rawValue, row.conversation]
        return parts.map { $0 ?? "-" }.joined(separator: "|")
    }
}

/// The error that reading ends with.
func failure(
    _ location: DatasetLocation,
    _ format: DatasetFormat? = nil,
    requiresIntent: Bool = false,
) throws -> DatasetError {
    let thrown = #expect(throws: DatasetError.self) {
        try DatasetReader.readAll(location, format: format, requiresIntent: requiresIntent)
    }
    return try #require(thrown)
}

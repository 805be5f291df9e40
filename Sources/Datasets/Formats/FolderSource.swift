internal import Core
internal import Foundation

/// The files of a folder one after the other, in the order of their names, each opened when its turn comes.
final class FolderSource: RowSource {
    private var files: ArraySlice<String>
    private let open: (String) throws(DatasetError) -> any RowSource
    private var current: (any RowSource)?
    private(set) var endsWithoutLineEnd = false

    /// - Parameter suffixes: which files are taken, by the end of their names.
    /// - Throws: `.notFound` where the folder has none of them.
    init(
        folder: String,
        suffixes: [String],
        open: @escaping (String) throws(DatasetError) -> any RowSource,
    ) throws(DatasetError) {
        self.open = open
        let names = try filesOfFolder(folder).filter { name in suffixes.contains { name.hasSuffix($0) } }
        guard !names.isEmpty else {
            throw DatasetError(
                file: folder,
                reason: "holds no file that ends with \(suffixes.joined(separator: " or "))",
                code: .notFound
            )
        }
        files = names.map { folder + "/" + $0 }[...]
    }

    func next() throws(DatasetError) -> RawRow? {
        while true {
            if let current {
                if let row = try current.next() { return row }
                endsWithoutLineEnd = endsWithoutLineEnd || current.endsWithoutLineEnd
                self.current = nil
            }
            guard let file = files.popFirst() else { return nil }
            do throws(DatasetError) {
                current = try open(file)
            } catch {
                var unread = error
                unread.endsReading = true
                throw unread
            }
        }
    }
}

/// The names in a folder, sorted.
func filesOfFolder(_ folder: String) throws(DatasetError) -> [String] {
    do {
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
        throw DatasetError(file: folder, reason: "the folder cannot be read", code: .permissionDenied)
    }
}

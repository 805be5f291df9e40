internal import Core
internal import Foundation
internal import Glibc

extension DatasetFormat {
    /// The format of a file or folder, by its name and its beginning.
    ///
    /// - Throws: `.notFound`, or `.invalidArgument` where nothing tells, with the formats to choose from.
    package static func guess(_ location: DatasetLocation) throws(DatasetError) -> DatasetFormat {
        var isDirectory = false
        guard fileExists(location.path, isDirectory: &isDirectory) else {
            throw DatasetError(file: location.path, reason: "there is no such file or folder", code: .notFound)
        }
        let guessed = isDirectory ? try guessFolder(location.path) : try guessFile(location)
        guard let guessed else {
            let advice = ending(of: location) == "txt" ? " (lines takes each line for an utterance)" : ""
            throw DatasetError(
                file: location.path,
                reason: "the format cannot be told; name one with --format: \(accepted)\(advice)"
            )
        }
        return guessed
    }

    private static func guessFolder(_ folder: String) throws(DatasetError) -> DatasetFormat? {
        let names = try filesOfFolder(folder)
        if names.contains("seq.in"), names.contains("label") { return .linesDirectory }
        if let table = names.first(where: { $0.hasSuffix(".csv") }) {
            return try isHWU(beginning(of: folder + "/" + table)) ? .hwu : nil
        }
        if let dialogue = names.first(where: { $0.hasSuffix(".json") }) {
            return try beginning(of: folder + "/" + dialogue).contains("\"Events\"") ? .star : nil
        }
        return names.contains { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") } ? .rasa : nil
    }

    private static func guessFile(_ location: DatasetLocation) throws(DatasetError) -> DatasetFormat? {
        if location.part != nil { return .clinc150 }
        switch ending(of: location) {
        case "jsonl", "ndjson": return .jsonl
        case "yml", "yaml": return .rasa
        default: break
        }
        guard isRegularFile(location.path) else {
            // Looking at the beginning of a pipe would take it away from the reader.
            throw DatasetError(
                file: location.path,
                reason: "is no regular file, so its format must be named with --format: \(accepted)"
            )
        }
        let text = try beginning(of: location.path)
        let header = text.prefix { !$0.isNewline }.lowercased()
        let first = text.first { !$0.isWhitespace }
        if first == "[" {
            throw DatasetError(
                file: location.path,
                line: 1,
                reason:
                    "is a JSON list; in jsonl every line is an object of its own, without brackets and commas around it"
            )
        }
        if first == "{" {
            if text.contains("\"Events\"") { return .star }
            return isCLINC150(text) ? .clinc150 : .jsonl
        }
        if isHWU(text) { return .hwu }
        if header.contains("\t"), header.contains("conversationid"), header.contains("utterance") { return .multidogo }
        if header.contains(where: { ",\t;".contains($0) }) { return .csv }
        // A single column has no separator.
        let name = header.filter { $0 != "\"" && !$0.isWhitespace }
        if ["csv", "tsv"].contains(ending(of: location)), RowField.text.names.contains(name) { return .csv }
        return text.contains("nlu:") ? .rasa : nil
    }

    private static func ending(of location: DatasetLocation) -> String? {
        location.path.split(separator: ".").last?.lowercased()
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func isHWU(_ text: String) -> Bool {
        let header = text.prefix { !$0.isNewline }.lowercased()
        return header.contains(";") && header.contains("scenario") && header.contains("intent")
    }

    /// An object whose first value is a list of lists.
    private static func isCLINC150(_ text: String) -> Bool {
        var scanner = JSONScanner(Array(text.utf8))
        do {
            try scanner.enterObject()
            guard try scanner.nextKey(isFirst: true) != nil, try scanner.peek() == .array else { return false }
            try scanner.enterArray()
            return try scanner.peek() == .array
        } catch {
            // Not JSON so far: whatever it is, it is not this format.
            return false
        }
    }

    /// The first 64 KiB without a byte order mark; what is not UTF-8 is replaced, since the readers report it.
    private static func beginning(of file: String) throws(DatasetError) -> String {
        let handle = try openForReading(file)
        do {
            let text = String(decoding: try handle.read(upToCount: 64 * 1024) ?? Data(), as: UTF8.self)
            return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        } catch {
            throw DatasetError(
                file: file,
                reason: "cannot be read: \(error.localizedDescription)",
                code: .unavailable
            )
        }
    }
}

internal import Core

/// Reads a data set row by row, in the order of the file, with every row checked.
///
/// Line formats (`jsonl`, `csv`, `lines`, `lines-dir`, `hwu`, `multidogo`) are streamed in memory bounded by the longest line;
/// the others are read as one document. Used by one thread at a time. It does not look for rows that contradict each
/// other, and keeps nothing of a row once that is handed out.
package final class DatasetReader {
    package let location: DatasetLocation
    package let format: DatasetFormat
    /// What was come by so far.
    package private(set) var tally = DatasetTally()

    private let source: any RowSource
    private let fromLine: Int
    private let requiresIntent: Bool
    private let keepsTurns: Bool
    private let keepsUnknownRoles: Bool
    // The same labels come again and again; each is checked once.
    private var paths: [String: IntentPath] = [:]
    private static let rememberedPaths = 65_536

    /// - Parameters:
    ///   - format: nil to tell it from the file.
    ///   - fromLine: where to begin, counted from 1; it must be the first line of a row. The header is read anyway.
    ///   - requiresIntent: a row without an intent is an error (in a format that labels only some turns, and for an
    ///     agent's turn: passed over and counted).
    ///   - keepsTurns: such turns are handed out too, for whoever asks what was said before.
    ///   - keepsUnknownRoles: a row whose role is none of the known ones is handed out without one and counted; else it is an
    ///     error, since an agent's turn could pass for a caller's.
    /// - Throws: `DatasetError` where the file is not there, not readable, or not of the format.
    package init(
        _ location: DatasetLocation,
        format: DatasetFormat? = nil,
        fromLine: Int = 1,
        requiresIntent: Bool = false,
        keepsTurns: Bool = false,
        keepsUnknownRoles: Bool = false,
    ) throws(DatasetError) {
        self.location = location
        if let format {
            self.format = format
        } else {
            self.format = try DatasetFormat.guess(location)
        }
        self.fromLine = fromLine
        self.requiresIntent = requiresIntent
        self.keepsTurns = keepsTurns
        self.keepsUnknownRoles = keepsUnknownRoles
        if location.part != nil, self.format != .clinc150 {
            throw DatasetError(file: location.path, reason: "only the format clinc150 has parts; leave out the '#'")
        }
        source = try Self.open(location, self.format, fromLine, requiresIntent)
    }

    /// The next row; nil after the last.
    ///
    /// - Throws: `DatasetError` with file, line and reason. After an error in one row, `next` goes on with the row after
    ///   it; after an error in the file's structure (a document that is cut off, a quote never closed) it returns nil.
    package func next() throws(DatasetError) -> LabelledUtterance? {
        while true {
            guard let raw = try source.next() else {
                tally.endsWithoutLineEnd = source.endsWithoutLineEnd
                return nil
            }
            if raw.line < fromLine { continue }
            if format.skipsEmptyTexts, raw.text.allSatisfy(\.isWhitespace) {
                tally.skippedEmpty += 1
                continue
            }
            let row = try checked(raw)
            if requiresIntent, row.path == nil {
                guard format.hasUnlabelledTurns || row.role == .agent else {
                    throw DatasetError(
                        file: raw.file,
                        line: raw.line,
                        reason: "there is no intent; accepted names for it are \(RowField.intent.accepted)"
                    )
                }
                if !keepsTurns {
                    tally.skippedUnlabelled += 1
                    continue
                }
            }
            tally.count(row, hasSeveralIntents: raw.intents.count > 1)
            if raw.role != nil, row.role == nil { tally.unknownRoles += 1 }
            return row
        }
    }

    /// All rows that are left.
    package func rest() throws(DatasetError) -> [LabelledUtterance] {
        var rows: [LabelledUtterance] = []
        while let row = try next() { rows.append(row) }
        return rows
    }

    /// Opens, reads everything and closes: for sets that fit into memory.
    package static func readAll(
        _ location: DatasetLocation,
        format: DatasetFormat? = nil,
        requiresIntent: Bool = false,
        keepsTurns: Bool = false,
    ) throws(DatasetError) -> [LabelledUtterance] {
        try DatasetReader(location, format: format, requiresIntent: requiresIntent, keepsTurns: keepsTurns).rest()
    }

    // MARK: - Opening

    private static func open(
        _ location: DatasetLocation,
        _ format: DatasetFormat,
        _ fromLine: Int,
        _ requiresIntent: Bool,
    ) throws(DatasetError) -> any RowSource {
        let path = location.path
        var isDirectory = false
        guard fileExists(path, isDirectory: &isDirectory) else {
            throw DatasetError(file: path, reason: "there is no such file or folder", code: .notFound)
        }
        func folder(
            _ suffixes: [String],
            _ open: @escaping (String) throws(DatasetError) -> any RowSource,
        ) throws(DatasetError) -> any RowSource {
            guard isDirectory else { return try open(path) }
            guard fromLine <= 1 else {
                throw DatasetError(
                    file: path,
                    reason: "a line to begin at needs one file; name the file in this folder"
                )
            }
            return try FolderSource(folder: path, suffixes: suffixes, open: open)
        }
        switch format {
        case .jsonl: return try JSONLinesSource(file: path, fromLine: fromLine)
        case .csv: return try DelimitedSource(file: path, fromLine: fromLine, needsIntent: requiresIntent)
        case .clinc150: return try CLINC150Source(file: path, part: location.part)
        case .linesDirectory: return try LinesDirectorySource(folder: path, fromLine: fromLine)
        case .multidogo: return try MultiDoGOSource(file: path, fromLine: fromLine)
        case .hwu:
            return try folder([".csv"]) { file throws(DatasetError) in try HWUSource(file: file, fromLine: fromLine) }
        case .star:
            return try folder([".json"]) { file throws(DatasetError) in try STARSource(file: file) }
        case .rasa:
            return try folder([".yml", ".yaml"]) { file throws(DatasetError) in try RasaSource(file: file) }
        case .lines: return try LinesSource(file: path, fromLine: fromLine)
        }
    }

    // MARK: - Checking

    private func checked(_ raw: RawRow) throws(DatasetError) -> LabelledUtterance {
        do throws(SwitchboardError) {
            let encoder = raw.vector.isEmpty ? nil : raw.encoder.flatMap { ModelID(hex: $0) }
            let path = try raw.intents.first.flatMap { intent throws(SwitchboardError) in try self.path(of: intent) }
            return LabelledUtterance(
                text: try UtteranceText(raw.text),
                path: path,
                vertical: try raw.vertical.map { name throws(SwitchboardError) in try Vertical(name) },
                role: try raw.role.flatMap { name throws(SwitchboardError) in try role(name) },
                conversation: raw.conversation,
                origin: raw.origin,
                vector: encoder == nil ? [] : raw.vector,
                encoder: encoder,
                isOutOfScope: raw.isOutOfScope || path.map(Self.saysOutOfScope) ?? false,
                file: raw.file,
                line: raw.line
            )
        } catch {
            throw DatasetError(file: raw.file, line: raw.line, reason: error.message, code: error.code)
        }
    }

    private func path(of intent: RawIntent) throws(SwitchboardError) -> IntentPath? {
        if intent.isBlank { return nil }
        switch intent {
        case .levels(let levels): return try IntentPath(levels: levels)
        case .written(let label):
            if let known = paths[label] { return known }
            let path = try IntentPath(label)
            if paths.count < Self.rememberedPaths { paths[label] = path }
            return path
        }
    }

    private func role(_ name: String) throws(SwitchboardError) -> SpeakerRole? {
        let role = SpeakerRole(written: name)
        guard role != nil || keepsUnknownRoles else { throw .invalid("the role is not known; \(SpeakerRole.accepted)") }
        return role
    }

    /// Whether the last level is one of the names that data sets give to what no intent fits.
    private static func saysOutOfScope(_ path: IntentPath) -> Bool {
        guard let last = path.levels.last, last.utf8.count <= 16 else { return false }
        let letters = last.lowercased().filter(\.isLetter)
        return ["oos", "ood", "outofscope", "outofdomain"].contains(letters)
    }
}

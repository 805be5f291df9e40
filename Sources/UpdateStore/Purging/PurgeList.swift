internal import Core
internal import Foundation

/// `purges.jsonl` of a data directory: what was erased, as keyed hashes, so that a backup from before can be rid of it when
/// it is restored.
struct PurgeList: Sendable {
    static let name = "purges.jsonl"
    private static let maximumBytes = 256 << 20
    /// A pool has no place in a log.
    static let poolPosition = LogPosition(log: LogID(0), sequence: .start)

    let path: String

    init(in directory: String) {
        path = directory + "/" + Self.name
    }

    init(path: String) {
        self.path = path
    }

    /// One line.
    struct Entry: Codable, Sendable, Hashable {
        enum Kind: String, Codable, Sendable {
            case exemplar, origin, vertical
        }

        let kind: Kind
        let hash: String
        /// The key's fingerprint.
        let key: String
        /// Of no log where it was erased from a pool.
        let log: String
        /// Of the purge's record.
        let sequence: UInt64
        let timeMicroseconds: Int64

        var isOfPool: Bool { log == PurgeList.poolPosition.log.description }

        enum CodingKeys: String, CodingKey {
            case kind, hash, key
            case log = "log_id"
            case sequence = "seq"
            case timeMicroseconds = "time_us"
        }
    }

    static func entries(
        of selection: PurgeSelection,
        _ exemplars: Set<ExemplarID>,
        key: PurgeKey,
        at position: LogPosition,
        timeMicroseconds: Int64,
    ) -> [Entry] {
        func entry(_ kind: Entry.Kind, _ hash: String) -> Entry {
            Entry(
                kind: kind,
                hash: hash,
                key: key.fingerprint,
                log: position.log.description,
                sequence: position.sequence.number,
                timeMicroseconds: timeMicroseconds
            )
        }
        let each = exemplars.sorted { $0.bits < $1.bits }.map { entry(.exemplar, key.hash(exemplar: $0)) }
        switch selection {
        case .exemplars(let ids):
            // Those too of which feedback alone was erased.
            return Set(ids).union(exemplars).sorted { $0.bits < $1.bits }
                .map { entry(.exemplar, key.hash(exemplar: $0)) }
        case .origin(let origin, let vertical): return [entry(.origin, key.hash(origin: origin, in: vertical))] + each
        case .vertical(let vertical): return [entry(.vertical, key.hash(vertical: vertical))]
        }
    }

    /// On disk when this returns.
    func append(_ entries: [Entry]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var bytes = try beginningOfLine()
        for entry in entries {
            bytes += try encoder.encode(entry)
            bytes.append(UInt8(ascii: "\n"))
        }
        try DurableFile.append(bytes, to: path)
    }

    /// Makes room for a line of its own: takes away what was left of one that was not written to its end, as the disk was
    /// full or the process killed. What it was for was not erased, since lines are on disk before anything is.
    ///
    /// - Returns: what goes before the next line.
    private func beginningOfLine() throws -> [UInt8] {
        guard let file = FileHandle(forUpdatingAtPath: path) else { return [] }
        defer { try? file.close() }
        let size = try file.seekToEnd()
        let start = size - min(size, Self.maximumLineBytes)
        try file.seek(toOffset: start)
        let tail = try file.read(upToCount: Int(size - start)) ?? Data()
        let line = tail.suffix(from: tail.lastIndex(of: Self.newline).map { $0 + 1 } ?? tail.startIndex)
        guard !line.isEmpty else { return [] }
        // Somebody wrote to the file who ends it otherwise.
        guard (try? JSONDecoder().decode(Entry.self, from: Data(line))) == nil else { return [Self.newline] }
        guard line.count < tail.count || start == 0 else {
            throw SwitchboardError(.failedPrecondition, "\(path) is no list of purges; move it away, and purge again")
        }
        try file.truncate(atOffset: size - UInt64(line.count))
        return []
    }

    private static let newline = UInt8(ascii: "\n")
    /// Well above what one has.
    private static let maximumLineBytes: UInt64 = 4_096

    /// What is left of a line that was not written to its end, and so of something that was not erased, is passed over.
    ///
    /// - Throws: `.invalidArgument` where the file is no such list, naming the line.
    func entries() throws -> [Entry] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard data.count <= Self.maximumBytes else {
            throw SwitchboardError.invalid("\(path) has more than \(Self.maximumBytes >> 20) MiB")
        }
        let decoder = JSONDecoder()
        let lines = data.split(separator: Self.newline)
        let isTorn = data.last != Self.newline
        return try lines.enumerated().compactMap { index, line in
            if let entry = try? decoder.decode(Entry.self, from: Data(line)) { return entry }
            guard isTorn, index == lines.count - 1, index > 0 else {
                throw SwitchboardError.invalid("line \(index + 1) of \(path) is no line of a list of purges")
            }
            return nil
        }
    }
}

extension PurgeRule {
    /// What a list of purges names.
    ///
    /// - Parameter entries: of this key.
    init(_ entries: [PurgeList.Entry], key: PurgeKey) {
        func hashes(_ kind: PurgeList.Entry.Kind) -> Set<String> {
            Set(entries.lazy.filter { $0.kind == kind }.map(\.hash))
        }
        let (exemplars, origins, verticals) = (hashes(.exemplar), hashes(.origin), hashes(.vertical))
        self.init { id, origin, vertical in
            if !exemplars.isEmpty, exemplars.contains(key.hash(exemplar: id)) { return true }
            if !origins.isEmpty, !origin.isEmpty {
                if origins.contains(key.hash(origin: origin, in: nil)) { return true }
                if origins.contains(key.hash(origin: origin, in: vertical)) { return true }
            }
            return !verticals.isEmpty && verticals.contains(key.hash(vertical: vertical))
        }
    }
}

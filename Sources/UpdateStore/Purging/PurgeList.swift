internal import Core
internal import Foundation

/// `purges.jsonl` of a data directory: what was erased, as keyed hashes, so that a backup from before can be rid of it when
/// it is restored.
struct PurgeList: Sendable {
    static let name = "purges.jsonl"
    private static let maximumBytes = 256 << 20

    let path: String

    init(in directory: String) {
        path = directory + "/" + Self.name
    }

    init(path: String) {
        self.path = path
    }

    /// One line.
    struct Entry: Codable, Sendable, Equatable {
        enum Kind: String, Codable, Sendable {
            case exemplar, origin, vertical
        }

        let kind: Kind
        let hash: String
        /// The key's fingerprint.
        let key: String
        let log: String
        /// Of the purge's record.
        let sequence: UInt64
        let timeMicroseconds: Int64

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
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += try encoder.encode(entry)
            bytes.append(UInt8(ascii: "\n"))
        }
        try DurableFile.append(bytes, to: path)
    }

    /// - Throws: `.invalidArgument` where the file is no such list, naming the line.
    func entries() throws -> [Entry] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        guard data.count <= Self.maximumBytes else {
            throw SwitchboardError.invalid("\(path) has more than \(Self.maximumBytes >> 20) MiB")
        }
        let decoder = JSONDecoder()
        return try data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
            guard let entry = try? decoder.decode(Entry.self, from: Data(line)) else {
                throw SwitchboardError.invalid("line \(index + 1) of \(path) is no line of a list of purges")
            }
            return entry
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

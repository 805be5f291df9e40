internal import Core

/// `purges.jsonl` of a data directory: what was erased, as keyed hashes, so that a backup from before can be rid of it when
/// it is restored.
struct PurgeList: Sendable {
    static let name = "purges.jsonl"
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

    private var lines: DurableLines<Entry> { DurableLines(path: path, subject: "purges") }

    /// On disk when this returns.
    func append(_ entries: [Entry]) throws { try lines.append(entries) }

    /// - Throws: `.invalidArgument` where the file is not there or no such list, naming the line.
    func entries() throws -> [Entry] { try lines.lines() }
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

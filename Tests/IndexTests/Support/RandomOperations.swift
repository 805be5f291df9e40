import Core
import Index

/// Draws operations on an index from a seed: few texts, intents and vectors, so that they often meet again.
struct RandomOperations {
    let dimension: Int
    let verticals: [Vertical]
    private let texts: Int
    private let vectors: [[Float]]
    private(set) var random: SeededGenerator
    private(set) var log = LogWriter()
    private var taxonomy = Taxonomy()

    init(dimension: Int, texts: Int, seed: UInt64) throws {
        self.dimension = dimension
        self.texts = texts
        verticals = try ["default", "devices", "orders"].map { try Vertical($0) }
        // Fewer vectors than texts: some exemplars are equally near to everything.
        var source = VectorSource(dimension: dimension, clusters: 40, seed: seed)
        vectors = (0..<(texts / 2)).map { _ in source.next() }
        random = SeededGenerator(seed: seed)
    }

    /// One operation's records.
    mutating func batch() throws -> [LogRecord] {
        try (0..<Int.random(in: 1...12, using: &random)).map { _ in try record() }
    }

    mutating func query() throws -> SearchQuery {
        var query = SearchQuery(
            vector: Int.random(in: 0..<4, using: &random) == 0 ? vector() : near(vector()),
            text: Bool.random(using: &random) ? text() : nil,
            k: [1, 5, 10, 30][Int.random(in: 0..<4, using: &random)],
            verticals: verticals.filter { _ in Int.random(in: 0..<3, using: &random) > 0 },
            isExact: Bool.random(using: &random),
        )
        if Int.random(in: 0..<4, using: &random) == 0 {
            query.within = [try IntentPath("area \(Int.random(in: 0..<4, using: &random))"), try path()]
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            query.excluding = try Set(
                (0..<3).map { _ in try ExemplarID(vertical: vertical(), text: UtteranceText(text())) }
            )
        }
        return query
    }

    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    private mutating func record() throws -> LogRecord {
        let record = try drawn()
        switch record.fact {
        case .exemplarUpserted(let fact): _ = taxonomy.name(fact.path, in: fact.vertical, at: record.sequence)
        case .intentSet(let fact): _ = taxonomy.set(fact, at: record.sequence)
        case .intentRenamed(let fact): _ = taxonomy.rename(fact, at: record.sequence)
        case .intentsMerged(let fact): _ = taxonomy.merge(fact, at: record.sequence)
        case .intentRestored(let fact): _ = taxonomy.restore(fact)
        default: break
        }
        return record
    }

    /// A rename, a merge, or a merged intent that is itself again; nil where the draw fits nothing.
    private mutating func name() throws -> LogRecord? {
        let vertical = vertical()
        let aliases = taxonomy.all.filter { $0.vertical == vertical && $0.aliasOf != nil }
        if oneIn(2), let alias = aliases.randomElement(using: &random) {
            let stands = alias.path.parent.map { taxonomy.id(of: $0, in: vertical) != nil } ?? true
            guard stands, taxonomy.id(of: alias.path, in: vertical) == nil else { return nil }
            return try log.restore(alias.id, alias.path.description)
        }
        guard let from = taxonomy.standing(in: vertical).randomElement(using: &random) else { return nil }
        let path = try path()
        guard !path.isWithin(from.path) else { return nil }
        if let into = taxonomy.id(of: path, in: vertical) { return log.merge(from.id, into: into) }
        return try log.rename(from.id, to: path.description)
    }

    private mutating func drawn() throws -> LogRecord {
        switch Int.random(in: 0..<1_000, using: &random) {
        case ..<730:
            let encoder = Int.random(in: 0..<50, using: &random) == 0 ? LogWriter.otherEncoder : LogWriter.encoder
            let text = text()
            return try log.upsert(text, path().description, vector(of: text), in: vertical(), encoder: encoder)
        case ..<980: return try log.remove(text(), in: vertical())
        case ..<985:
            if let record = try name() { return record }
            return try log.remove(text(), in: vertical())
        case ..<995:
            return try log.enable(path().description, Int.random(in: 0..<3, using: &random) > 0, in: vertical())
        default:
            let scopes: [PolicyScope] = [.builtin, .everywhere, .vertical(vertical())]
            let policy = Policy(retrieval: RetrievalPolicy(k: Int.random(in: 1..<20, using: &random)))
            return log.set(oneIn(3) ? nil : policy, for: scopes[Int.random(in: 0..<3, using: &random)])
        }
    }

    private mutating func vertical() -> Vertical {
        // One vertical gets most, so that it has segments of several tiers while another is still growing.
        verticals[min(Int.random(in: 0..<6, using: &random), 5) / 4 + (oneIn(10) ? 1 : 0)]
    }

    private mutating func text() -> String { "utterance \(Int.random(in: 0..<texts, using: &random))" }

    private mutating func path() throws -> IntentPath {
        let area = "area \(Int.random(in: 0..<4, using: &random))"
        return try IntentPath(oneIn(6) ? area : area + "/matter \(Int.random(in: 0..<5, using: &random))")
    }

    private mutating func vector() -> [Float] { vectors[Int.random(in: 0..<vectors.count, using: &random)] }

    /// Mostly the same for the same text, so that a record sent again is often no change or a new intent alone.
    private mutating func vector(of text: String) -> [Float] {
        if oneIn(5) { return vector() }
        let hash = text.utf8.reduce(UInt64(5_381)) { $0 &* 33 &+ UInt64($1) }
        return vectors[Int(hash % UInt64(vectors.count))]
    }

    private mutating func near(_ vector: [Float]) -> [Float] {
        let moved = vector.map { $0 + 0.1 * random.nearlyNormal() }
        let length = moved.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return moved.map { $0 / length }
    }
}

internal import Core
internal import SwitchboardClient

/// Looks up what clusters are to the intents that there are.
///
/// Of each cluster some utterances are looked up, evenly from the middle outwards; of the intent that leads, exemplars
/// are encoded, once for a run however many clusters it leads. Used by one task at a time.
struct TaxonomyComparer {
    /// Lookups under way at a time; live calls go first where they arrive.
    static let lookupsInFlight = 4
    /// Exemplars of an intent that are asked for, and that are encoded of these.
    static let exemplarsAsked = 500
    static let exemplarsEncoded = 64

    let view: TaxonomyView
    let engines: any DiscoveryEngines
    /// Utterances of a cluster that are looked up.
    let samples: Int
    private var known: [Key: [[Float]]] = [:]

    private struct Key: Hashable {
        var vertical: Vertical
        var path: IntentPath
    }

    init(view: TaxonomyView, engines: any DiscoveryEngines, samples: Int) {
        self.view = view
        self.engines = engines
        self.samples = max(samples, 1)
    }

    /// - Parameters:
    ///   - texts: of the cluster's utterances, the nearest to the middle first; at least one.
    ///   - vectors: theirs, of the serving encoder.
    /// - Throws: what the source and the engines throw.
    mutating func relation(
        texts: [UtteranceText],
        vectors: [[Float]],
        in vertical: Vertical,
    ) async throws -> TaxonomyRelation {
        guard view.hasIntents(in: vertical) else { return .new }
        let encoder = await engines.encoder
        let places = Self.spread(texts.count, over: samples)
        let queries = places.map { place in
            TaxonomyQuery(
                text: texts[place],
                vector: vectors[place],
                encoder: encoder,
                vertical: vertical,
                count: 1
            )
        }
        let source = view.source
        let nearest = try await inFlight(Self.lookupsInFlight, queries) { query in
            // A flat optional: there may be no exemplar yet.
            try await source.neighbours(of: query).first.map { [$0.path] } ?? []
        }
        let comparison = TaxonomyComparison(members: places.map { vectors[$0] }, nearest: nearest.map(\.first))
        guard let leading = comparison.leading, let middle = queries.first else { return .new }
        return comparison.relation(exemplars: try await exemplars(of: leading.path, from: middle))
    }

    private mutating func exemplars(of path: IntentPath, from query: TaxonomyQuery) async throws -> [[Float]] {
        let key = Key(vertical: query.vertical, path: path)
        if let known = known[key] { return known }
        var wide = query
        wide.within = path
        wide.count = Self.exemplarsAsked
        // What lies below the path is other intents.
        let found = try await view.source.neighbours(of: wide).filter { $0.path == path }
        let texts = Self.spread(found.count, over: Self.exemplarsEncoded).map { found[$0].text }
        var vectors: [[Float]] = []
        if !texts.isEmpty { vectors = try await engines.encode(texts).compactMap { Direction.unit($0) } }
        known[key] = vectors
        return vectors
    }

    /// So many places of a list, evenly over it, the first one among them; all where it has no more.
    static func spread(_ count: Int, over most: Int) -> [Int] {
        count <= most ? Array(0..<count) : (0..<most).map { $0 * count / most }
    }
}

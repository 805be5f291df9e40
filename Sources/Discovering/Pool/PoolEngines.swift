package import Core
package import Models
package import UpdateStore

/// Engines that keep the vectors of pooled utterances beside them, so that a second run encodes only what came since.
///
/// All else is asked of the engines behind it. A vector is kept under the id of the encoder that made it; where that changes
/// in the middle nothing is kept.
package struct PoolEngines: DiscoveryEngines {
    private let engines: any DiscoveryEngines
    private let store: PoolStore

    package init(_ engines: any DiscoveryEngines, keepingIn store: PoolStore) {
        self.engines = engines
        self.store = store
    }

    package var encoder: ModelID? {
        get async { await engines.encoder }
    }

    package func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        guard let first = texts.first else { return [] }
        // Which encoder it is may be known only once it has made a vector.
        if await engines.encoder == nil { _ = try await engines.encode([first]) }
        guard let encoder = await engines.encoder else { return try await engines.encode(texts) }
        var vectors = try await store.vectors(of: texts, by: encoder)
        let missing = vectors.indices.filter { vectors[$0] == nil }
        guard !missing.isEmpty else { return vectors.compactMap { $0 } }
        let new = missing.map { texts[$0] }
        let made = try await engines.encode(new)
        guard made.count == new.count else {
            throw SwitchboardError(.internal, "the encoder answered \(new.count) texts with \(made.count) vectors")
        }
        guard await engines.encoder == encoder else { return try await engines.encode(texts) }
        try await store.keep(made, of: new, by: encoder)
        for (index, vector) in zip(missing, made) { vectors[index] = vector }
        return vectors.compactMap { $0 }
    }

    package func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? {
        try await engines.score(input)
    }

    package func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? {
        try await engines.judge(utterances)
    }

    package func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        try await engines.name(utterances, words: words, taken: taken)
    }

    package func name(
        _ utterances: [UtteranceText],
        role: Role?,
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        try await engines.name(utterances, role: role, words: words, taken: taken)
    }
}

package import Core
package import Models

/// What a run of discovery asks of models: through a gateway, or in one process for measurements.
///
/// All of it yields to live calls.
package protocol DiscoveryEngines: Sendable {
    /// That makes `encode`'s vectors; nil: not known before the first.
    var encoder: ModelID? { get async }

    /// Unit vectors, one a text.
    ///
    /// - Throws: `.unavailable` where there is no encoder; `.cancelled`.
    func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]]

    /// Scores candidates as the scorer does for callers; nil where no scorer with a trained adapter is attached, or none
    /// answered in time.
    func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput?

    /// P(these utterances share one intent) by a language model that answers yes or no; nil where there is none, or none
    /// answered in time.
    func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>?

    /// An action-objective label such as `cancel-order` for these utterances; nil where there is no model that names.
    ///
    /// - Parameters:
    ///   - words: that the objective may be made of: what the cluster supports.
    ///   - taken: labels that must not be given again.
    func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>?

    /// The same with verbs of one role alone.
    ///
    /// - Parameter role: whose turns they are; nil: not told.
    /// - Returns: an empty label where every one that the words allow is taken.
    func name(
        _ utterances: [UtteranceText],
        role: Role?,
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>?
}

extension DiscoveryEngines {
    /// For engines that do not tell roles apart.
    package func name(
        _ utterances: [UtteranceText],
        role: Role?,
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        try await name(utterances, words: words, taken: taken)
    }
}

/// An answer of a language model with what it cost.
package struct EngineAnswer<Value: Sendable>: Sendable {
    package var value: Value
    package var tokens: Int
    package var seconds: Double

    package init(value: Value, tokens: Int, seconds: Double) {
        self.value = value
        self.tokens = tokens
        self.seconds = seconds
    }
}

import Core

@testable import Models

extension ScoringInput {
    /// A question between intents, with pairs of utterance and intent.
    static func asking(
        _ text: String,
        _ pairs: some Sequence<(String, String)>,
        turns: [Turn] = [],
        candidates: [String],
    ) throws -> ScoringInput {
        try ScoringInput(
            text: UtteranceText(text),
            turns: turns,
            pairs: pairs.map { try .init(query: UtteranceText($0.0), intent: IntentPath($0.1)) },
            candidates: candidates.map { try IntentPath($0) }
        )
    }
}

extension TestModels {
    static func scorerContext(_ path: String, _ settings: ScorerSettings = .init()) throws -> ScorerContext {
        try ScorerContext(model: ScorerModel(path: path, settings: settings, backend: backend))
    }
}

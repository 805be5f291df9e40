import Clustering
import Core
import Discovering
import Models

@testable import Evaluating

/// Knows the vectors of planted utterances, and has no language model.
struct PlantedEngines: DiscoveryEngines {
    let vectors: [UtteranceText: [Float]]

    var encoder: ModelID? { nil }

    func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        // A label or a name, which is no planted text, is like nothing in particular.
        texts.map { vectors[$0] ?? [1, 0, 0, 0, 0] }
    }

    func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? { nil }

    func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? { nil }

    func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? { nil }

    /// - Parameter intents: at most five.
    static func planted(intents: Int, each: Int, seed: UInt64 = 1) throws -> (set: GoldSet, engines: PlantedEngines) {
        let objects = ["parcel", "invoice", "password", "router", "refund"]
        let rows = try (0..<intents * each).map { row in
            try Planted.row("about my \(objects[row / each]) number \(row) \(seed)", "ask-\(objects[row / each])")
        }
        let set = GoldSet(rows)
        let table = Planted.vectors(intents: intents, each: each, seed: seed)
        var vectors: [UtteranceText: [Float]] = [:]
        for (row, utterance) in set.utterances.enumerated() { vectors[utterance.text] = Array(table[row]) }
        return (set, PlantedEngines(vectors: vectors))
    }
}

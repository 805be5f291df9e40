import Core
import Evaluating

/// Short ways to write the values that tests are made of.
enum Samples {
    static func intent(_ path: String, _ vertical: String = "default") throws -> NamedIntent {
        NamedIntent(vertical: try Vertical(vertical), path: try IntentPath(path))
    }

    static func answer(
        _ gold: String?,
        _ leader: String,
        vote: Double = 0.5,
        probability: Double? = nil,
        similarity: Double = 0.8,
        retrieved: [String]? = nil,
        outcome: Outcome = .route,
        decidedBy: DecidedBy = .retrieval,
        vertical: String = "default",
        leaderVertical: String? = nil,
    ) throws -> EvalAnswer {
        EvalAnswer(
            gold: try gold.map { try intent($0, vertical) },
            outcome: outcome,
            leader: try intent(leader, leaderVertical ?? vertical),
            vote: vote,
            probability: probability,
            familiarity: similarity,
            retrieved: try (retrieved ?? [leader]).map { try intent($0, vertical) },
            decidedBy: decidedBy,
        )
    }

    static func setup(k: Int = 10) -> EvalReport.Setup {
        EvalReport.Setup(indexSize: 100, llm: "off", encoder: "e", k: k, seed: 1, version: "test")
    }

    /// An utterance whose neighbours have these intents and similarities.
    static func fitSample(
        _ gold: String?,
        _ neighbours: [(intent: String, similarity: Double)]
    ) throws -> FitSample {
        var intents: [String: Intent] = [:]
        for name in Set(neighbours.map(\.intent)).sorted() {
            let id = IntentID(namedAt: LogSequence(UInt64(intents.count + 1)), depth: 1)
            intents[name] = Intent(id: id, vertical: .default, path: try IntentPath(name))
        }
        let found = neighbours.enumerated().compactMap { place, neighbour in
            intents[neighbour.intent].map {
                Neighbour(
                    exemplar: ExemplarID(Bits128(UInt128(place + 1))),
                    text: "text \(place)",
                    intent: $0.id,
                    similarity: neighbour.similarity,
                )
            }
        }
        let input = DecisionInput(
            neighbours: found,
            equal: [],
            intents: Dictionary(intents.values.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            retrievalPolicy: .builtin,
        )
        return FitSample(input: input, gold: try gold.map { try intent($0) })
    }
}

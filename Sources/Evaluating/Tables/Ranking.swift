internal import Core
internal import Foundation

/// The exemplars that a retriever found for an utterance, best first, and the vote among them.
struct Ranking: Sendable {
    struct Entry: Sendable, Equatable {
        let intent: NamedIntent
        /// In the vote.
        let weight: Double
    }

    let entries: [Entry]
    /// How much the first is like the utterance, on the retriever's own scale.
    let likeness: Double

    /// By the words of the exemplars; each votes with its score.
    init(_ hits: [BM25.Hit], of exemplars: [KnownExemplar]) {
        entries = hits.map { Entry(intent: exemplars[$0.document].gold, weight: $0.score) }
        likeness = hits.first?.score ?? 0
    }

    /// By the encoder; each votes as `Vote` weighs it.
    init(_ sample: FitSample) {
        let nearest = sample.input.neighbours.first?.similarity ?? -1
        let temperature = RetrievalPolicy.builtin.voteTemperature
        entries = sample.input.neighbours.compactMap { neighbour in
            sample.name(of: neighbour.intent).map {
                Entry(intent: $0, weight: exp((neighbour.similarity - nearest) / temperature))
            }
        }
        likeness = nearest
    }

    /// By both, fused by their ranks; each votes with the fused score.
    init(fusing hits: [BM25.Hit], of exemplars: [KnownExemplar], with sample: FitSample) {
        var intents: [ExemplarID: NamedIntent] = [:]
        for neighbour in sample.input.neighbours { intents[neighbour.exemplar] = sample.name(of: neighbour.intent) }
        for hit in hits { intents[exemplars[hit.document].id] = exemplars[hit.document].gold }
        let fused = RankFusion.reciprocal([
            sample.input.neighbours.map(\.exemplar), hits.map { exemplars[$0.document].id },
        ])
        entries = fused.compactMap { item, score in intents[item].map { Entry(intent: $0, weight: score) } }
        likeness = fused.first?.score ?? 0
    }

    /// What the first `k` vote for; equal shares by the better exemplar.
    func answer(_ k: Int, gold: NamedIntent?) -> EvalAnswer {
        let voters = entries.prefix(k)
        var weights: [NamedIntent: Double] = [:]
        for voter in voters { weights[voter.intent, default: 0] += voter.weight }
        let total = voters.reduce(0) { $0 + $1.weight }
        var leader: (intent: NamedIntent, weight: Double)?
        for voter in voters {
            let weight = weights[voter.intent, default: 0]
            if leader.map({ weight > $0.weight }) ?? true { leader = (voter.intent, weight) }
        }
        return EvalAnswer(
            gold: gold,
            outcome: .route,
            leader: leader?.intent,
            vote: leader.map { $0.weight / total } ?? 0,
            probability: nil,
            familiarity: likeness,
            retrieved: entries.map(\.intent),
            decidedBy: .retrieval,
        )
    }
}

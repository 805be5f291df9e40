internal import Core
internal import Foundation

/// The evidence on one utterance, laid out so that hundreds of weights can be tried on it.
///
/// Votes, densities and cosines are gathered once; a trial is then a few products an intent. Which intent leads is told as
/// `EvidenceMix` has it, the same sums in the same order, so that what was tried is what is served.
struct TriedEvidence: Sendable {
    /// What an intent that has something to say is made of.
    private struct Entry: Sendable {
        /// Log of its vote, as it joins class evidence.
        let logVote: Double
        /// Its place among the figures; nil: it has none.
        let figure: Int?
        let isGold: Bool
    }

    /// An intent's log-density (0 where there is none), cosine and words.
    private let figures: [(density: Double, cosine: Double, words: Double)]
    /// For each vote temperature: those that voted in the order of their votes, then the others.
    private let entries: [[Entry]]
    /// For each vote temperature: whether the vote alone puts the gold intent first.
    private let isVoteRight: [Bool]
    /// Of the intents without a figure, as `ClassEvidence.others`.
    private let others: Double

    /// - Parameter temperatures: of the vote; trials name them by their place.
    init(_ sample: FitSample, voteTemperatures temperatures: [Double]) {
        let known = sample.input.classes?.figures ?? []
        figures = known.map { ($0.logDensity ?? 0, $0.cosine, $0.words) }
        others = sample.input.classes?.others ?? -.infinity
        let places = Dictionary(
            known.enumerated().map { ($0.element.intent, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        let isGold = known.map { sample.isGold($0.intent) }
        let votes = temperatures.map { Vote(sample.input.neighbours, temperature: $0).shares }
        isVoteRight = votes.map { $0.first.map { sample.isGold($0.intent) } ?? false }
        entries = votes.map { shares in
            let voted = Set(shares.map(\.intent))
            let silent = known.indices.filter { !voted.contains(known[$0].intent) }
            return shares.map {
                Entry(
                    logVote: log($0.share + EvidenceMix.shareFloor),
                    figure: places[$0.intent],
                    isGold: sample.isGold($0.intent)
                )
            } + silent.map { Entry(logVote: log(EvidenceMix.shareFloor), figure: $0, isGold: isGold[$0]) }
        }
    }

    /// Whether the gold intent leads.
    ///
    /// - Parameter place: of the vote's temperature.
    func isRight(under weights: ClassWeights, voteTemperature place: Int) -> Bool {
        let terms = figures.map { weights.density * $0.density + weights.cosine * $0.cosine + weights.words * $0.words }
        guard let top = terms.max(), let lowest = terms.min() else { return isVoteRight[place] }
        var best = -Double.infinity
        var isRight = false
        for entry in entries[place] {
            let term = (entry.figure.map { terms[$0] } ?? lowest) - top
            let evidence = (entry.logVote + term) / weights.temperature
            // Weights out of all proportion: the vote counts alone.
            guard evidence.isFinite else { return isVoteRight[place] }
            if evidence > best { (best, isRight) = (evidence, entry.isGold) }
        }
        let rest = (log(EvidenceMix.shareFloor) + others - top) / weights.temperature
        return rest < .infinity ? isRight : isVoteRight[place]
    }
}

internal import Foundation

/// The vote of the nearest exemplars and the evidence of whole intents, joined log-linearly.
package struct EvidenceMix {
    struct Entry {
        let intent: IntentID
        let vote: Double
        let classScore: Double?
        /// Log of what speaks for the intent, up to a constant.
        let log: Double
    }

    /// Shares below this count as this much, so that a logarithm exists (weights of the log-linear mix were measured
    /// with it).
    package static let shareFloor = 0.001

    /// Those that voted in the order of their votes, then the others in the order of their class evidence.
    let entries: [Entry]
    /// Log of what speaks for all intents that have no entry, on the same scale; -infinity: there are none.
    let others: Double

    init(_ vote: Vote, _ classes: ClassEvidence?) {
        guard let classes, let first = classes.figures.first else {
            entries = vote.shares.map {
                Entry(intent: $0.intent, vote: $0.share, classScore: nil, log: Foundation.log($0.share))
            }
            others = -.infinity
            return
        }
        // Log-densities are large figures of which only differences count.
        let top = classes.figures.reduce(classes.term(first)) { max($0, classes.term($1)) }
        let terms = Dictionary(
            classes.figures.map { ($0.intent, classes.term($0) - top) },
            uniquingKeysWith: { first, _ in first }
        )
        let lowest = terms.values.min() ?? 0
        let temperature = classes.weights.temperature
        func entry(_ intent: IntentID, vote: Double) -> Entry {
            let term = terms[intent] ?? lowest
            let log = (Foundation.log(vote + Self.shareFloor) + term) / temperature
            return Entry(intent: intent, vote: vote, classScore: term, log: log)
        }
        let voted = Set(vote.shares.map(\.intent))
        entries =
            vote.shares.map { entry($0.intent, vote: $0.share) }
            + classes.figures.filter { !voted.contains($0.intent) }.map { entry($0.intent, vote: 0) }
        others = (Foundation.log(Self.shareFloor) + classes.others - top) / temperature
    }
}

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
    package let others: Double

    package var logs: [Double] { entries.map(\.log) }
    package var intents: [IntentID] { entries.map(\.intent) }

    /// - Parameter classes: left out where its figures and weights make numbers that are not finite, as weights out of
    ///   all proportion do.
    package init(_ vote: Vote, _ classes: ClassEvidence?) {
        if let classes, let joined = Self.joined(vote, classes) {
            self = joined
            return
        }
        entries = vote.shares.map {
            Entry(intent: $0.intent, vote: $0.share, classScore: nil, log: Foundation.log($0.share))
        }
        others = -.infinity
    }

    private init(entries: [Entry], others: Double) {
        self.entries = entries
        self.others = others
    }

    /// - Returns: nil where there is no figure, or what comes out is not finite.
    private static func joined(_ vote: Vote, _ classes: ClassEvidence) -> EvidenceMix? {
        // Log-densities are large figures of which only differences count.
        guard let top = classes.figures.map(classes.term).max() else { return nil }
        let terms = Dictionary(
            classes.figures.map { ($0.intent, classes.term($0) - top) },
            uniquingKeysWith: { first, _ in first }
        )
        let lowest = terms.values.min() ?? 0
        let temperature = classes.weights.temperature
        func entry(_ intent: IntentID, vote: Double) -> Entry {
            let term = terms[intent] ?? lowest
            let log = (Foundation.log(vote + shareFloor) + term) / temperature
            return Entry(intent: intent, vote: vote, classScore: term, log: log)
        }
        let voted = Set(vote.shares.map(\.intent))
        let entries =
            vote.shares.map { entry($0.intent, vote: $0.share) }
            + classes.figures.filter { !voted.contains($0.intent) }.map { entry($0.intent, vote: 0) }
        let others = (Foundation.log(shareFloor) + classes.others - top) / temperature
        // Of no other intents the logarithm is minus infinity.
        guard entries.allSatisfy(\.log.isFinite), others < .infinity else { return nil }
        return EvidenceMix(entries: entries, others: others)
    }
}

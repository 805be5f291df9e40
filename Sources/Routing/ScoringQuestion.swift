package import Core
package import Wire

/// What the language model is asked of an utterance: between which intents, and which labelled utterances it sees.
///
/// One definition for the gateway and for whoever makes examples to train on.
package struct ScoringQuestion: Sendable {
    /// Best first.
    package let candidates: [Intent]
    /// Exemplars of the candidates, nearest first.
    package let pairs: [Pair]

    /// - Parameters:
    ///   - contenders: best first; those that `intents` does not name are left out.
    ///   - shown: nearest first.
    ///   - each: so many exemplars of an intent at most.
    package init(
        _ contenders: [IntentID],
        shown: [Neighbour],
        each: Int = .max,
        _ intents: [IntentID: Intent],
    ) {
        candidates = contenders.compactMap { intents[$0] }
        let named = Dictionary(candidates.map { ($0.id, $0.path) }, uniquingKeysWith: { first, _ in first })
        var counts: [IntentID: Int] = [:]
        pairs = shown.compactMap { exemplar in
            guard let path = named[exemplar.intent], counts[exemplar.intent, default: 0] < each else { return nil }
            counts[exemplar.intent, default: 0] += 1
            return Pair(query: exemplar.text, intent: path)
        }
    }
}

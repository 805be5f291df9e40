internal import Core

/// Utterances asked as if their intents were not known: what UNKNOWN is fitted on where there are no utterances that no
/// intent fits.
///
/// A few of the intents at a time are left out of what is searched, every intent once: with many of them out, strangers
/// would be farther from what is left than they are. A value; its calls run on the caller's task.
struct LeftOutIntents: Sendable {
    private static let mostFolds = 8
    private static let leastFolds = 3
    /// Left-out intents are asked with so many utterances at most.
    private static let mostUtterances = 1_200
    /// Each path that is kept is named in a request.
    private static let mostIntents = 1_000

    let asker: EvalAsker
    let progress: EvalProgressReport

    /// - Parameters:
    ///   - utterances: with their gold intents.
    ///   - all: what the index knows.
    /// - Returns: samples without a gold intent; none where there are too few or too many intents to leave some out.
    func ask(_ utterances: [EvalUtterance], among all: [IntentPath]) async throws -> [FitSample] {
        var generator = SeededGenerator(seed: asker.settings.seed)
        let gold = Set(utterances.map(\.gold.path)).sorted().shuffled(using: &generator)
        let folds = min(Self.mostFolds, gold.count / 2)
        guard folds >= Self.leastFolds, all.count <= Self.mostIntents else { return [] }
        let perFold = Self.mostUtterances / folds
        var samples: [FitSample] = []
        for fold in 0..<folds {
            let left = gold.indices.filter { $0 % folds == fold }.map { gold[$0] }
            // Paths stand for all below them, so what is above or below a left-out intent goes with it.
            let kept = all.filter { path in !left.contains { path.isWithin($0) || $0.isWithin(path) } }
            guard !kept.isEmpty else { continue }
            let asked = utterances.filter { left.contains($0.gold.path) }.shuffled(using: &generator)
            let questions = asked.prefix(perFold).map { EvalAsker.Question(text: $0.text, gold: nil) }
            samples += try await asker.retrieve(Array(questions), within: kept) { done in
                progress(EvalProgress(.leavingOut, done: fold * perFold + done, of: folds * perFold))
            }.samples
        }
        return samples
    }
}

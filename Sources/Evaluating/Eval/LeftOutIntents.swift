internal import Core

/// Utterances asked as if their intents were not known: what UNKNOWN is fitted on where there are no utterances that no
/// intent fits.
///
/// A third of the intents at a time is left out of what is searched, so every intent once. A value; its calls run on the
/// caller's task.
struct LeftOutIntents: Sendable {
    private static let folds = 3
    /// Left-out intents are asked with so many utterances at most.
    private static let perFold = 400
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
        guard gold.count >= 2 * Self.folds, all.count <= Self.mostIntents else { return [] }
        var samples: [FitSample] = []
        for fold in 0..<Self.folds {
            let left = gold.indices.filter { $0 % Self.folds == fold }.map { gold[$0] }
            // Paths stand for all below them, so what is above or below a left-out intent goes with it.
            let kept = all.filter { path in !left.contains { path.isWithin($0) || $0.isWithin(path) } }
            guard !kept.isEmpty else { continue }
            let asked = utterances.filter { left.contains($0.gold.path) }.shuffled(using: &generator)
            let questions = asked.prefix(Self.perFold).map { EvalAsker.Question(text: $0.text, gold: nil) }
            samples += try await asker.retrieve(Array(questions), within: kept) { done in
                progress(EvalProgress(.leavingOut, done: fold * Self.perFold + done, of: Self.folds * Self.perFold))
            }.samples
        }
        return samples
    }
}

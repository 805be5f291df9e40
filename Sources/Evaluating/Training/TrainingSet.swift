internal import Core
internal import Foundation
package import Models
internal import Routing
package import SwitchboardClient
internal import Wire

/// Makes training examples of labelled utterances: each is asked of an index that holds the others, as a caller's would
/// be, and where the evidence is not sure without the language model, what that would be asked is an example.
///
/// Retrieval, decision and prompt are the product's own. The same utterances, settings and models give the same
/// examples, but for what the encoder rounds otherwise when other texts share a batch as the index is loaded.
package struct TrainingSet: Sendable {
    let client: SwitchboardClient
    let settings: TrainingSetSettings
    let scorer: ScorerModel

    package init(client: SwitchboardClient, settings: TrainingSetSettings, scorer: ScorerModel) {
        self.client = client
        self.settings = settings
        self.scorer = scorer
    }

    /// What became of the utterances.
    package struct Tally: Sendable {
        package var asked = 0
        /// The evidence was sure by itself.
        package var sure = 0
        /// The right intent was not among the candidates.
        package var missed = 0
        package var examples = 0
    }

    private static let largestRound = 512
    /// So many utterances are asked at a time: not many more than a small limit needs.
    private var roundSize: Int {
        settings.limit < Self.largestRound / 2 ? max(2 * settings.limit, 16) : Self.largestRound
    }

    /// - Parameters:
    ///   - utterances: of those with turns before them an example shows the last so many, a number drawn by the seed.
    ///   - write: gets each example.
    /// - Throws: what the node or `write` throws.
    package func make(
        of utterances: [EvalUtterance],
        progress: @escaping @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Void,
        write: (TrainingExample) throws -> Void,
    ) async throws -> Tally {
        var generator = SeededGenerator(seed: settings.seed)
        let (indexed, asking) = split(utterances, &generator)
        // One after the other, so that each is encoded by itself, as a lone caller's is.
        let calling = EvalSettings(callsInFlight: 1)
        let loader = EvalLoader(client: client, settings: calling)
        let position = try await loader.load(indexed) { progress("loading", $0, $1) }
        let verticals = Set(indexed.map(\.gold.vertical)).sorted()
        let asker = EvalAsker(client: client, settings: calling, verticals: verticals, position: position)
        let context = try ScorerContext(model: scorer)
        var tally = Tally()
        for round in asking.chunks(of: roundSize) {
            let questions = round.map { EvalAsker.Question(text: $0.text, gold: $0.gold) }
            let shown = (settings.candidates.upperBound, settings.exemplarsEach.upperBound)
            let retrieved = try await asker.retrieve(questions, shown: shown) { _ in }
            for (utterance, sample) in zip(round, retrieved.samples) {
                guard tally.examples < settings.limit else { break }
                tally.asked += 1
                guard let example = try example(of: utterance, sample, &generator, &tally, context) else {
                    continue
                }
                try write(example)
                tally.examples += 1
            }
            progress("asking", tally.asked, asking.count)
            if tally.examples >= settings.limit { break }
        }
        return tally
    }

    private func split(
        _ utterances: [EvalUtterance],
        _ generator: inout SeededGenerator,
    ) -> (indexed: [EvalUtterance], asking: [EvalUtterance]) {
        let shuffled = utterances.shuffled(using: &generator)
        guard let perIntent = settings.perIntent else { return (utterances, shuffled) }
        var counts: [NamedIntent: Int] = [:]
        var indexed: [EvalUtterance] = []
        var asking: [EvalUtterance] = []
        for utterance in shuffled {
            if counts[utterance.gold, default: 0] < perIntent {
                counts[utterance.gold, default: 0] += 1
                indexed.append(utterance)
            } else {
                asking.append(utterance)
            }
        }
        // With few utterances in all, those in the index ask too.
        return (indexed, asking + indexed.shuffled(using: &generator))
    }

    private func example(
        of utterance: EvalUtterance,
        _ sample: FitSample,
        _ generator: inout SeededGenerator,
        _ tally: inout Tally,
        _ context: ScorerContext,
    ) throws -> TrainingExample? {
        let decision = sample.decision(under: .builtin)
        guard let leader = decision.candidates.first, leader.score <= settings.sureness else {
            tally.sure += 1
            return nil
        }
        let limit = Int.random(in: settings.candidates, using: &generator)
        let contenders = decision.contenders(limit)
        guard contenders.contains(where: sample.isGold) else {
            tally.missed += 1
            return nil
        }
        let question = ScoringQuestion(
            contenders,
            shown: sample.shown,
            each: Int.random(in: settings.exemplarsEach, using: &generator),
            sample.input.intents,
        )
        let style = settings.variesNames ? LabelStyle.random(using: &generator) : .asGiven
        let names = style.names(question.candidates.map(\.path), using: &generator)
        // Where the right one stands must say nothing.
        let candidates = question.candidates.shuffled(using: &generator)
        // Some callers' systems send them and some do not, so the model learns to do with and without.
        let told =
            utterance.turns.isEmpty ? 0 : Int.random(in: 0...utterance.turns.count, using: &generator)
        let input = ScoringInput(
            text: utterance.text,
            turns: Array(utterance.turns.suffix(told)),
            pairs: try question.pairs.map { pair in
                ScoringInput.Pair(query: try UtteranceText(pair.query), intent: names[pair.intent] ?? pair.intent)
            },
            candidates: candidates.map { names[$0.path] ?? $0.path },
        )
        let tokens = try context.tokens(of: input)
        let scores = Dictionary(
            decision.candidates.map { ($0.intent, log(max($0.score, 1e-6))) },
            uniquingKeysWith: { first, _ in first }
        )
        return TrainingExample(
            prompt: tokens.prompt,
            pairs: tokens.pairs,
            candidates: tokens.candidates,
            gold: candidates.firstIndex { sample.isGold($0.id) } ?? 0,
            scores: candidates.map { scores[$0.id] ?? log(1e-6) },
            key: ExemplarID(vertical: utterance.gold.vertical, text: utterance.text).description,
            llmLogprobs: tally.examples < settings.scored
                ? try context.score(input, interruption: .none).logProbabilities : nil,
        )
    }
}

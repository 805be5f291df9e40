internal import Core
internal import Discovering
package import Models

/// Makes examples for the adapter that answers questions about clusters: some utterances of one intent with its name, and
/// utterances of one or of several intents with the judgement.
///
/// Prompts and tokens are the product's own. The same utterances and settings give the same examples.
package struct NamingSet {
    package struct Settings: Sendable {
        /// At most so many examples.
        package var limit: Int
        /// Each shows as many utterances as one of these, or all that the intent has.
        package var utterances: ClosedRange<Int>
        /// One of so many examples is a judgement; 0: none is.
        package var judgementEvery: Int
        package var seed: UInt64

        package init(
            limit: Int = 400,
            utterances: ClosedRange<Int> = 8...16,
            judgementEvery: Int = 3,
            seed: UInt64 = 1,
        ) {
            self.limit = limit
            self.utterances = utterances
            self.judgementEvery = judgementEvery
            self.seed = seed
        }
    }

    /// Intents with fewer utterances make no example.
    private static let leastUtterances = 4
    /// Most intents that are mixed where the answer is no.
    private static let mixedIntents = 4

    private struct Labelled {
        let intent: NamedIntent
        let texts: [UtteranceText]
        let name: [String]
    }

    private let context: ScorerContext
    private let settings: Settings

    package init(context: ScorerContext, settings: Settings) {
        self.context = context
        self.settings = settings
    }

    /// - Parameter write: gets each example.
    /// - Returns: how many there were, and of how many intents.
    /// - Throws: `.invalidArgument` where no intent has four utterances and a label with a word; what `write` throws.
    package func make(
        of utterances: [EvalUtterance],
        write: (TrainingExample) throws -> Void,
    ) throws -> (examples: Int, intents: Int) {
        let labelled = Self.labelled(utterances)
        guard !labelled.isEmpty else {
            throw SwitchboardError.invalid(
                "no intent has \(Self.leastUtterances) utterances and a label that is made of words"
            )
        }
        var generator = SeededGenerator(seed: settings.seed)
        var made = 0
        while made < settings.limit {
            for place in labelled.indices.shuffled(using: &generator) {
                guard made < settings.limit else { break }
                let isJudgement = settings.judgementEvery > 0 && made % settings.judgementEvery == 0
                let example =
                    isJudgement
                    ? try judgement(of: place, among: labelled, isGood: made % 2 == 0, &generator)
                    : try naming(of: labelled[place], &generator)
                try write(example)
                made += 1
            }
        }
        return (made, labelled.count)
    }

    private static func labelled(_ utterances: [EvalUtterance]) -> [Labelled] {
        var texts: [NamedIntent: [UtteranceText]] = [:]
        for utterance in utterances { texts[utterance.gold, default: []].append(utterance.text) }
        let groups = texts.filter { $0.value.count >= leastUtterances }.sorted { $0.key < $1.key }
        let keywords = ClusterKeywords(clusters: groups.map { $0.value.map(\.value) })
        var labelled: [Labelled] = []
        for (place, group) in groups.enumerated() {
            guard let name = LabelledName.words(of: group.key.path, cluster: place, keywords: keywords) else {
                continue
            }
            labelled.append(Labelled(intent: group.key, texts: group.value, name: name))
        }
        return labelled
    }

    private func naming(of intent: Labelled, _ generator: inout SeededGenerator) throws -> TrainingExample {
        let count = Int.random(in: settings.utterances, using: &generator)
        let shown = Array(intent.texts.shuffled(using: &generator).prefix(count))
        let words = Array(Set(intent.name.dropFirst())).sorted()
        let question = try ClusterQuestion(naming: shown, role: nil, words: words, taken: [])
        return try example(question, context.tokens(ofName: intent.name), intent)
    }

    /// As the paper's judge is asked: all of one intent, or most of one and the others of a few.
    private func judgement(
        of place: Int,
        among labelled: [Labelled],
        isGood: Bool,
        _ generator: inout SeededGenerator,
    ) throws -> TrainingExample {
        let intent = labelled[place]
        let count = Int.random(in: settings.utterances, using: &generator)
        var shown = Array(intent.texts.shuffled(using: &generator).prefix(count))
        let isMixed = !isGood && labelled.count > 1
        if isMixed {
            let intruders = Int.random(in: 1...Self.mixedIntents, using: &generator)
            let others = labelled.indices.filter { $0 != place }.shuffled(using: &generator).prefix(intruders)
            // Less than 80 % of one intent is no good cluster.
            let kept = max(1, shown.count * 7 / 10)
            let from = others.flatMap { labelled[$0].texts }.shuffled(using: &generator)
            shown = Array(shown.prefix(kept)) + from.prefix(max(2, shown.count - kept))
            shown.shuffle(using: &generator)
        }
        return try example(
            ClusterQuestion(judging: shown),
            context.tokens(ofJudgement: !isMixed),
            intent
        )
    }

    private func example(
        _ question: ClusterQuestion,
        _ answer: [Int32],
        _ intent: Labelled,
    ) throws -> TrainingExample {
        TrainingExample(
            prompt: try context.tokens(of: question),
            candidates: [answer],
            gold: 0,
            scores: [0],
            key: "\(intent.intent.vertical)/\(intent.intent.path)"
        )
    }
}

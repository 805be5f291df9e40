package import Core
package import Datasets

/// What a demonstration streams and asks: pairs to learn from, pairs to ask, and one intent that nobody knows at first.
package struct DemoData: Sendable {
    /// In the order in which they are streamed.
    package var train: [EvalUtterance]
    /// Asked again and again meanwhile; never streamed.
    package var test: [EvalUtterance]
    /// Nobody can help with these.
    package var outOfScope: [UtteranceText]
    /// Streamed at the end, all of one intent.
    package var newIntent: [EvalUtterance]
    /// Asked before and after.
    package var newQuestions: [EvalUtterance]

    /// Written for the demonstration: a retail call center of two verticals.
    ///
    /// - Parameter folder: `deploy/demo-data`.
    package init(folder: String, seed: UInt64) throws(DatasetError) {
        var train: [EvalUtterance] = []
        var test: [EvalUtterance] = []
        for vertical in ["orders", "devices"] {
            train += try Self.pairs("\(folder)/\(vertical).train.jsonl")
            test += try Self.pairs("\(folder)/\(vertical).test.jsonl")
        }
        var generator = SeededGenerator(seed: seed)
        self.train = train.shuffled(using: &generator)
        self.test = test.shuffled(using: &generator)
        outOfScope = try Self.rows("\(folder)/oos.jsonl", format: .jsonl).map(\.text)
        let new = try Self.pairs("\(folder)/new-intent.jsonl")
        newIntent = Array(new.dropLast(5))
        newQuestions = Array(new.suffix(5))
    }

    /// A user's own file: a fifth of each intent is kept for asking, and one intent is held back to come in last.
    ///
    /// - Throws: also where the file has too few intents to show anything.
    package init(file: String, format: DatasetFormat?, seed: UInt64) throws(DatasetError) {
        var generator = SeededGenerator(seed: seed)
        let pairs = try Self.pairs(file, format: format)
        let byIntent = Dictionary(grouping: pairs, by: \.gold)
        let intents = byIntent.sorted { $0.key < $1.key }.filter { $0.value.count >= 2 }
        guard intents.count >= 2 else {
            throw DatasetError(
                file: file,
                reason: "a demonstration needs at least two intents with two utterances each"
            )
        }
        // One of ordinary size, so that there is something to stream and something to ask.
        let held = intents.filter { $0.value.count >= 4 }.randomElement(using: &generator) ?? intents[0]
        train = []
        test = []
        for (name, pairs) in intents where name != held.key {
            let shuffled = pairs.shuffled(using: &generator)
            let asked = max(1, shuffled.count / 5)
            test += shuffled.prefix(asked)
            train += shuffled.dropFirst(asked)
        }
        let new = held.value.shuffled(using: &generator)
        newQuestions = Array(new.prefix(max(1, min(5, new.count / 3))))
        newIntent = Array(new.dropFirst(newQuestions.count))
        train.shuffle(using: &generator)
        test.shuffle(using: &generator)
        outOfScope = []
    }

    private static func pairs(_ path: String, format: DatasetFormat? = .jsonl) throws(DatasetError) -> [EvalUtterance] {
        try rows(path, format: format).compactMap { EvalUtterance($0) }
    }

    private static func rows(_ path: String, format: DatasetFormat?) throws(DatasetError) -> [LabelledUtterance] {
        try DatasetReader(DatasetLocation(path), format: format).rest()
    }
}

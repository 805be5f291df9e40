package import Core
package import Datasets

/// The files of an evaluation as they are named on the command line.
package struct EvalFiles: Sendable {
    package var train: [String]
    package var valid: [String]
    package var test: [String]
    package var outOfScopeValid: [String]
    package var outOfScope: [String]
    /// Nil: each is told from the file.
    package var format: DatasetFormat?
    /// How many turns before an utterance of its conversation are told with it, at most.
    package var turns: Int

    package init(
        train: [String],
        valid: [String] = [],
        test: [String],
        outOfScopeValid: [String] = [],
        outOfScope: [String] = [],
        format: DatasetFormat? = nil,
        turns: Int = 0,
    ) {
        self.train = train
        self.valid = valid
        self.test = test
        self.outOfScopeValid = outOfScopeValid
        self.outOfScope = outOfScope
        self.format = format
        self.turns = turns
    }
}

/// What an evaluation learns from, fits on and measures, each apart from the others.
///
/// A row whose label says that no intent fits counts as out of scope wherever it stands; in the train files it is left out.
/// What agents said is left out everywhere, but for the turns before an utterance; what is out of scope comes without
/// turns.
package struct EvalData: Sendable {
    package private(set) var train: [EvalUtterance]
    package let valid: [EvalUtterance]
    package let test: [EvalUtterance]
    package let outOfScopeValid: [UtteranceText]
    package let outOfScope: [UtteranceText]
    /// What a person should be told of the files.
    package private(set) var notes: [String] = []

    /// Reads all files whole; blocks.
    ///
    /// - Throws: `DatasetError` with file, line and reason.
    package init(reading files: EvalFiles) throws(DatasetError) {
        func rows(_ names: [String], labelled: Bool) throws(DatasetError) -> [LabelledUtterance] {
            var rows: [LabelledUtterance] = []
            for name in names {
                rows += try DatasetReader.readAll(
                    DatasetLocation(name),
                    format: files.format,
                    requiresIntent: labelled,
                    keepsTurns: files.turns > 0
                )
            }
            return rows
        }
        self.init(
            train: try rows(files.train, labelled: true),
            valid: try rows(files.valid, labelled: true),
            test: try rows(files.test, labelled: true),
            outOfScopeValid: try rows(files.outOfScopeValid, labelled: false),
            outOfScope: try rows(files.outOfScope, labelled: false),
            turns: files.turns,
        )
    }

    package init(
        train: [LabelledUtterance],
        valid: [LabelledUtterance] = [],
        test: [LabelledUtterance],
        outOfScopeValid: [LabelledUtterance] = [],
        outOfScope: [LabelledUtterance] = [],
        turns: Int = 0,
    ) {
        var (left, unknownValid, unknown): ([UtteranceText], [UtteranceText], [UtteranceText]) = ([], [], [])
        self.init(
            train: Self.inScope(train, turns: turns, strangers: &left),
            valid: Self.inScope(valid, turns: turns, strangers: &unknownValid),
            test: Self.inScope(test, turns: turns, strangers: &unknown),
            outOfScopeValid: unknownValid + outOfScopeValid.filter { $0.role != .agent }.map(\.text),
            outOfScope: unknown + outOfScope.filter { $0.role != .agent }.map(\.text),
        )
        if !left.isEmpty { notes.append("\(left.count) out-of-scope rows of the train data were left out") }
    }

    package init(
        train: [EvalUtterance],
        valid: [EvalUtterance] = [],
        test: [EvalUtterance],
        outOfScopeValid: [UtteranceText] = [],
        outOfScope: [UtteranceText] = [],
    ) {
        self.train = train
        self.valid = valid
        self.test = test
        self.outOfScopeValid = outOfScopeValid
        self.outOfScope = outOfScope
        noteOverlap()
    }

    /// The verticals of the train data; without any, of the test data.
    package var verticals: [Vertical] {
        Set((train.isEmpty ? test : train).map(\.gold.vertical)).sorted()
    }

    /// The same with so many train utterances of each intent at most, drawn by a seed, in their order.
    package func drawing(perIntent count: Int, seed: UInt64) -> EvalData {
        var random = SeededGenerator(seed: seed)
        var counts: [NamedIntent: Int] = [:]
        let places = train.indices.shuffled(using: &random).filter { place in
            counts[train[place].gold, default: 0] += 1
            return counts[train[place].gold, default: 0] <= count
        }
        var drawn = self
        drawn.train = places.sorted().map { train[$0] }
        drawn.notes.append(
            "\(drawn.train.count) of \(train.count) train utterances were drawn, at most \(count) an intent"
        )
        return drawn
    }

    /// The same as if some intents were not known: without their train and validation data, and with their test
    /// utterances among those that no intent fits.
    ///
    /// - Parameters:
    ///   - share: of the train data's intents, drawn by the seed.
    ///   - seed: the same seed holds out the same intents.
    /// - Throws: `.invalidArgument` where that would hold out none of them, or all.
    package func holdingOut(_ share: Double, seed: UInt64) throws(SwitchboardError) -> EvalData {
        var random = SeededGenerator(seed: seed)
        let intents = Set(train.map(\.gold)).sorted().shuffled(using: &random)
        let wanted = (share * Double(intents.count)).rounded()
        guard wanted >= 1, wanted < Double(intents.count) else {
            throw .invalid(
                "a share of \(share) of the \(intents.count) intents cannot be held out: at least one is, and one is not"
            )
        }
        let left = Set(intents.prefix(Int(wanted)))
        let strangers = test.filter { left.contains($0.gold) }
        var kept = EvalData(
            train: train.filter { !left.contains($0.gold) },
            valid: valid.filter { !left.contains($0.gold) },
            test: test.filter { !left.contains($0.gold) },
            outOfScopeValid: outOfScopeValid,
            outOfScope: outOfScope + strangers.map(\.text),
        )
        kept.notes.append(
            "\(left.count) of \(intents.count) intents are held out; \(strangers.count) test utterances of theirs count as out of scope"
        )
        return kept
    }

    private static func inScope(
        _ rows: [LabelledUtterance],
        turns: Int,
        strangers: inout [UtteranceText],
    ) -> [EvalUtterance] {
        var utterances: [EvalUtterance] = []
        var conversations = EarlierTurns(atMost: turns)
        for row in rows {
            let earlier = conversations.next(row)
            if row.role == .agent { continue }
            if row.isOutOfScope {
                strangers.append(row.text)
            } else if let utterance = EvalUtterance(row, turns: earlier) {
                utterances.append(utterance)
            }
        }
        return utterances
    }

    /// Texts that are learnt and tested flatter every figure, so they are told.
    private mutating func noteOverlap() {
        let learnt = Set((train + valid).map { ExemplarID(vertical: $0.gold.vertical, text: $0.text) })
        let count = test.count { learnt.contains(ExemplarID(vertical: $0.gold.vertical, text: $0.text)) }
        if count > 0 { notes.append("\(count) test texts stand in the train or validation data too") }
        let named = Set((train + valid).map(\.gold))
        let unknown = Set(test.map(\.gold)).subtracting(named)
        if !train.isEmpty, !unknown.isEmpty {
            notes.append("\(unknown.count) intents of the test data have no exemplar, so they cannot be answered")
        }
    }
}

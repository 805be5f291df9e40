internal import Core
internal import SwitchboardClient

/// What is known of the texts by their words alone.
struct TextIndexes: Sendable {
    let exemplars: [KnownExemplar]
    /// Of the exemplars.
    let bm25: BM25
    let tfidf: TFIDF

    init(_ known: [EvalUtterance]) {
        exemplars = KnownExemplar.distinct(known)
        bm25 = BM25(exemplars.map(\.text))
        tfidf = TFIDF(known.map(\.text.value))
    }
}

/// The methods that the product is held against, fitted on the data that it learnt.
struct Baselines: Sendable {
    let texts: TextIndexes
    /// Over the texts' `tfidf`.
    let words: IntentClassifier
    /// Over the encoder's vectors.
    let head: IntentClassifier

    /// - Parameters:
    ///   - train: at least one.
    ///   - vectors: the encoder's, of `train` and then of `valid`.
    ///   - learnsValid: whether `valid` is learnt once the penalties are chosen on it.
    static func fitted(
        train: [EvalUtterance],
        valid: [EvalUtterance],
        vectors: [[Float]],
        learnsValid: Bool,
        settings: IntentClassifier.Settings,
        onDone: (Int) -> Void,
    ) async throws -> Baselines {
        let known = learnsValid ? train + valid : train
        let all = train + valid
        let (texts, rows) = try await WorkThread("eval-terms").run { () -> (TextIndexes, [[FeatureRow]]) in
            let texts = TextIndexes(known)
            return (texts, [all.map { texts.tfidf.row(of: $0.text.value) }, vectors.map { FeatureRow($0) }])
        }
        let features = [texts.tfidf.dimension, vectors.first?.count ?? 0]
        let classifiers = try await inFlight(rows.count, rows.indices) { place in
            try await WorkThread("eval-linear").run { () -> IntentClassifier in
                let examples = zip(rows[place], all).map { IntentClassifier.Example(row: $0, gold: $1.gold) }
                return IntentClassifier(
                    train: Array(examples.prefix(train.count)),
                    valid: Array(examples.dropFirst(train.count)),
                    learnsValid: learnsValid,
                    features: features[place],
                    settings: settings,
                )
            }
        } onDone: {
            onDone($0)
        }
        return Baselines(
            texts: texts,
            words: classifiers[0],
            head: classifiers[1],
        )
    }
}

package import Core

/// A scorer that threads share: what names it, and a context for each thread.
///
/// `ScorerModel` is the real one; tests and other targets use a fake, so that they run without a model.
package protocol CandidateScoring: Sendable {
    /// SHA-256 of the base model's file.
    var baseModel: ModelID { get }
    /// SHA-256 of the adapter's file; nil without one.
    var adapter: ModelID? { get }
    /// SHA-256 of the prompt's definition.
    var prompt: ModelID { get }
    /// Most tokens of a prompt; what is more of an input is left out.
    var promptTokens: Int { get }
    /// What answers questions about clusters; nil: nothing does.
    var clusterModels: ScoringModels? { get }
    /// - Throws: `.resourceExhausted` where there is too little memory.
    func makeContext() throws(SwitchboardError) -> any CandidateScoringContext
}

extension CandidateScoring {
    /// For a scorer that is only asked for scores.
    package var clusterModels: ScoringModels? { nil }
}

/// What one thread scores with.
package protocol CandidateScoringContext: AnyObject {
    /// - Parameter interruption: asked often: serves what is more urgent, and says when to stop.
    /// - Throws: `.invalidArgument` unless there are 1 to 64 candidates; whatever `interruption` stops it with.
    func score(_ input: ScoringInput, interruption: Interruption) throws(SwitchboardError) -> ScoringOutput

    /// Scores several inputs; returns when each member has been told. What one is stopped or refused with is nothing to
    /// the others.
    func score(_ batch: ScoringBatch)

    /// - Parameter interruption: as of `score`.
    /// - Throws: `.unimplemented` where it only scores; whatever `interruption` stops it with.
    func answer(
        _ question: ClusterQuestion,
        interruption: Interruption,
    ) throws(SwitchboardError) -> ClusterAnswer
}

extension CandidateScoringContext {
    /// For a context that only scores.
    package func answer(
        _ question: ClusterQuestion,
        interruption: Interruption,
    ) throws(SwitchboardError) -> ClusterAnswer {
        throw .scoresOnly
    }

    /// One after the other: for a context that gains nothing from several at a time.
    package func score(_ batch: ScoringBatch) {
        for member in batch.members {
            let interruption = Interruption(serve: batch.serve, stopReason: member.stopReason)
            member.finish(
                Result { () throws(SwitchboardError) in try score(member.input, interruption: interruption) }
            )
        }
    }
}

/// What the language model is asked: which of these intents an utterance has, given labelled ones like it.
package struct ScoringInput: Sendable, Hashable {
    package static let maximumCandidates = 64

    /// A labelled utterance that stands in the prompt.
    package struct Pair: Sendable, Hashable {
        package var query: UtteranceText
        package var intent: IntentPath

        package init(query: UtteranceText, intent: IntentPath) {
            self.query = query
            self.intent = intent
        }
    }

    package var text: UtteranceText
    /// Earlier turns, oldest first.
    package var turns: [Turn]
    /// Retrieved pairs, nearest first.
    package var pairs: [Pair]
    /// 1 to 64.
    package var candidates: [IntentPath]
    /// For each candidate what speaks for it beside the model, as so much mean log-probability. With them a candidate that
    /// cannot lead any more need not be computed; empty: every one is.
    package var headStarts: [Double]

    package init(
        text: UtteranceText,
        turns: [Turn] = [],
        pairs: [Pair],
        candidates: [IntentPath],
        headStarts: [Double] = [],
    ) {
        self.text = text
        self.turns = turns
        self.pairs = pairs
        self.candidates = candidates
        self.headStarts = headStarts
    }

    /// Bytes of all texts, for the queue's bound.
    package var byteCount: Int { promptBytes + candidateBytes }

    /// A guess at the tokens that are computed for it, however much there is that a prompt has no room for.
    ///
    /// - Parameter promptTokens: most tokens of a prompt.
    func guessedTokens(promptTokens: Int) -> Int {
        min(promptBytes / 4 + 16, promptTokens) + candidateBytes / 4
    }

    private var promptBytes: Int {
        text.value.utf8.count + turns.reduce(0) { $0 + $1.text.value.utf8.count }
            + pairs.reduce(0) { $0 + $1.query.value.utf8.count + $1.intent.spoken.utf8.count }
    }

    private var candidateBytes: Int { candidates.reduce(0) { $0 + $1.spoken.utf8.count } }
}

/// What the language model answered.
package struct ScoringOutput: Sendable, Hashable {
    /// For each candidate, in the order asked, the mean log-probability of its tokens and the newline (REIC, eq. 5); of
    /// one that was left out, since with the head starts it cannot lead, what it is at most.
    package var logProbabilities: [Double]
    package var promptTokens: Int
    /// Whether pairs, turns or a part of the utterance were left out, so that the prompt fits.
    package var isTruncated: Bool

    package init(logProbabilities: [Double], promptTokens: Int, isTruncated: Bool) {
        self.logProbabilities = logProbabilities
        self.promptTokens = promptTokens
        self.isTruncated = isTruncated
    }
}

/// How long work on a thread lets others in and learns that nobody wants it any more.
///
/// Both closures are called on the thread that does the work, often (hundreds of times a second), and are cheap when
/// there is nothing to do.
package struct Interruption {
    /// Does what is more urgent on this thread, and returns.
    package let serve: () -> Void
    /// Why to stop; nil to go on.
    package let stopReason: () -> SwitchboardError?

    package init(serve: @escaping () -> Void, stopReason: @escaping () -> SwitchboardError?) {
        self.serve = serve
        self.stopReason = stopReason
    }

    /// Lets others in, and throws the reason to stop where there is one.
    func check() throws(SwitchboardError) {
        serve()
        if let reason = stopReason() { throw reason }
    }

    /// Never lets anybody in and never stops.
    package static var none: Interruption { Interruption(serve: {}, stopReason: { nil }) }
}

extension SwitchboardError {
    /// A language model was asked about a cluster that cannot be.
    package static let scoresOnly = SwitchboardError(
        .unimplemented,
        "this language model scores candidates; it neither judges nor names clusters"
    )
}

internal import Calls
internal import Core
internal import Routing
internal import SwitchboardClient
internal import Wire

/// Asks a node what utterances mean, through its socket.
struct EvalAsker: Sendable {
    struct Question: Sendable {
        let text: UtteranceText
        /// Nil: out of scope.
        let gold: NamedIntent?
        /// Earlier in the conversation, oldest first.
        var turns: [Turn] = []
    }

    let client: SwitchboardClient
    let settings: EvalSettings
    /// Searched together, as one index over several taxonomies.
    let verticals: [Vertical]
    /// What a replica must have applied; nil: whatever it has.
    let position: LogPosition?
    /// Whether utterances are retrieved for as if they were not known themselves: not where they are measured.
    var leavesAskedOut = true

    // MARK: Fitting

    struct Retrieved: Sendable {
        /// In the order of the questions.
        let samples: [FitSample]
        let encoder: ModelID?
        /// What answers are decided by now; nil: the built-in policy.
        let policy: Policy?
    }

    /// What is retrieved for each utterance, without its own exemplar if so set.
    ///
    /// - Parameters:
    ///   - within: as if there were only the intents below these paths; empty: all.
    ///   - shown: how many candidates come with exemplars of their own, and how many each; nil: none do.
    func retrieve(
        _ questions: [Question],
        within: [IntentPath] = [],
        shown: (candidates: Int, each: Int)? = nil,
        onDone: (Int) -> Void,
    ) async throws -> Retrieved {
        let responses = try await inFlight(settings.callsInFlight, questions) { question in
            let request = RetrieveRequest(
                text: question.text,
                verticals: verticals,
                k: settings.k,
                within: within,
                exclude: leavesAskedOut ? verticals.map { ExemplarID(vertical: $0, text: question.text) } : [],
                isExact: settings.isExact,
                minPosition: position,
                llm: shown == nil ? .off : .always,
                candidates: shown?.candidates,
                exemplarsEach: shown?.each,
                // Other weights are tried on them than those that the rest would be summed up under.
                classFigures: RetrieveRequest.maximumClassFigures,
            )
            let response = try await patiently {
                try await client.gateways.call(Methods.retrieve, request, within: settings.deadline)
            }
            let sample = FitSample(response, gold: question.gold, trustsEqual: !leavesAskedOut)
            return (sample, response.encoder, response.policy)
        } onDone: {
            onDone($0)
        }
        return Retrieved(
            samples: responses.map(\.0),
            encoder: responses.lazy.compactMap(\.1).first,
            policy: responses.last.flatMap(\.2),
        )
    }

    /// What the language model says of each utterance that has more than one candidate; the others are left out.
    ///
    /// The parameters are those of `scoreAll`.
    func score(
        _ questions: [Question],
        under policy: RetrievalPolicy,
        choices llm: LLMPolicy? = nil,
        showing candidates: Int? = nil,
        onDone: (Int) -> Void,
    ) async throws -> [FitSample] {
        try await scoreAll(questions, under: policy, choices: llm, showing: candidates, onDone: onDone)
            .filter(\.isScored)
    }

    /// What is retrieved for each utterance and, where that leaves more than one candidate, what the language model
    /// says of them: asked of the candidates and shown the exemplars that a gateway would show it.
    ///
    /// - Parameters:
    ///   - policy: that the node decides by, or nearly so.
    ///   - llm: says between how many it chooses, and how many exemplars of each it sees; nil: as where nothing was chosen.
    ///   - candidates: so many of the leaders by the node's own policy come with exemplars; nil: as many as it chooses from.
    func scoreAll(
        _ questions: [Question],
        under policy: RetrievalPolicy,
        choices llm: LLMPolicy? = nil,
        showing candidates: Int? = nil,
        onDone: (Int) -> Void,
    ) async throws -> [FitSample] {
        let shown = (
            candidates ?? llm?.candidates ?? LLMPolicy.defaultCandidates,
            llm?.exemplarsEach ?? LLMPolicy.defaultExemplarsEach
        )
        let samples = try await retrieve(questions, shown: shown) { _ in }.samples
        return try await inFlight(settings.llmCallsInFlight, questions.indices) { place in
            let sample = samples[place]
            guard let call = ScoringCall(questions[place], sample, sample.decision(under: policy), llm) else {
                return sample
            }
            guard let response = try await scoreInTime(call.request) else { return sample }
            return try call.sample(with: response)
        } onDone: {
            onDone($0)
        }
    }

    /// Nil where the answer came too late: as a gateway goes on without it, so does what is measured.
    private func scoreInTime(_ request: ScoreRequest) async throws -> ScoreResponse? {
        do {
            return try await patiently {
                try await client.gateways.call(Methods.score, request, within: settings.deadline)
            }
        } catch let error as SwitchboardError {
            guard error.code == .deadlineExceeded else { throw error }
            return nil
        }
    }

    /// A question to the language model, and what it is about.
    private struct ScoringCall: Sendable {
        let request: ScoreRequest
        private let sample: FitSample
        private let candidates: [IntentID]

        /// Nil where there is nothing to choose from.
        init?(_ asked: Question, _ sample: FitSample, _ decision: Decision, _ llm: LLMPolicy?) {
            guard decision.asksLLM(.always, llm) else { return nil }
            let question = ScoringQuestion(
                decision.contenders(under: llm),
                shown: sample.shown,
                sample.input.intents
            )
            candidates = question.candidates.map(\.id)
            request = ScoreRequest(
                text: asked.text,
                turns: asked.turns,
                pairs: question.pairs,
                candidates: question.candidates.map(\.path)
            )
            self.sample = sample
        }

        func sample(with response: ScoreResponse) throws(SwitchboardError) -> FitSample {
            guard response.logprobs.count == candidates.count else {
                throw SwitchboardError(
                    .internal,
                    "the scorer answered \(response.logprobs.count) figures for \(candidates.count) candidates"
                )
            }
            var sample = sample
            let scores = Dictionary(zip(candidates, response.logprobs), uniquingKeysWith: { first, _ in first })
            sample.input.llm = .scored(scores, policy: nil)
            return sample
        }
    }

    /// Which models score, as a reply tells; any question does.
    func models() async throws -> ScoreResponse {
        let (text, intent) = (try UtteranceText("hello"), try IntentPath("greeting"))
        return try await patiently {
            try await client.gateways.call(
                Methods.score,
                ScoreRequest(text: text, candidates: [intent]),
                within: settings.deadline
            )
        }
    }

    // MARK: Measuring

    func ask(_ questions: [Question], onDone: (Int) -> Void) async throws -> [EvalAnswer] {
        try await inFlight(settings.callsInFlight, questions) { question in
            EvalAnswer(try await classify(request(question)), gold: question.gold)
        } onDone: {
            onDone($0)
        }
    }

    /// One call after the other.
    func time(_ questions: [Question], onDone: (_ done: Int, _ total: Int) -> Void) async throws -> [EvalTiming] {
        var timings: [EvalTiming] = []
        for question in questions {
            let start = ContinuousClock.now
            let response = try await classify(request(question))
            timings.append(EvalTiming(response.timings, total: .now - start))
            onDone(timings.count, questions.count)
        }
        return timings
    }

    private func request(_ question: Question) -> ClassifyRequest {
        ClassifyRequest(
            text: question.text,
            verticals: verticals,
            llm: settings.llm,
            turns: question.turns,
            doNotStore: true,
            evidence: settings.k,
            isExact: settings.isExact,
            minPosition: position,
        )
    }

    private func classify(_ request: ClassifyRequest) async throws -> ClassifyResponse {
        try await patiently {
            try await client.gateways.call(Methods.classify, request, within: settings.deadline)
        }
    }
}

/// Where one call's time went.
package struct EvalTiming: Sendable, Equatable {
    package var encode: Duration
    package var search: Duration
    package var score: Duration
    /// As the client waited.
    package var total: Duration

    package init(encode: Duration, search: Duration, score: Duration, total: Duration) {
        self.encode = encode
        self.search = search
        self.score = score
        self.total = total
    }

    init(_ timings: Timings, total: Duration) {
        self.init(encode: timings.encode, search: timings.search, score: timings.score, total: total)
    }
}

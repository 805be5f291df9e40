internal import Calls
internal import Core
internal import SwitchboardClient
internal import Wire

/// Asks a node what utterances mean, through its socket.
struct EvalAsker: Sendable {
    struct Question: Sendable {
        let text: UtteranceText
        /// Nil: out of scope.
        let gold: NamedIntent?
    }

    let client: SwitchboardClient
    let settings: EvalSettings
    /// Searched together, as one index over several taxonomies.
    let verticals: [Vertical]
    /// What a replica must have applied; nil: whatever it has.
    let position: LogPosition?

    // MARK: Fitting

    /// What is retrieved for each utterance without its own exemplar.
    ///
    /// - Parameter shown: how many candidates come with exemplars of their own, and how many each; nil: none do.
    func retrieve(
        _ questions: [Question],
        shown: (candidates: Int, each: Int)? = nil,
        onDone: (Int) -> Void,
    ) async throws -> (samples: [FitSample], encoder: ModelID?) {
        let responses = try await inFlight(settings.callsInFlight, questions) { question in
            let request = RetrieveRequest(
                text: question.text,
                verticals: verticals,
                k: settings.k,
                exclude: verticals.map { ExemplarID(vertical: $0, text: question.text) },
                isExact: settings.isExact,
                minPosition: position,
                llm: shown == nil ? .off : .always,
                candidates: shown?.candidates,
                exemplarsEach: shown?.each,
            )
            let response = try await patiently {
                try await client.gateway.call(Methods.retrieve, request, within: settings.deadline)
            }
            return (FitSample(response, gold: question.gold), response.encoder)
        } onDone: {
            onDone($0)
        }
        return (responses.map(\.0), responses.lazy.compactMap(\.1).first)
    }

    /// What the language model says of each utterance that has more than one candidate, without its own exemplar.
    func score(_ questions: [Question], onDone: (Int) -> Void) async throws -> [FitSample] {
        let samples = try await inFlight(settings.callsInFlight, questions) { question in
            var request = request(question.text)
            request.llm = .always
            request.exclude = verticals.map { ExemplarID(vertical: $0, text: question.text) }
            return FitSample(scored: try await classify(request), gold: question.gold)
        } onDone: {
            onDone($0)
        }
        return samples.compactMap(\.self)
    }

    // MARK: Measuring

    func ask(_ questions: [Question], onDone: (Int) -> Void) async throws -> [EvalAnswer] {
        try await inFlight(settings.callsInFlight, questions) { question in
            EvalAnswer(try await classify(request(question.text)), gold: question.gold)
        } onDone: {
            onDone($0)
        }
    }

    /// One call after the other.
    func time(_ texts: [UtteranceText], onDone: (_ done: Int, _ total: Int) -> Void) async throws -> [EvalTiming] {
        var timings: [EvalTiming] = []
        for text in texts {
            let start = ContinuousClock.now
            let response = try await classify(request(text))
            timings.append(EvalTiming(response.timings, total: .now - start))
            onDone(timings.count, texts.count)
        }
        return timings
    }

    private func request(_ text: UtteranceText) -> ClassifyRequest {
        ClassifyRequest(
            text: text,
            verticals: verticals,
            llm: settings.llm,
            doNotStore: true,
            evidence: settings.k,
            isExact: settings.isExact,
            minPosition: position,
        )
    }

    private func classify(_ request: ClassifyRequest) async throws -> ClassifyResponse {
        try await patiently {
            try await client.gateway.call(Methods.classify, request, within: settings.deadline)
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

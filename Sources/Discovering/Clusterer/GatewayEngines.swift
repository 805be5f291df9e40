package import Calls
package import Core
package import Models
internal import Synchronization
internal import Wire

/// The engines of live calls, asked through gateways with the priority of discovery, so that callers come first.
///
/// Safe from any task. Vectors go over in batches, two at a time; `PoolEngines` around it keeps them. What is busy or away is
/// asked again, at growing intervals; a language model that is not there, or has no time, is not waited for long, since a run
/// goes on without.
package final class GatewayEngines: DiscoveryEngines {
    package struct Patience: Sendable {
        /// Live calls come first, so that vectors may take long; a retriever may be started anew meanwhile.
        package var encoding = Duration.seconds(1_800)
        /// A question that is under way by then still gets the time of its call.
        package var language = Duration.seconds(20)
        /// A language model that was not there is not asked again for so long.
        package var absence = Duration.seconds(60)
        /// For one call.
        package var call = Duration.seconds(30)
        package var firstPause = Duration.milliseconds(200)
        package var longestPause = Duration.seconds(10)

        package init() {}
    }

    /// Texts in one call for vectors, so that live requests get their turn between.
    static let textsPerEncode = 64
    static let encodesAtATime = 2

    private struct State {
        var encoder: ModelID?
        /// When it was last seen to serve.
        var seen = ContinuousClock.now
        var turn = 0
        var absentUntil: ContinuousClock.Instant?
    }

    private let gateways: [CallChannel]
    private let patience: Patience
    private let state = Mutex(State())

    /// - Parameter gateways: connections to their worker ports, at least one; asked in turn.
    package init(gateways: [CallChannel], patience: Patience = Patience()) {
        precondition(!gateways.isEmpty, "engines are reached through a gateway")
        self.gateways = gateways
        self.patience = patience
    }

    /// The index may have got another encoder since the last vectors were made, so that after a while it is asked again.
    package var encoder: ModelID? {
        get async {
            let (known, seen) = state.withLock { ($0.encoder, $0.seen) }
            guard known != nil, seen.duration(to: .now) > patience.absence else { return known }
            guard let probe = try? UtteranceText("hello") else { return known }
            let request = EncodeRequest(texts: [probe], priority: .discovery)
            let response = try? await nextGateway().call(Methods.encode, request, within: patience.call)
            if let response { note(response.encoder) }
            return state.withLock { $0.encoder }
        }
    }

    private func note(_ encoder: ModelID) {
        state.withLock { state in
            state.encoder = encoder
            state.seen = .now
        }
    }

    // MARK: Vectors

    package func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        guard let first = texts.first else { return [] }
        // Which encoder serves now; all of the texts go to the same.
        let start = try await vectors(of: [first], by: nil)
        note(start.encoder)
        let pieces = stride(from: 1, to: texts.count, by: Self.textsPerEncode).map { place in
            Array(texts[place..<min(place + Self.textsPerEncode, texts.count)])
        }
        let made = try await encoded(pieces, by: start.encoder)
        note(start.encoder)
        return start.vectors + made.flatMap { $0 }
    }

    /// The vectors of each piece, in order.
    private func encoded(
        _ pieces: [[UtteranceText]],
        by encoder: ModelID,
    ) async throws(SwitchboardError) -> [[[Float]]] {
        do {
            return try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
                var products = [[[Float]]](repeating: [], count: pieces.count)
                for (place, piece) in pieces.enumerated() {
                    if place >= Self.encodesAtATime, let (done, vectors) = try await group.next() {
                        products[done] = vectors
                    }
                    group.addTask { (place, try await self.vectors(of: piece, onlyBy: encoder)) }
                }
                while let (done, vectors) = try await group.next() { products[done] = vectors }
                return products
            }
        } catch let error as SwitchboardError {
            throw error
        } catch {
            throw SwitchboardError(.cancelled, "the vectors are no longer wanted")
        }
    }

    private func vectors(
        of texts: [UtteranceText],
        onlyBy encoder: ModelID,
    ) async throws(SwitchboardError) -> [[Float]] {
        let response = try await vectors(of: texts, by: encoder)
        guard response.encoder == encoder else {
            throw SwitchboardError(
                .failedPrecondition,
                "another encoder serves than when this was begun: \(response.encoder.short) instead of "
                    + "\(encoder.short); start the run again"
            )
        }
        return response.vectors
    }

    private func vectors(
        of texts: [UtteranceText],
        by encoder: ModelID?,
    ) async throws(SwitchboardError) -> EncodeResponse {
        let request = EncodeRequest(texts: texts, priority: .discovery, encoder: encoder)
        let response = try await patiently(patience.encoding) {
            (gateway: CallChannel) async throws(SwitchboardError) -> EncodeResponse in
            try await gateway.call(Methods.encode, request, within: self.patience.call)
        }
        guard response.vectors.count == texts.count else {
            throw SwitchboardError(
                .internal,
                "the encoder answered \(response.vectors.count) vectors for \(texts.count) texts"
            )
        }
        return response
    }

    // MARK: The language model

    package func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? {
        let request = ScoreRequest(
            text: input.text,
            turns: input.turns,
            pairs: input.pairs.map { Pair(query: $0.query.value, intent: $0.intent) },
            candidates: input.candidates,
            priority: .discovery
        )
        let response = try await ifFree { (gateway: CallChannel) async throws(SwitchboardError) -> ScoreResponse in
            try await gateway.call(Methods.score, request, within: self.patience.call)
        }
        // A model that was not trained for it ranks candidates no better than chance.
        guard let response, response.adapter != nil else { return nil }
        return ScoringOutput(
            logProbabilities: response.logprobs,
            promptTokens: response.promptTokens,
            isTruncated: response.isTruncated
        )
    }

    package func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? {
        let request = JudgeRequest(utterances: Array(utterances.prefix(JudgeRequest.maximumUtterances)))
        let response = try await ifFree { (gateway: CallChannel) async throws(SwitchboardError) -> JudgeResponse in
            try await gateway.call(Methods.judge, request, within: self.patience.call)
        }
        return response.map { response in
            EngineAnswer(value: response.good, tokens: response.effort.tokens, seconds: response.effort.work.seconds)
        }
    }

    package func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        try await name(utterances, role: nil, words: words, taken: taken)
    }

    package func name(
        _ utterances: [UtteranceText],
        role: Role?,
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        let request = NameRequest(
            utterances: Array(utterances.prefix(JudgeRequest.maximumUtterances)),
            taken: Array(taken.prefix(NameRequest.maximumTaken)),
            words: Array(words.prefix(NameRequest.maximumWords)),
            role: role
        )
        let response = try await ifThere { (gateway: CallChannel) async throws(SwitchboardError) -> NameResponse in
            try await gateway.call(Methods.name, request, within: self.patience.call)
        }
        return response.map { response in
            EngineAnswer(value: response.label, tokens: response.effort.tokens, seconds: response.effort.work.seconds)
        }
    }

    /// What judges ask: they have the vectors to judge by. Who names is told that the language model is busy.
    ///
    /// - Returns: nil where no language model answers such questions here, or none in time.
    private func ifFree<Response: Sendable>(
        _ ask: (CallChannel) async throws(SwitchboardError) -> Response
    ) async throws(SwitchboardError) -> Response? {
        do throws(SwitchboardError) {
            return try await ifThere(ask)
        } catch {
            guard Self.passing.contains(error.code), !Task.isCancelled else { throw error }
            return nil
        }
    }

    /// - Returns: nil where no language model answers such questions here.
    private func ifThere<Response: Sendable>(
        _ ask: (CallChannel) async throws(SwitchboardError) -> Response
    ) async throws(SwitchboardError) -> Response? {
        if let absentUntil = state.withLock({ $0.absentUntil }), absentUntil > .now { return nil }
        do throws(SwitchboardError) {
            return try await patiently(patience.language, ask)
        } catch {
            guard Self.absent.contains(error.code), !Task.isCancelled else { throw error }
            let until = ContinuousClock.now + patience.absence
            state.withLock { $0.absentUntil = until }
            return nil
        }
    }

    private static var absent: Set<StatusCode> { [.unavailable, .unimplemented, .failedPrecondition] }

    // MARK: Asking again

    /// Errors that may have gone at another try: workers are busy, or one is started anew.
    private static var passing: Set<StatusCode> { [.resourceExhausted, .deadlineExceeded, .unavailable] }

    /// Asks until it is answered, for so long.
    private func patiently<Response: Sendable>(
        _ limit: Duration,
        _ ask: (CallChannel) async throws(SwitchboardError) -> Response,
    ) async throws(SwitchboardError) -> Response {
        let end = ContinuousClock.now + limit
        var pause = patience.firstPause
        while true {
            do throws(SwitchboardError) {
                return try await ask(nextGateway())
            } catch {
                guard Self.passing.contains(error.code), end > .now, !Task.isCancelled else { throw error }
                let wait = min(max(error.retryAfter ?? pause, .milliseconds(50)), patience.longestPause)
                guard (try? await Task.sleep(for: wait)) != nil else {
                    throw SwitchboardError(.cancelled, "the answer is no longer wanted")
                }
                pause = min(pause * 2, patience.longestPause)
            }
        }
    }

    private func nextGateway() -> CallChannel {
        state.withLock { state in
            state.turn = (state.turn + 1) % gateways.count
            return gateways[state.turn]
        }
    }
}

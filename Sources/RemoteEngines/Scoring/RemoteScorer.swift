package import Core
package import Logging
package import Models
internal import Synchronization

/// A language model on a server that gives log-probabilities of the prompt, such as vLLM.
///
/// Sends the prompt with each candidate as a completion that echoes it, and takes the mean over the candidate's tokens.
/// The server makes the tokens, from the whole text at once, so figures are not those of a local model with the same
/// weights, and a policy is fitted for either. Until `watch` has reached the server it is unable. To be closed.
package final class RemoteScorer: ScoringEngine {
    /// What was found out about the server.
    struct Server: Sendable {
        var model: String
        var models: ScoringModels
        /// Most scalars of a prompt.
        var promptLimit: Int
        /// Whether it takes several prompts in one request.
        var takesSeveral: Bool
        /// Whether its tokens make up the text again; where not, the prompt alone is asked for too.
        var joins: Bool
    }

    /// As many as ScorerSettings' 1,408 tokens have in English, and its 256 for turns.
    private static let promptLimit = 5_632
    private static let leastPromptLimit = 256
    private static let turnLimit = 1_024
    /// Kept free for the candidate, like `ScorerSettings.candidateTokens`.
    private static let candidateTokens = 640
    /// Requests under way at a time; the server batches them.
    private static let requestsAtATime = 32
    /// Prompts in one request: the longest, with a token a character, are answered with some 11 MB.
    static let promptsPerRequest = 16

    package let callsAtATime = 32
    package var state: CurrentValue<EngineState> { server.state }
    package var models: ScoringModels? { known.withLock { $0?.models } }

    let server: EngineServer
    let known = Mutex<Server?>(nil)

    package init(_ address: EngineAddress, key: EngineKey?, logger: Logger) {
        server = EngineServer(address, key: key, limits: .init(underWay: Self.requestsAtATime), logger: logger)
    }

    /// Keeps the server known as long as the task is not cancelled: asks for it whenever it does not answer.
    package func watch() async {
        await server.watch { () async throws(SwitchboardError) in _ = try await self.probe() }
    }

    /// Ends what is under way. May be called once, and has to be.
    package func close() async { await server.close() }

    /// Finds out what the server serves and whether its figures are right.
    ///
    /// - Returns: the model's name as the server lists it.
    /// - Throws: what is wrong with it.
    @discardableResult
    package func probe() async throws(SwitchboardError) -> String {
        let order = ComputeOrder(.live, deadline: ContinuousClock.now + .seconds(10))
        let (model, limit) = try await server.model(order)
        guard let name = model else {
            throw SwitchboardError(
                .failedPrecondition,
                "the model server \(server.address) does not say what it serves; name the model: openai:URL#MODEL"
            )
        }
        let probe = EchoProbe.text
        let echoed = try await ask([probe], of: name, order, isProbe: true)[0]
        do throws(EngineFailure) {
            try EchoProbe.check(echoed)
        } catch {
            throw error.error(of: server.address)
        }
        // A server that takes one prompt alone says so in ways of its own; what only came too late or while it was busy
        // says nothing.
        var takesSeveral = true
        do throws(SwitchboardError) {
            _ = try await ask([probe, probe], of: name, order, isProbe: true)
        } catch {
            if [.deadlineExceeded, .cancelled, .resourceExhausted].contains(error.code) { throw error }
            takesSeveral = false
        }
        // Compared first: a server may say any number.
        let free = limit.map { $0 > Self.candidateTokens ? $0 - Self.candidateTokens : 0 } ?? Self.promptLimit
        let found = Server(
            model: name,
            models: ScoringModels(base: EngineIdentity.scorer(name), adapter: nil, prompt: Prompt.id),
            promptLimit: min(Self.promptLimit, max(Self.leastPromptLimit, free)),
            takesSeveral: takesSeveral,
            joins: echoed.start(after: EchoProbe.start, in: probe) != nil
        )
        known.withLock { $0 = found }
        return name
    }

    /// - Throws: as `EngineServer.ask`, and `.invalidArgument` unless there are 1 to 64 candidates.
    package func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<ScoringOutput> {
        guard (1...ScoringInput.maximumCandidates).contains(input.candidates.count) else {
            throw .invalid(
                "a score needs 1 to \(ScoringInput.maximumCandidates) candidates, not \(input.candidates.count)"
            )
        }
        guard let known = self.known.withLock({ $0 }) else {
            throw SwitchboardError(.unavailable, state.value.reason ?? "the model server is not known yet")
        }
        return try await score(input, order, known)
    }

    /// On Swift's own threads: whoever asks may be a loop that has sockets to serve.
    @concurrent
    private func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
        _ known: Server,
    ) async throws(SwitchboardError) -> Computed<ScoringOutput> {
        let start = ContinuousClock.now
        let prompt = try PromptText(input, limit: known.promptLimit, turnLimit: min(Self.turnLimit, known.promptLimit))
        let weighed = try await weigh(
            input.candidates.map { Prompt.ending(intent: $0.spoken) },
            after: prompt.text,
            known,
            order
        )
        var timings = ComputeTimings()
        timings.working = start.duration(to: .now)
        do throws(EngineFailure) {
            var figures: [Double] = []
            for ending in weighed { figures.append(try ending.tokens.mean(from: ending.start)) }
            let output = ScoringOutput(
                logProbabilities: figures,
                promptTokens: weighed.map(\.start).min() ?? 0,
                isTruncated: prompt.isTruncated
            )
            return Computed(value: output, timings: timings)
        } catch {
            throw error.error(of: server.address)
        }
    }

    // MARK: Weighing

    /// What the server makes of each ending behind a prompt, and where in its tokens the ending begins.
    func weigh(
        _ endings: [String],
        after prompt: String,
        _ known: Server,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> [(tokens: EchoedTokens, start: Int)] {
        let texts = endings.map { prompt + $0 }
        var echoed = try await ask(known.joins ? texts : texts + [prompt], of: known, order)
        var alone = known.joins ? nil : echoed.popLast()
        let joined = zip(echoed, texts).map { known.joins ? $0.start(after: prompt, in: $1) : nil }
        if alone == nil, joined.contains(nil) { alone = try await ask([prompt], of: known, order).first }
        var weighed: [(tokens: EchoedTokens, start: Int)] = []
        do throws(EngineFailure) {
            for (tokens, joint) in zip(echoed, joined) {
                var start = joint
                if start == nil, let alone { start = try tokens.start(after: alone) }
                guard let start else { throw .nonsense("gave no tokens of the prompt") }
                weighed.append((tokens, start))
            }
        } catch {
            throw error.error(of: server.address)
        }
        return weighed
    }

    // MARK: Asking

    /// In requests of some prompts each, side by side; of one each where the server takes no more.
    private func ask(
        _ texts: [String],
        of known: Server,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> [EchoedTokens] {
        let most = known.takesSeveral ? Self.promptsPerRequest : 1
        if texts.count <= most { return try await ask(texts, of: known.model, order) }
        let results = await withTaskGroup(of: (Int, Result<[EchoedTokens], SwitchboardError>).self) { group in
            for place in stride(from: 0, to: texts.count, by: most) {
                let part = Array(texts[place..<min(place + most, texts.count)])
                group.addTask {
                    do throws(SwitchboardError) {
                        return (place, .success(try await self.ask(part, of: known.model, order)))
                    } catch {
                        return (place, .failure(error))
                    }
                }
            }
            var results: [(Int, Result<[EchoedTokens], SwitchboardError>)] = []
            for await result in group {
                results.append(result)
                // One that is missing is as good as all.
                if case .failure = result.1 { group.cancelAll() }
            }
            return results
        }
        // What failed first says why; the rest was cancelled.
        for (_, result) in results {
            if case .failure(let error) = result { throw error }
        }
        var echoed: [EchoedTokens] = []
        for (_, result) in results.sorted(by: { $0.0 < $1.0 }) { echoed += try result.get() }
        return echoed
    }

    private func ask(
        _ texts: [String],
        of model: String,
        _ order: ComputeOrder,
        isProbe: Bool = false,
    ) async throws(SwitchboardError) -> [EchoedTokens] {
        let prompts: EngineMessages.Prompts = texts.count == 1 ? .one(texts[0]) : .several(texts)
        let request = EngineRequest(
            path: "/completions",
            body: EngineMessages.encoded(EngineMessages.Completion(model: model, prompt: prompts)),
            texts: isProbe ? [] : texts
        )
        let count = texts.count
        let read: @Sendable ([UInt8]) throws(EngineFailure) -> [EchoedTokens] = { body throws(EngineFailure) in
            try EchoedTokens.all(in: EngineMessages.decoded(body), prompts: count)
        }
        return isProbe
            ? try await server.send(request, order, read: read) : try await server.ask(request, order, read: read)
    }
}

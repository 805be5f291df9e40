package import Calls
package import Core
package import Logging
package import Messaging
package import Wire

/// Classifies: asks a retriever, perhaps a scorer, decides. Forwards encode, retrieve and score calls of others to the
/// same workers.
///
/// Runs on its poll loop and only passes messages and decides; it holds no vector and no model. Names come to it by
/// following the log. What it passes on is answered at its deadline at the latest, whatever the worker does. Its workers
/// and it let each other hear something all the while, so that one that has stopped or is cut off is soon known.
package actor Gateway {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// The services of which a call would be answered now or soon: those that attached workers offer.
    package nonisolated let served = CurrentValue<Set<String>>([])

    var table = WorkerTable()
    var streams: [WorkerTable.WorkerID: WorkerStream] = [:]
    private var answers: [UInt64: CheckedContinuation<Result<WorkerAnswer, SwitchboardError>, Never>] = [:]
    /// At the earliest instant at which a call that is passed on needs something, or before.
    private var timer: (id: PollLoop.TimerID, instant: ContinuousClock.Instant)?
    private var lastCallID: UInt64 = 0
    var lastWorkerID: UInt64 = 0
    var isWatching = false
    /// Of names that several workers have.
    var namesakes = TellingPace()
    /// Policies of which it was said that a part of theirs was passed over.
    private var toldIgnored: Set<LogSequence> = []
    /// Of workers, by name, whose answers make no sense.
    var toldBroken = TellingPace()
    let name: String
    private let updater: CallChannel
    private let names: NameFollower
    private let events: RoutingEvents
    private let feeder: PoolFeeder?
    let logger: Logger

    /// - Parameters:
    ///   - updater: where feedback goes.
    ///   - names: the intents, kept up to date by following the log.
    ///   - feeder: gets what answers do not explain; nil: nothing is kept of it.
    package init(
        name: String,
        loop: PollLoop,
        updater: CallChannel,
        names: NameFollower,
        events: RoutingEvents,
        feeder: PoolFeeder? = nil,
        logger: Logger,
    ) {
        self.name = name
        self.loop = loop
        self.updater = updater
        self.names = names
        self.events = events
        self.feeder = feeder
        self.logger = logger
    }

    // MARK: Classify

    package func classify(_ request: ClassifyRequest, _ context: CallContext) async throws -> ClassifyResponse {
        let deadline = context.effectiveDeadline
        let retrieved = try await retrieve(for: request, of: context.client, deadline: deadline)
        let policy = retrieved.policy?.retrieval(for: retrieved.encoder) ?? .builtin
        var input = DecisionInput(
            neighbours: retrieved.neighbours,
            equal: retrieved.equal,
            intents: Dictionary(retrieved.intents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            retrievalPolicy: policy,
            classes: retrieved.classes,
        )
        var decision = Decision(input)
        var scored: ScoreResponse?
        let mode = request.isPartial ? .off : request.llm ?? policy.llmMode
        if mode != .off { tellIgnored(retrieved.ignoredPolicies) }
        let llm = retrieved.policy?.llm
        // A scorer may have come or gone since the retriever was asked.
        let isHeld = llm.map { table.scores(under: $0) } ?? true
        if mode != .auto || isHeld, decision.asksLLM(mode, llm) {
            let asked = (request: request, client: context.client)
            (input.llm, scored) = await score(asked, decision, retrieved, input, deadline: deadline)
            decision = Decision(input)
        }
        let response = ReplyBuilder(request: request, retrieved: retrieved, input: input, scored: scored).reply(
            decision,
            total: .now - context.arrival
        )
        events.classified(response)
        feeder?.offer(request, answered: response)
        return response
    }

    /// Says of policies whose part for the language model is for other models than the scorers have, once for each.
    private func tellIgnored(_ policies: [LogSequence]) {
        for sequence in policies where !toldIgnored.contains(sequence) {
            // Each vertical may have one, and each time that it is set it is another.
            if toldIgnored.count >= 1_000 { toldIgnored.removeAll() }
            toldIgnored.insert(sequence)
            logger.warning(
                "a policy for the language model was fitted for other models than the scorers have, and is ignored",
                metadata: ["policy_seq": "\(sequence)"]
            )
        }
    }

    private func retrieve(
        for request: ClassifyRequest,
        of client: ClientIdentity,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> RetrieveResponse {
        let request = RetrieveRequest(
            text: request.text,
            verticals: request.verticals,
            within: request.within,
            exclude: request.exclude,
            isExact: request.isExact,
            minPosition: request.minPosition,
            llm: request.isPartial ? .off : request.llm,
            scorers: table.scoringModels,
        )
        let answer = try await passOn(
            WorkerTable.PendingCall(
                id: nextCallID(),
                method: Methods.retrieve.name,
                payload: request.encoded(),
                deadline: deadline,
                minPosition: request.minPosition,
                priority: .live,
                client: client,
                mayBeHedged: true
            )
        )
        return try await read(answer)
    }

    /// Asks a scorer within the time that is left; what goes wrong there degrades the answer and does not fail it.
    private func score(
        _ asked: (request: ClassifyRequest, client: ClientIdentity),
        _ decision: Decision,
        _ retrieved: RetrieveResponse,
        _ input: DecisionInput,
        deadline: ContinuousClock.Instant,
    ) async -> (LLMEvidence, ScoreResponse?) {
        let contenders = decision.contenders(under: retrieved.policy?.llm)
        let question = ScoringQuestion(contenders, shown: retrieved.shown, input.intents)
        let candidates = question.candidates
        // Only of scorers with its models its weights say who leads.
        let scoringPolicy = retrieved.policy?.llm.flatMap { table.scores(under: $0) ? $0 : nil }
        let request = ScoreRequest(
            text: asked.request.text,
            turns: asked.request.turns,
            pairs: question.pairs,
            candidates: candidates.map(\.path),
            headStarts: input.headStarts(of: candidates.map(\.id), under: scoringPolicy)
        )
        // Something must be left to answer in, from the evidence that is there already.
        let reserve = max(.milliseconds(2), (deadline - .now) / 20)
        do {
            let answer = try await passOn(
                WorkerTable.PendingCall(
                    id: nextCallID(),
                    method: Methods.score.name,
                    payload: request.encoded(),
                    deadline: deadline - reserve,
                    minPosition: nil,
                    priority: .live,
                    client: asked.client,
                    scoringPolicy: scoringPolicy
                )
            )
            let scores: ScoreResponse = try await read(answer)
            guard scores.logprobs.count == candidates.count else {
                tellBroken(answer.worker, "\(scores.logprobs.count) figures for \(candidates.count) candidates")
                return (.missing, nil)
            }
            let models = ScoringModels(base: scores.baseModel, adapter: scores.adapter, prompt: scores.prompt)
            let fitted = retrieved.policy?.llm.flatMap { $0.holds(for: models) ? $0 : nil }
            let logProbabilities = Dictionary(
                zip(candidates.map(\.id), scores.logprobs),
                uniquingKeysWith: { first, _ in first }
            )
            return (.scored(logProbabilities, policy: fitted), scores)
        } catch {
            logger.debug("the language model was not to be had", metadata: ["reason": "\(error.code)"])
            return (.missing, nil)
        }
    }

    // MARK: Forwarding

    /// Passes a call on to a worker: live ones first. One that asks for a record waits here until a worker has applied
    /// it.
    ///
    /// - Parameters:
    ///   - client: with whom others that wait take turns.
    ///   - mayBeHedged: whether a second worker is asked where the first takes longer than usual.
    ///   - scoringPolicy: only a scorer with the models that it was fitted for is asked; nil: any.
    /// - Throws: `.deadlineExceeded` at the deadline, also where a worker has the call and says nothing; what the worker
    ///   answers otherwise; `.unavailable` where there is none, `.resourceExhausted` where too many calls wait for one.
    package func forward(
        _ method: String,
        _ payload: [UInt8],
        deadline: ContinuousClock.Instant,
        minPosition: LogPosition? = nil,
        priority: Priority = .live,
        client: ClientIdentity = .none,
        mayBeHedged: Bool = false,
        scoringPolicy: LLMPolicy? = nil,
    ) async throws(SwitchboardError) -> [UInt8] {
        let call = WorkerTable.PendingCall(
            id: nextCallID(),
            method: method,
            payload: payload,
            deadline: deadline,
            minPosition: minPosition,
            priority: priority,
            client: client,
            mayBeHedged: mayBeHedged,
            scoringPolicy: scoringPolicy,
        )
        return try await passOn(call).payload
    }

    func nextCallID() -> UInt64 {
        lastCallID += 1
        return lastCallID
    }

    /// The call itself, and who answered it.
    func passOn(_ call: WorkerTable.PendingCall) async throws(SwitchboardError) -> WorkerAnswer {
        guard call.payload.count <= Limits.maximumForwardedBytes else {
            throw SwitchboardError(
                .resourceExhausted,
                "the request has \(call.payload.count) bytes; at most \(Limits.maximumForwardedBytes) are passed on"
            )
        }
        let callID = call.id
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answers[callID] = continuation
                if Task.isCancelled {
                    abandon(callID)
                } else {
                    carryOut(table.submit(call))
                    if answers[callID] != nil { armTimer(for: call.deadline) }
                }
            }
        } onCancel: {
            Task { await self.abandon(callID) }
        }.get()
    }

    private func abandon(_ callID: UInt64) {
        for worker in table.abandon(callID) { cancel(callID, at: worker) }
        answer(callID, .failure(SwitchboardError(.cancelled, "the call was cancelled")))
    }

    func answer(_ callID: UInt64, _ result: Result<WorkerAnswer, SwitchboardError>) {
        answers.removeValue(forKey: callID)?.resume(returning: result)
    }

    private func armTimer(for deadline: ContinuousClock.Instant) {
        if let timer {
            guard deadline < timer.instant else { return }
            loop.cancel(timer.id)
        }
        let id = loop.schedule(at: deadline) { [weak self] in self?.assumeIsolated { $0.expireDueCalls() } }
        timer = (id, deadline)
    }

    private func expireDueCalls() {
        timer = nil
        let now = ContinuousClock.now
        carryOut(table.expire(now))
        carryOut(table.hedge(now))
        if let next = table.earliestDeadline { armTimer(for: next) }
    }

    /// None of it changes the table, so that no action leads to another here.
    func carryOut(_ actions: [WorkerTable.Action]) {
        for action in actions {
            switch action {
            case .fail(let callID, let error): answer(callID, .failure(error))
            case .send(let call, let worker): send(call, to: worker)
            case .cancel(let callID, let worker): cancel(callID, at: worker)
            }
        }
    }

    private func send(_ call: WorkerTable.PendingCall, to worker: WorkerTable.WorkerID) {
        if let reason = call.repeated { events.repeated(reason) }
        if let hedgeAt = call.hedgeAt { armTimer(for: hedgeAt) }
        guard let stream = streams[worker] else { return }
        let message = GatewayMessage.call(
            WorkerCall(callID: call.id, method: call.method, timeLeft: call.deadline - .now, payload: call.payload)
        )
        // Runs through to the socket at once unless the worker's stream window is used up.
        Task.immediate {
            do {
                try await stream.writer.send(message)
            } catch {
                // Its stream has ended: `attach` hears of it too and gives the call to another.
                self.logger.debug("a call did not reach its worker", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func cancel(_ callID: UInt64, at worker: WorkerTable.WorkerID) {
        guard let stream = streams[worker] else { return }
        Task { try? await stream.writer.send(.cancel(WorkerCancel(callID: callID))) }
    }

    /// Whether a Classify would be answered now; scorers do not count.
    package nonisolated var isReady: Bool { served.value.contains(RoutingServices.retriever) }

    /// Whether a worker is attached that is not to be used last.
    package func hasSoundWorker(of service: String) -> Bool { table.hasSoundWorker(of: service) }

    package func load(of service: String) -> (workers: Int, credit: Int, waiting: Int) { table.load(of: service) }

    // MARK: The rest of the Router service

    package func feedback(_ feedback: Feedback, _ context: CallContext) async throws -> FeedbackResponse {
        let response: FeedbackResponse = try await updater.call(Methods.addFeedback, feedback, within: context.timeLeft)
        feeder?.offer(feedback)
        return response
    }

    package func intents(
        _ request: IntentsRequest,
        _ writer: StreamWriter<IntentsResponse>,
    ) async throws {
        try await names.list(request, to: writer)
    }
}

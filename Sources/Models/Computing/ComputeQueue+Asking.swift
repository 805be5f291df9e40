package import Core

/// What a queue is asked for. A cancelled task cancels its work.
extension ComputeQueue {
    /// Encodes texts, in one go with whatever else waits; more than a batch holds are encoded in several goes.
    ///
    /// - Parameter encoder: nil: the queue's own.
    /// - Throws: `.invalidArgument` for no text, `.resourceExhausted` with `retryAfter`, `.deadlineExceeded`,
    ///   `.unavailable`, `.cancelled`, and what the encoder throws.
    package func encode(
        _ texts: [String],
        _ order: ComputeOrder,
        by encoder: (any TextEncoding)? = nil,
    ) async throws(SwitchboardError) -> Computed<[EncodedText]> {
        let encoder = try required(encoder)
        guard !texts.isEmpty else { throw .invalid("there is no text to encode") }
        let bytes = texts.reduce(0) { $0 + $1.utf8.count }
        return try await result(order, bytes: bytes, encoder: encoder) { .encoding(texts, $0) }
    }

    /// Encodes a text and goes on with its vector at once, on the same thread unless another is free before.
    ///
    /// - Throws: as `encode`, and what `body` throws.
    package func encode<Value: Sendable>(
        _ text: String,
        _ order: ComputeOrder,
        by encoder: (any TextEncoding)? = nil,
        then body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
    ) async throws(SwitchboardError) -> Computed<Value> {
        let encoder = try required(encoder)
        return try await result(order, bytes: text.utf8.count, encoder: encoder) { .following(text, body, $0) }
    }

    /// What is to encode: the encoder that was named, else the queue's own.
    private func required(_ encoder: (any TextEncoding)?) throws(SwitchboardError) -> any TextEncoding {
        guard let encoder = encoder ?? self.encoder else {
            throw SwitchboardError(.failedPrecondition, "this node's compute threads have no encoder; ask another")
        }
        return encoder
    }

    /// Runs a search, or anything else that takes milliseconds and does not block.
    ///
    /// - Parameter bytes: what the work holds while it waits.
    /// - Throws: as `encode`, and what `body` throws.
    package func retrieve<Value: Sendable>(
        _ order: ComputeOrder,
        bytes: Int = 0,
        body: @escaping @Sendable () throws(SwitchboardError) -> Value,
    ) async throws(SwitchboardError) -> Computed<Value> {
        try await result(order, bytes: bytes) { .retrieving(body, $0) }
    }

    /// Scores candidates with the language model.
    ///
    /// - Throws: as `encode`, and `.failedPrecondition` where there is no scorer.
    package func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<ScoringOutput> {
        guard let scorer else { throw Self.noScorer }
        let tokens = input.guessedTokens(promptTokens: scorer.promptTokens)
        return try await result(order, bytes: input.byteCount) { .scoring(input, tokens: tokens, $0) }
    }

    /// Asks the language model about a cluster, with the priority of discovery: nobody waits for it.
    ///
    /// - Throws: as `score`, and `.unimplemented` where the language model only scores.
    package func answer(
        _ question: ClusterQuestion,
        deadline: ContinuousClock.Instant? = nil,
    ) async throws(SwitchboardError) -> Computed<ClusterAnswer> {
        guard let scorer else { throw Self.noScorer }
        guard scorer.clusterModels != nil else { throw .scoresOnly }
        let tokens = question.guessedTokens(promptTokens: scorer.promptTokens)
        return try await result(ComputeOrder(.discovery, deadline: deadline), bytes: question.byteCount) {
            .asking(question, tokens: tokens, $0)
        }
    }

    private static let noScorer = SwitchboardError(
        .failedPrecondition,
        "this node has no scorer; give it a language model, or ask another"
    )

    private func result<Value: Sendable>(
        _ order: ComputeOrder,
        bytes: Int,
        encoder: (any TextEncoding)? = nil,
        _ work: (@escaping Completion<Value>) -> ComputeJob.Work,
    ) async throws(SwitchboardError) -> Computed<Value> {
        let ticket = makeTicket()
        let result: Result<Computed<Value>, SwitchboardError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = ComputeJob(
                    ticket,
                    order,
                    bytes: bytes,
                    arrived: .now,
                    encoder: encoder,
                    work: work { continuation.resume(returning: $0) },
                )
                do throws(SwitchboardError) {
                    try submit(job)
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get()
    }
}

extension ComputeQueue {
    /// Called exactly once, on a compute thread, unless the work was refused.
    typealias Completion<Value: Sendable> = @Sendable (Result<Computed<Value>, SwitchboardError>) -> Void
}

extension ComputeJob.Work {
    static func following<Value: Sendable>(
        _ text: String,
        _ body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
        _ completion: @escaping ComputeQueue.Completion<Value>,
    ) -> Self {
        .followedEncoding(text) { encoded in
            completion(encoded.timed { encoded throws(SwitchboardError) in try body(encoded) })
        }
    }

    static func retrieving<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SwitchboardError) -> Value,
        _ completion: @escaping ComputeQueue.Completion<Value>,
    ) -> Self {
        .retrieval { timings in
            completion(
                timings.map { Computed(value: (), timings: $0) }.timed { () throws(SwitchboardError) in try body() }
            )
        }
    }
}

extension Result where Failure == SwitchboardError {
    /// Goes on with the value, and adds the time that this takes to its timings.
    fileprivate func timed<Input, Output>(
        _ body: (Input) throws(SwitchboardError) -> Output,
    ) -> Result<Computed<Output>, SwitchboardError> where Success == Computed<Input> {
        flatMap { computed in
            let start = ContinuousClock.now
            return Result<Output, SwitchboardError> { () throws(SwitchboardError) in try body(computed.value) }
                .map { output in
                    var timings = computed.timings
                    timings.working = start.duration(to: .now)
                    return Computed<Output>(value: output, timings: timings)
                }
        }
    }
}

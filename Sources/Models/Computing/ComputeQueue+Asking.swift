package import Core

extension ComputeQueue {
    /// Encodes texts, in one go with whatever else waits; more than a batch holds are encoded in several goes.
    ///
    /// - Throws: `.invalidArgument` for no text, `.resourceExhausted` with `retryAfter`, `.deadlineExceeded`,
    ///   `.unavailable`; then `completion` is never called.
    @discardableResult
    package func encode(
        _ texts: [String],
        _ order: ComputeOrder,
        completion: @escaping @Sendable (Result<Computed<[EncodedText]>, SwitchboardError>) -> Void,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(order, bytes: Self.bytes(of: texts), .encoding(texts, completion), makeTicket())
    }

    /// Encodes a text and goes on with its vector at once, on the same thread unless another is free before.
    ///
    /// - Throws: as `encode`.
    @discardableResult
    package func encode<Value>(
        _ text: String,
        _ order: ComputeOrder,
        then body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
        completion: @escaping @Sendable (Result<Computed<Value>, SwitchboardError>) -> Void,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(order, bytes: text.utf8.count, Self.following(text, body, completion), makeTicket())
    }

    /// Runs a search, or anything else that takes milliseconds and does not block.
    ///
    /// - Parameter bytes: what the work holds while it waits.
    /// - Throws: as `encode`.
    @discardableResult
    package func retrieve<Value>(
        _ order: ComputeOrder,
        bytes: Int = 0,
        body: @escaping @Sendable () throws(SwitchboardError) -> Value,
        completion: @escaping @Sendable (Result<Computed<Value>, SwitchboardError>) -> Void,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(order, bytes: bytes, Self.retrieving(body, completion), makeTicket())
    }

    /// Scores candidates with the language model.
    ///
    /// - Throws: as `encode`, and `.failedPrecondition` where there is no scorer.
    @discardableResult
    package func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
        completion: @escaping @Sendable (Result<Computed<ScoringOutput>, SwitchboardError>) -> Void,
    ) throws(SwitchboardError) -> ComputeTicket {
        try submit(order, bytes: input.byteCount, Self.scoring(input, completion), makeTicket())
    }

    // The same for callers that can wait; a cancelled task cancels the work.

    package func encode(_ texts: [String], _ order: ComputeOrder) async throws(SwitchboardError) -> Computed<
        [EncodedText]
    > {
        try await result(order, bytes: Self.bytes(of: texts)) { .encoding(texts, $0) }
    }

    package func encode<Value: Sendable>(
        _ text: String,
        _ order: ComputeOrder,
        then body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
    ) async throws(SwitchboardError) -> Computed<Value> {
        try await result(order, bytes: text.utf8.count) { Self.following(text, body, $0) }
    }

    package func retrieve<Value: Sendable>(
        _ order: ComputeOrder,
        bytes: Int = 0,
        body: @escaping @Sendable () throws(SwitchboardError) -> Value,
    ) async throws(SwitchboardError) -> Computed<Value> {
        try await result(order, bytes: bytes) { Self.retrieving(body, $0) }
    }

    package func score(_ input: ScoringInput, _ order: ComputeOrder) async throws(SwitchboardError) -> Computed<
        ScoringOutput
    > {
        try await result(order, bytes: input.byteCount) { Self.scoring(input, $0) }
    }
}

extension ComputeQueue {
    private typealias Completion<Value: Sendable> = @Sendable (Result<Computed<Value>, SwitchboardError>) -> Void

    private func submit(
        _ order: ComputeOrder,
        bytes: Int,
        _ work: ComputeJob.Work,
        _ ticket: ComputeTicket,
    ) throws(SwitchboardError) -> ComputeTicket {
        switch work {
        case .encoding(let texts, _) where texts.isEmpty: throw .invalid("there is no text to encode")
        case .language where scorer == nil:
            throw SwitchboardError(
                .failedPrecondition,
                "this node has no scorer; give it a language model, or ask another"
            )
        default: break
        }
        try submit(ComputeJob(ticket, order, bytes: bytes, arrived: .now, work: work))
        return ticket
    }

    private func result<Value: Sendable>(
        _ order: ComputeOrder,
        bytes: Int,
        _ work: (@escaping Completion<Value>) -> ComputeJob.Work,
    ) async throws(SwitchboardError) -> Computed<Value> {
        let ticket = makeTicket()
        let result: Result<Computed<Value>, SwitchboardError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(SwitchboardError) {
                    _ = try submit(order, bytes: bytes, work { continuation.resume(returning: $0) }, ticket)
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get()
    }

    private static func bytes(of texts: [String]) -> Int {
        texts.reduce(0) { $0 + $1.utf8.count }
    }

    private static func following<Value: Sendable>(
        _ text: String,
        _ body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
        _ completion: @escaping Completion<Value>,
    ) -> ComputeJob.Work {
        .followedEncoding(text) { encoded in
            completion(encoded.timed { encoded throws(SwitchboardError) in try body(encoded) })
        }
    }

    private static func retrieving<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SwitchboardError) -> Value,
        _ completion: @escaping Completion<Value>,
    ) -> ComputeJob.Work {
        .retrieval { timings in
            completion(
                timings.map { Computed(value: (), timings: $0) }.timed { () throws(SwitchboardError) in try body() }
            )
        }
    }

    private static func scoring(
        _ input: ScoringInput,
        _ completion: @escaping Completion<ScoringOutput>,
    ) -> ComputeJob.Work {
        .language(tokens: input.byteCount / 4 + 16) { turn in
            completion(turn.flatMap { $0.score(input) })
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

internal import Calls
package import Core
internal import Index
package import Logging
package import Messaging
package import Models
package import Updating
package import Wire

/// Encodes and retrieves: holds the encoder's threads and a whole replica of the index.
///
/// Runs on its poll loop, where it only unpacks, asks the engine and the compute queue, and packs. Search happens on the
/// compute threads, and encoding too, one after the other without a trip back here, unless a server elsewhere encodes. It
/// is able to answer once the replica has caught up, as long as that holds vectors of its own encoder.
package actor Retriever: WorkerBody {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    package nonisolated let hello: WorkerHello

    private let encoding: any EncodingEngine
    private let queue: ComputeQueue
    private let writer: ReplicaWriter
    private let logger: Logger
    private var hasToldMismatch = false

    /// - Parameter queue: where searches run.
    package init(
        name: String,
        encoding: any EncodingEngine,
        queue: ComputeQueue,
        writer: ReplicaWriter,
        loop: PollLoop,
        logger: Logger,
    ) {
        self.encoding = encoding
        self.queue = queue
        self.writer = writer
        self.loop = loop
        self.logger = logger
        hello = WorkerHello(name: name, services: [RoutingServices.retriever], encoder: encoding.id)
    }

    /// Enough for batches to fill while others are encoded; what is more waits at the gateway, which may know another
    /// worker.
    package nonisolated func credit(for service: String) -> Int { 16 * queue.threadCount + 16 }

    /// Why no answer can be made of the replica, whatever is asked; nil where one can, or there is none yet.
    package nonisolated var refusal: SwitchboardError? {
        guard let snapshot = writer.replica?.snapshot else { return nil }
        return Retrieval.mismatch(of: encoding.id, with: snapshot)
    }

    package func waitUntilAble() async {
        for await state in writer.progress.values() where state.position != nil {
            guard let refusal else { return }
            guard !hasToldMismatch else { continue }
            hasToldMismatch = true
            logger.error("this retriever attaches to no gateway", metadata: ["reason": "\(refusal.message)"])
        }
    }

    package func positions() -> AsyncStream<WorkerApplied> {
        let progress = writer.progress.values()
        let (stream, continuation) = AsyncStream.makeStream(
            of: WorkerApplied.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let task = Task {
            for await state in progress {
                guard self.refusal == nil else { break }
                continuation.yield(Self.applied(state))
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    /// While a new replica is being filled the old one answers where nobody else can, and it is not told where that is:
    /// who asks for a record of the log as it is now shall wait for it.
    static func applied(_ state: ReplicaWriter.Progress) -> WorkerApplied {
        WorkerApplied(
            position: state.isStartingAnew ? nil : state.position,
            isUpdaterSilent: state.isUpdaterSilent || state.isStartingAnew
        )
    }

    package func answer(_ call: WorkerCall, deadline: ContinuousClock.Instant) async throws -> [UInt8] {
        switch call.method {
        case Methods.retrieve.name:
            try await retrieve(.decoded(call.payload), deadline: deadline).encoded()
        case Methods.encode.name:
            try await encode(.decoded(call.payload), deadline: deadline).encoded()
        default:
            throw SwitchboardError(.unimplemented, "a retriever does not answer \(call.method)")
        }
    }

    // MARK: Encode

    private func encode(
        _ request: EncodeRequest,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> EncodeResponse {
        let order = ComputeOrder(request.priority, deadline: deadline)
        let computed = try await encoding.encode(request.texts.map(\.value), order)
        return EncodeResponse(
            encoder: encoding.id,
            vectors: computed.value.map(\.vector),
            truncated: computed.value.map(\.isTruncated),
        )
    }

    // MARK: Retrieve

    private func retrieve(
        _ request: RetrieveRequest,
        deadline: ContinuousClock.Instant,
    ) async throws -> RetrieveResponse {
        if let wanted = request.minPosition { try await wait(for: wanted, deadline: deadline) }
        guard let replica = writer.replica else {
            throw SwitchboardError(
                .unavailable,
                "the index has not caught up with the log yet",
                retryAfter: .milliseconds(200)
            )
        }
        let retrieval = Retrieval(request: request, encoder: encoding.id)
        let order = ComputeOrder(request.priority, deadline: deadline)
        // The snapshot is taken when the search begins, so that a pair that came in meanwhile is found.
        if request.vector.isEmpty, let text = request.text {
            let computed = try await encoding.encode(text.value, order) { encoded throws(SwitchboardError) in
                try retrieval.run(on: replica.snapshot, vector: encoded.vector, isTruncated: encoded.isTruncated)
            }
            return computed.value.timed(computed.timings)
        }
        guard request.encoder == nil || request.encoder == encoding.id else {
            throw SwitchboardError(
                .failedPrecondition,
                "the vector is of encoder \(request.encoder?.short ?? ""), this node's is \(encoding.id.short)"
            )
        }
        let computed = try await queue.retrieve(order, bytes: request.vector.count * 4) { () throws(SwitchboardError) in
            try retrieval.run(on: replica.snapshot, vector: request.vector, isTruncated: false)
        }
        return computed.value.timed(computed.timings)
    }

    /// The gateway sends a call that asks for a record when it knows that the record is here, so that this is for the
    /// moment in which a replica starts anew, and short: who waits here keeps others out.
    private func wait(for position: LogPosition, deadline: ContinuousClock.Instant) async throws {
        if writer.replica?.snapshot.position.reaches(position) == true { return }
        let writer = writer
        let limit = min(deadline, .now + .seconds(1))
        let code: StatusCode = limit < deadline ? .unavailable : .deadlineExceeded
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await writer.waitUntilApplied(position) }
            group.addTask {
                try await Task.sleep(until: limit)
                throw SwitchboardError(code, "record \(position.sequence) was not applied here in time")
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

extension RetrieveResponse {
    fileprivate func timed(_ timings: ComputeTimings) -> RetrieveResponse {
        var response = self
        response.queue = timings.queued
        response.encode = timings.encoding
        response.search = timings.working
        return response
    }
}

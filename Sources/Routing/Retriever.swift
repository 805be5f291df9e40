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
/// is able to answer once the replica has caught up and there is the encoder that the index is made with. Which encoders
/// are loaded follows what the index names, so that a switch of models finds the next one there.
package actor Retriever: WorkerBody {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let name: String
    private let queue: ComputeQueue
    private let encoders: EncoderShelf
    private let writer: ReplicaWriter
    private let logger: Logger
    private var hasToldMismatch = false
    /// When an encoder that the index names was last looked for in vain.
    private var missedAt: [ModelID: ContinuousClock.Instant] = [:]

    /// Where the index was when encoders that it does not name were let go of.
    private var lastKept: LogPosition?
    private let secondLook: Duration

    /// - Parameters:
    ///   - queue: where searches run.
    ///   - secondLook: an encoder that was not to be had is looked for again after this time.
    package init(
        name: String,
        encoders: EncoderShelf,
        queue: ComputeQueue,
        writer: ReplicaWriter,
        loop: PollLoop,
        secondLook: Duration = .seconds(5),
        logger: Logger,
    ) {
        self.name = name
        self.queue = queue
        self.encoders = encoders
        self.writer = writer
        self.loop = loop
        self.secondLook = secondLook
        self.logger = logger
    }

    package nonisolated var hello: WorkerHello {
        WorkerHello(
            name: name,
            services: [RoutingServices.retriever],
            encoder: writer.replica?.snapshot.encoder ?? encoders.own.id
        )
    }

    /// Enough for batches to fill while others are encoded; what is more waits at the gateway, which may know another
    /// worker.
    package nonisolated func credit(for service: String) -> Int { 16 * queue.threadCount + 16 }

    /// Why no answer can be made of the replica, whatever is asked; nil where one can, or there is none yet.
    package nonisolated var refusal: SwitchboardError? {
        guard let snapshot = writer.replica?.snapshot, encoder(for: snapshot) == nil else { return nil }
        return lack(of: snapshot)
    }

    package func waitUntilAble() async {
        for await _ in looks() {
            guard let refusal else { return }
            if let serving = writer.replica?.snapshot.encoder { await load(serving) }
            guard self.refusal != nil else { return }
            guard !hasToldMismatch else { continue }
            hasToldMismatch = true
            logger.error("this retriever attaches to no gateway", metadata: ["reason": "\(refusal.message)"])
        }
    }

    /// Loads the encoders that the index names, and lets go of those that it names no more, until its task is
    /// cancelled.
    package func followEncoders() async {
        for await _ in looks() { await loadNamedEncoders() }
    }

    /// When to look at what the index names: after each change of it, and time and again, as a file that was missing may
    /// have been put there. Not before there is an index.
    private func looks() -> AsyncStream<Void> {
        let (progress, pause) = (writer.progress, secondLook)
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = Task {
            for await state in progress.values() where state.position != nil { continuation.yield() }
            continuation.finish()
        }
        let again = Task {
            while (try? await Task.sleep(for: pause)) != nil {
                if progress.value.position != nil { continuation.yield() }
            }
        }
        continuation.onTermination = { _ in
            changes.cancel()
            again.cancel()
        }
        return stream
    }

    private func loadNamedEncoders() async {
        guard let snapshot = writer.replica?.snapshot, let serving = snapshot.encoder else { return }
        await load(serving)
        if let next = snapshot.nextEncoder { await load(next) }
        if let next = writer.progress.value.nextEncoder { await load(next) }
        // What is named by now may have been loaded meanwhile. Nothing goes before what serves is there: an emptied index
        // is still answered from.
        guard let now = writer.replica?.snapshot, now.position != lastKept, let serving = now.encoder,
            encoders[serving] != nil
        else { return }
        lastKept = now.position
        let named = Set([serving] + [now.nextEncoder, writer.progress.value.nextEncoder].compactMap(\.self))
        if !encoders.ids.allSatisfy(named.contains) { encoders.keep(named) }
    }

    private func load(_ id: ModelID) async {
        guard encoders[id] == nil else { return }
        if let missed = missedAt[id], missed + secondLook * 0.9 > .now { return }
        do throws(SwitchboardError) {
            _ = try await encoders.encoder(id, isNamed: true)
            missedAt[id] = nil
            logger.info("encoder loaded", metadata: ["encoder": "\(id.short)"])
        } catch {
            let isNews = missedAt.updateValue(.now, forKey: id) == nil
            logger.log(
                level: isNews ? .error : .debug,
                "an encoder that the index names is not to be had",
                metadata: ["encoder": "\(id.short)", "reason": "\(error.message)"]
            )
        }
    }

    /// What a query to a snapshot is encoded with; nil where that is not loaded.
    private nonisolated func encoder(for snapshot: ReplicaSnapshot) -> (any EncodingEngine)? {
        if let id = snapshot.encoder, let encoder = encoders[id] { return encoder }
        // There is nothing to compare with.
        return snapshot.count == 0 ? encoders.own : nil
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
                continuation.yield(Self.applied(state, isEncoderAway: self.isEncoderAway))
            }
            continuation.finish()
        }
        let states = encoders.own.state?.values()
        let follower = Task {
            guard let states else { return }
            for await _ in states {
                continuation.yield(Self.applied(self.writer.progress.value, isEncoderAway: self.isEncoderAway))
            }
        }
        continuation.onTermination = { _ in
            task.cancel()
            follower.cancel()
        }
        return stream
    }

    /// Whether what queries are encoded with is on a server that does not answer.
    private var isEncoderAway: Bool {
        guard let state = encoders.own.state, state.value != .able else { return false }
        guard let snapshot = writer.replica?.snapshot, let serving = encoder(for: snapshot) else { return true }
        return serving.id == encoders.own.id
    }

    /// While a new replica is being filled the old one answers where nobody else can, and it is not told where that is:
    /// who asks for a record of the log as it is now shall wait for it. One whose encoder is away refuses at once, so it
    /// would look the freest of all; it is used last too.
    static func applied(_ state: ReplicaWriter.Progress, isEncoderAway: Bool = false) -> WorkerApplied {
        WorkerApplied(
            position: state.isStartingAnew ? nil : state.position,
            isUpdaterSilent: state.isUpdaterSilent || state.isStartingAnew || isEncoderAway
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
        let encoder = try await encoder(request.encoder)
        let order = ComputeOrder(request.priority, deadline: deadline)
        let computed = try await encoder.encode(request.texts.map(\.value), order)
        return EncodeResponse(
            encoder: encoder.id,
            vectors: computed.value.map(\.vector),
            truncated: computed.value.map(\.isTruncated),
        )
    }

    /// The encoder that a request names, which is one that serves or is to serve next, or that the index is made with.
    ///
    /// No other file is loaded for who asks, whatever there is in the folder.
    private func encoder(_ id: ModelID?) async throws(SwitchboardError) -> any EncodingEngine {
        if let id {
            let snapshot = writer.replica?.snapshot
            let named = [snapshot?.encoder, snapshot?.nextEncoder, writer.progress.value.nextEncoder]
            guard named.contains(id) || encoders[id] != nil else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "encoder \(id.short) neither serves here nor is to serve next; name none, and the one that the "
                        + "index is made with encodes"
                )
            }
            return try await encoders.encoder(id, isNamed: named.contains(id))
        }
        guard let snapshot = writer.replica?.snapshot else { return encoders.own }
        guard let encoder = encoder(for: snapshot) else { throw lack(of: snapshot) }
        return encoder
    }

    /// Why nothing can be compared with a snapshot whose encoder is not loaded.
    private nonisolated func lack(of snapshot: ReplicaSnapshot) -> SwitchboardError {
        Retrieval.mismatch(of: encoders.own.id, with: snapshot)
            ?? SwitchboardError(
                .unavailable,
                "the encoder of the index is being loaded",
                retryAfter: .milliseconds(200)
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
        let now = replica.snapshot
        guard let encoder = encoder(for: now) else { throw lack(of: now) }
        let retrieval = Retrieval(request: request, encoder: encoder.id)
        let order = ComputeOrder(request.priority, deadline: deadline)
        if request.vector.isEmpty, let text = request.text {
            let computed = try await encoder.encode(text.value, order) { encoded throws(SwitchboardError) in
                try retrieval.run(
                    on: Self.searched(replica.snapshot, else: now, with: encoder.id),
                    vector: encoded.vector,
                    isTruncated: encoded.isTruncated
                )
            }
            return computed.value.timed(computed.timings)
        }
        guard request.encoder == nil || request.encoder == encoder.id else {
            throw SwitchboardError(
                .failedPrecondition,
                "the vector is of encoder \(request.encoder?.short ?? ""), this node's is \(encoder.id.short)"
            )
        }
        let computed = try await queue.retrieve(order, bytes: request.vector.count * 4) { () throws(SwitchboardError) in
            try retrieval.run(
                on: Self.searched(replica.snapshot, else: now, with: encoder.id),
                vector: request.vector,
                isTruncated: false
            )
        }
        return computed.value.timed(computed.timings)
    }

    /// The snapshot that a vector is compared with: the newest, so that a pair that came in while the query was
    /// encoded is found, unless models were switched meanwhile; then the one that was there when it was encoded.
    private static func searched(
        _ newest: ReplicaSnapshot,
        else earlier: ReplicaSnapshot,
        with encoder: ModelID,
    ) -> ReplicaSnapshot {
        newest.encoder.map { $0 == encoder } ?? true ? newest : earlier
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

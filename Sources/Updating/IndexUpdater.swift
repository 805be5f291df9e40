package import Calls
package import Core
package import Logging
package import Messaging
package import UpdateStore
package import Wire

/// Makes the vectors that a batch lacks, appends it to the log, and lets others follow.
///
/// Runs on its poll loop; the log itself works on its own queue. One to a log. It holds no vector and no model: vectors
/// are made by a retriever through a gateway.
package actor IndexUpdater {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    struct FollowerState {
        let name: String
        let isReplica: Bool
        var applied: LogSequence
    }

    let log: UpdateLog
    let feedback: FeedbackStore
    let logger: Logger
    private let gateway: CallChannel
    private let events: UpdatingEvents
    var followers: [UInt64: FollowerState] = [:]
    var lastID: UInt64 = 0
    /// Senders to followers that have sent all there is.
    var idle: [CheckedContinuation<Void, Never>] = []
    private var appliedWaiters: [UInt64: AppliedWaiter] = [:]
    /// Set when a follower showed that acknowledged records were lost: nothing is appended any more.
    package private(set) var refusal: SwitchboardError?

    private struct AppliedWaiter {
        let sequence: LogSequence
        let continuation: CheckedContinuation<Void, Never>
    }

    /// Texts in one call for vectors, so that live requests get their turn between.
    static let textsPerEncode = 64

    /// - Parameter gateway: where a retriever is reached that encodes.
    package init(
        log: UpdateLog,
        feedback: FeedbackStore,
        gateway: CallChannel,
        loop: PollLoop,
        events: UpdatingEvents = UpdatingEvents(),
        logger: Logger,
    ) {
        self.log = log
        self.feedback = feedback
        self.gateway = gateway
        self.loop = loop
        self.events = events
        self.logger = logger
    }

    /// Wakes the senders whenever the log grows, and for heartbeats, until its task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [log] in
                for await _ in log.heads() { await self.wakeSenders() }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.heartbeat)
                    await self.wakeSenders()
                }
            }
        }
        wakeSenders()
    }

    // MARK: Appending

    package func append(_ request: AppendRequest, _ context: CallContext) async throws -> AppendReply {
        if let refusal { throw refusal }
        let deadline = context.deadline ?? .now + .seconds(30)
        let receipt = try await encodeAndAppend(request.batch, deadline: deadline)
        events.appended(receipt)
        guard request.wait == .applied else { return AppendReply(receipt: receipt) }
        let limit = min(.now + (request.waitLimit ?? .seconds(2)), deadline - .milliseconds(100))
        await waitUntilApplied(receipt.position.sequence, until: limit)
        let replicas = followers.values.filter(\.isReplica)
        let behind = replicas.filter { $0.applied < receipt.position.sequence }.map(\.name).sorted()
        return AppendReply(receipt: receipt, appliedBy: replicas.count - behind.count, behind: behind)
    }

    /// One batch after the other, each answered by its receipt. What was acknowledged before an error is in the log.
    package func publish(
        _ reader: StreamReader<AppendRequest>,
        _ writer: StreamWriter<AppendReply>,
        _ context: CallContext,
    ) async throws {
        while let request = try await reader.next() {
            try await writer.send(try await append(request, context))
        }
    }

    private func encodeAndAppend(
        _ batch: AppendBatch,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> AppendReceipt {
        let first = try await encoded(batch, deadline: deadline)
        do {
            return try await log.append(first)
        } catch {
            // An exemplar that the log had a moment ago may have been removed since; then it needs a vector after all.
            guard error.code == .failedPrecondition else { throw error }
            let second = try await encoded(first, deadline: deadline)
            guard second != first else { throw error }
            return try await log.append(second)
        }
    }

    /// The batch with a vector for each exemplar that the log does not have.
    private func encoded(
        _ batch: AppendBatch,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> AppendBatch {
        try await checkFirstVector(of: batch, deadline: deadline)
        let places = try await log.commandsToEncode(batch)
        guard !places.isEmpty else { return batch }
        var batch = batch
        for first in stride(from: 0, to: places.count, by: Self.textsPerEncode) {
            let part = places[first..<min(first + Self.textsPerEncode, places.count)]
            let texts = part.compactMap { place -> UtteranceText? in
                guard case .upsert(let upsert) = batch.commands[place] else { return nil }
                return upsert.text
            }
            let response = try await encode(texts, deadline: deadline)
            for (place, vector) in zip(part, response.vectors) {
                guard case .upsert(var upsert) = batch.commands[place] else { continue }
                upsert.vector = vector
                upsert.encoder = response.encoder
                batch.commands[place] = .upsert(upsert)
            }
        }
        return batch
    }

    /// The log keeps to the encoder of its first vector for good. So that one is compared with what the encoder that
    /// serves makes.
    private func checkFirstVector(
        of batch: AppendBatch,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) {
        guard log.encoder == nil else { return }
        for (index, command) in batch.commands.enumerated() {
            guard case .upsert(let upsert) = command, !upsert.vector.isEmpty else { continue }
            let response = try await encode([upsert.text], deadline: deadline)
            guard upsert.encoder == response.encoder else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "command \(index): the vector was made by encoder \(upsert.encoder?.short ?? ""), and "
                        + "\(response.encoder.short) serves here; encode with that one, or leave the vector to the node",
                    field: "encoder_id",
                )
            }
            guard upsert.vector.count == response.vectors[0].count else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "command \(index): the vector has \(upsert.vector.count) figures; encoder "
                        + "\(response.encoder.short) makes \(response.vectors[0].count)",
                    field: "vector",
                )
            }
            return
        }
    }

    private func encode(
        _ texts: [UtteranceText],
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> EncodeResponse {
        let request = EncodeRequest(texts: texts, priority: .updates)
        let response: EncodeResponse
        do {
            response = try await gateway.call(Methods.encode, request, within: deadline - .now)
        } catch {
            throw SwitchboardError(
                error.code,
                "nothing was appended, since the pairs could not be encoded: \(error.message)",
                retryAfter: error.retryAfter
            )
        }
        guard response.vectors.count == texts.count else {
            throw SwitchboardError(
                .internal,
                "the encoder answered \(response.vectors.count) vectors for \(texts.count) texts"
            )
        }
        return response
    }

    // MARK: Waiting for replicas

    private func waitUntilApplied(_ sequence: LogSequence, until limit: ContinuousClock.Instant) async {
        guard !isApplied(sequence), limit > .now else { return }
        lastID += 1
        let id = lastID
        await withCheckedContinuation { continuation in
            appliedWaiters[id] = AppliedWaiter(sequence: sequence, continuation: continuation)
            loop.schedule(at: limit) { [self] in
                assumeIsolated { $0.appliedWaiters.removeValue(forKey: id)?.continuation.resume() }
            }
        }
    }

    private func isApplied(_ sequence: LogSequence) -> Bool {
        followers.values.allSatisfy { !$0.isReplica || $0.applied >= sequence }
    }

    /// A follower is further than it was, or has gone.
    func followersChanged() {
        for (id, waiter) in appliedWaiters where isApplied(waiter.sequence) {
            appliedWaiters[id] = nil
            waiter.continuation.resume()
        }
    }

    func refuseWrites(_ error: SwitchboardError) {
        guard refusal == nil else { return }
        refusal = error
        logger.critical("the updater takes no more appends", metadata: ["reason": "\(error.message)"])
    }

    // MARK: Reading

    /// Replicas and gateways that follow now.
    package var followerCount: Int { followers.count }

    package func stats() async throws -> StatsResponse {
        let statistics = log.statistics()
        let counts = try await feedback.counts()
        return StatsResponse(
            position: statistics.head.position,
            epoch: statistics.head.epoch,
            digest: statistics.head.digest,
            verticals: statistics.verticals.map {
                VerticalStats(vertical: $0.vertical, exemplars: $0.exemplars, intents: $0.intents)
            },
            logBytes: statistics.bytes,
            feedback: counts.total,
            feedbackConfirmed: counts.confirmedByCallers,
            feedbackCallers: counts.callers,
            followers: followers.values.map(\.name).sorted(),
            encoder: statistics.encoder?.encoder,
        )
    }

    package func export(_ request: ExportRequest, _ writer: StreamWriter<ExportResponse>) async throws {
        let export = try await log.export()
        var place = LogSequence.start
        let verticals = request.verticals.isEmpty ? nil : Set(request.verticals)
        while true {
            let page = try await export.page(after: place, verticals: verticals, limit: 200)
            let exemplars = page.exemplars.map { exemplar in
                ExportedExemplar(
                    exemplarID: exemplar.id,
                    vertical: exemplar.vertical,
                    text: exemplar.text,
                    intent: exemplar.path,
                    origin: exemplar.origin,
                    vector: request.withVectors ? exemplar.vector : [],
                    sequence: exemplar.sequence,
                )
            }
            // An empty index answers one message too, so that its position is known.
            if !exemplars.isEmpty || place == .start {
                try await writer.send(ExportResponse(exemplars: exemplars, position: export.position))
            }
            if exemplars.isEmpty { return }
            place = page.last
        }
    }

    package func addFeedback(_ word: Feedback) async throws -> FeedbackResponse {
        let hasReplaced = try await feedback.add(word)
        events.stored(word)
        return FeedbackResponse(hasReplaced: hasReplaced)
    }

    package func listFeedback(
        _ request: ListFeedbackRequest,
        _ writer: StreamWriter<ListFeedbackResponse>,
    ) async throws {
        var place = request.after
        while true {
            let page = try await feedback.list(after: place)
            guard let last = page.last else { return }
            try await writer.send(ListFeedbackResponse(feedback: page.map(\.feedback)))
            place = last.number
        }
    }
}

/// Where an updater tells what it did; a node makes metrics of it.
package struct UpdatingEvents: Sendable {
    package var appended: @Sendable (AppendReceipt) -> Void
    package var stored: @Sendable (Feedback) -> Void

    package init(
        appended: @escaping @Sendable (AppendReceipt) -> Void = { _ in },
        stored: @escaping @Sendable (Feedback) -> Void = { _ in },
    ) {
        self.appended = appended
        self.stored = stored
    }
}

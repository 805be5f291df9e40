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
///
/// A damaged log is served read-only up to the operation before the damage. What followers say of themselves stops no
/// append: the log's head only grows while it is open, so nobody who got his records here can be ahead of it, and who
/// says that he is cannot prove it. He is turned away, logged and counted.
package actor IndexUpdater {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    struct FollowerState {
        let name: String
        let isReplica: Bool
        var applied: LogSequence
        /// When it joined or last said how far it is.
        var lastHeard = ContinuousClock.now
        /// Set when it sends nothing more: its sender then ends the call.
        var end: Result<Void, SwitchboardError>?

        /// It applies exemplars and answers heartbeats, so that waiting for it makes sense.
        var isLiveReplica: Bool { isReplica && lastHeard.duration(to: .now) <= IndexUpdater.silence }
    }

    /// A follower that has said nothing for so long is not waited for. It answers each heartbeat.
    static var silence: Duration { .seconds(5) }

    let log: UpdateLog
    let feedback: FeedbackStore
    let logger: Logger
    private let gateway: CallChannel
    let events: UpdatingEvents
    /// What `refusal` says, as far as it was told.
    package nonisolated let damage = CurrentValue<String?>(nil)
    var followers: [UInt64: FollowerState] = [:]
    var lastID: UInt64 = 0
    /// Senders to followers that have sent all there is.
    var idle: [CheckedContinuation<Void, Never>] = []
    private var appliedWaiters: [UInt64: AppliedWaiter] = [:]
    /// How often a follower came that had more than the log. Each was turned away.
    package private(set) var followersAhead = 0
    /// The end of the last operation before one that could not be read; nil: none was met.
    var lastReadable: LogSequence?

    private struct AppliedWaiter {
        let sequence: LogSequence
        /// At the end of its patience.
        let timer: PollLoop.TimerID
        let continuation: CheckedContinuation<Void, Never>
    }

    static let maximumExports = 8
    static let exportPatience = Duration.seconds(30)
    var exportCount = 0

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
        tellDamage()
        // Tasks of this actor: a commit wakes its loop itself, not a thread of Swift's pool that then wakes the loop.
        let commits = Task { for await _ in log.heads() { wakeSenders() } }
        let heartbeats = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.heartbeat)
                beat()
            }
        }
        await withTaskCancellationHandler {
            await commits.value
            await heartbeats.value
        } onCancel: {
            commits.cancel()
            heartbeats.cancel()
        }
        wakeSenders()
    }

    private func beat() {
        wakeSenders()
        // Those who have been silent for long are no longer waited for.
        followersChanged()
        tellDamage()
    }

    /// Why nothing is appended; nil while the log takes what comes.
    package var refusal: SwitchboardError? {
        guard case .damaged(let record, _) = log.condition else { return nil }
        return SwitchboardError(
            .dataLoss,
            "record \(record) does not match its checksum or is missing; the log is whole up to record "
                + "\(readableEnd), and this node serves that much read-only. Run `switchboard doctor`; restore the "
                + "data directory from a backup, or load an export from before"
        )
    }

    /// Where followers are led: to the log's head or, where a record is damaged, to the end of what can be read.
    var readableEnd: LogSequence {
        let head = log.head.position.sequence
        guard case .damaged(_, let end) = log.condition else { return head }
        return min(head, end, lastReadable ?? end)
    }

    func tellDamage() {
        guard damage.value == nil, let refusal else { return }
        damage.set(refusal.message)
        logger.error("the log is damaged", metadata: ["reason": "\(refusal.message)"])
    }

    // MARK: Appending

    package func append(_ request: AppendRequest, _ context: CallContext) async throws -> AppendReply {
        if let refusal { throw refusal }
        let deadline = context.deadline ?? .now + .seconds(30)
        let receipt = try await encodeAndAppend(request.batch, deadline: deadline)
        let isOnDisk = ContinuousClock.now
        events.appended(receipt)
        guard request.wait == .applied else { return AppendReply(receipt: receipt) }
        let limit = min(.now + (request.waitLimit ?? .seconds(2)), deadline - .milliseconds(100))
        await waitUntilApplied(receipt.position.sequence, until: limit)
        let replicas = followers.values.filter(\.isLiveReplica)
        let behind = replicas.filter { $0.applied < receipt.position.sequence }.map(\.name).sorted()
        return AppendReply(
            receipt: receipt,
            appliedBy: replicas.count - behind.count,
            behind: behind,
            appliedAfter: behind.isEmpty && !replicas.isEmpty ? isOnDisk.duration(to: .now) : nil
        )
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

    /// Returns when all live replicas have the record, at the limit, or when the caller's task is cancelled.
    private func waitUntilApplied(_ sequence: LogSequence, until limit: ContinuousClock.Instant) async {
        guard !isApplied(sequence), limit > .now else { return }
        lastID += 1
        let id = lastID
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = loop.schedule(at: limit) { [weak self] in self?.assumeIsolated { $0.endWait(id) } }
                appliedWaiters[id] = AppliedWaiter(sequence: sequence, timer: timer, continuation: continuation)
                if Task.isCancelled { endWait(id) }
            }
        } onCancel: {
            Task { await self.endWait(id) }
        }
    }

    private func endWait(_ id: UInt64) {
        guard let waiter = appliedWaiters.removeValue(forKey: id) else { return }
        loop.cancel(waiter.timer)
        waiter.continuation.resume()
    }

    private func isApplied(_ sequence: LogSequence) -> Bool {
        followers.values.allSatisfy { !$0.isLiveReplica || $0.applied >= sequence }
    }

    /// A follower is further than it was, or has gone, or has been silent for long.
    func followersChanged() {
        for (id, waiter) in appliedWaiters where isApplied(waiter.sequence) { endWait(id) }
    }

    /// A follower has more than the log: it has followed another copy of it, or it lies.
    func noteAhead(_ name: String, at sequence: LogSequence) {
        followersAhead += 1
        events.followerAhead()
        // Who comes again and again is not to fill the log with it.
        logger.log(
            level: followersAhead == 1 ? .critical : .debug,
            "a follower says that it has more than the log; where the log was restored from a backup, give it a new id",
            metadata: ["follower": "\(name)", "sequence": "\(sequence)", "head": "\(log.head.position.sequence)"]
        )
    }
}

package import Calls
package import Core
package import Logging
package import Messaging
internal import SwitchboardClient
package import UpdateStore
package import Wire

/// Makes the vectors that a batch lacks, appends it to the log, and lets others follow.
///
/// Runs on its poll loop; the log itself works on its own queue. One to a log. It holds no vector and no model: vectors
/// are made by a retriever through a gateway.
///
/// A damaged log is served read-only up to the operation before the damage. A follower that has more of this very log
/// than the log itself means that acknowledged records were lost: it is turned away, and nothing is appended any more,
/// since other records would get the numbers of the lost ones.
package actor IndexUpdater {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    struct FollowerState: Sendable {
        let name: String
        let isReplica: Bool
        /// Ends its stream from outside.
        let dismiss: @Sendable (SwitchboardError) async -> Void
        var applied: LogSequence
        /// Those with which it can encode queries.
        var encoders: Set<ModelID> = []
        /// The next one, as far as it has heard of it.
        var nextEncoder: ModelID?
        /// That it has still to build of the vectors that are to serve next.
        var graphsDue = 0
        /// When it joined or last said how far it is.
        var lastHeard = ContinuousClock.now
        /// Heartbeats since it last said how far it is; nil: it never did, as who only reads.
        var unanswered: Int?
        /// Set when it sends nothing more: its sender then ends the call.
        var end: Result<Void, SwitchboardError>?

        /// It applies exemplars and answers heartbeats, so that waiting for it makes sense.
        var isLiveReplica: Bool { isReplica && lastHeard.duration(to: .now) <= IndexUpdater.silence }
    }

    /// A follower that has said nothing for so long is not waited for. It answers each heartbeat.
    static var silence: Duration { .seconds(5) }
    /// Heartbeats after which the stream of one that answered before is ended: it was stopped, or hangs. They are counted,
    /// so that nobody is taken for silent where it is this process that was stopped.
    static var patientBeats: Int { 30 }

    let log: UpdateLog
    let feedback: FeedbackStore
    let logger: Logger
    private let gateways: Gateways
    /// Takes an encoder's file in; nil: this node has no place for one.
    let install: Installation?
    /// Whose word makes an utterance an exemplar; nil: nobody's.
    let learnsFrom: FeedbackSource?
    /// Nil: this updater has none to give.
    let snapshots: SnapshotKeeper?
    var snapshotPlaces = SharedPlaces(for: "snapshots")
    let events: UpdatingEvents
    /// What `refusal` says, as far as it was told.
    package nonisolated let damage = CurrentValue<String?>(nil)
    var followers: [UInt64: FollowerState] = [:]
    var lastID: UInt64 = 0
    /// Senders to followers that have sent all there is.
    var idle: [CheckedContinuation<Void, Never>] = []
    private var waiters: [UInt64: Waiter] = [:]
    /// How many wait for something.
    var waiterCount: Int { waiters.count }
    /// Vectors are being made anew.
    var isReencoding = false
    /// By this one, which followers are told of: retrievers encode by none but it and the one that serves.
    var nextEncoder: ModelID?
    /// What is erased, and was.
    var purges = PurgeRuns()
    /// Models are being switched, or something is undone: appends that come wait until that is done.
    private(set) var isSwitching = false
    private var appendsUnderWay = 0
    let reencodingTimes: ReencodingTimes
    /// How often an exemplar got another intent since this updater opened the log.
    private(set) var relabelled = 0
    /// How often a follower came that had more than the log. Each was turned away.
    package private(set) var followersAhead = 0
    /// The end of the last operation before one that could not be read; nil: none was met.
    var lastReadable: LogSequence?

    /// Takes the file of an encoder into the place where retrievers of this machine find it.
    ///
    /// One whose vectors have another length than `dimensions` is not taken.
    ///
    /// - Returns: the encoder's id.
    package typealias Installation =
        @Sendable (_ path: String, _ dimensions: Int?) async throws(SwitchboardError) -> ModelID

    /// What somebody waits for.
    enum Awaited {
        /// All live replicas have the record.
        case applied(LogSequence)
        /// All live replicas have said which encoders they have loaded.
        case announced
        /// All live replicas know which encoder is the next.
        case told(ModelID)
        /// All live replicas have the graphs of the vectors that are to serve next.
        case graphsBuilt
        /// All live replicas have the encoder loaded.
        case loaded(ModelID)
        /// No append is under way.
        case appendsDone
        /// A purge has ended.
        case purged(PurgeRuns.RunID)
        /// Appends may begin.
        case switchDone
        /// No export is under way.
        case exportsEnded
    }

    private struct Waiter {
        let awaited: Awaited
        /// At the end of its patience.
        let timer: PollLoop.TimerID
        let continuation: CheckedContinuation<Void, Never>
    }

    static let exportPatience = Duration.seconds(30)
    var exports = ExportRuns()

    /// Texts in one call for vectors, so that live requests get their turn between.
    static let textsPerEncode = 64

    /// - Parameters:
    ///   - gateways: where retrievers are reached that encode, at least one; where one is away another is asked.
    ///   - install: nil: this node takes no encoder's file.
    ///   - reencodingTimes: how patient a change of encoders is.
    ///   - snapshots: where new followers begin, and trimmed logs.
    ///   - learnsFrom: of this source and those above it a confirmed or corrected utterance becomes an exemplar.
    package init(
        log: UpdateLog,
        feedback: FeedbackStore,
        gateways: [CallChannel],
        install: Installation? = nil,
        reencodingTimes: ReencodingTimes = ReencodingTimes(),
        learnsFrom: FeedbackSource? = nil,
        snapshots: SnapshotKeeper? = nil,
        loop: PollLoop,
        events: UpdatingEvents = UpdatingEvents(),
        logger: Logger,
    ) {
        self.log = log
        self.feedback = feedback
        self.gateways = Gateways(gateways)
        self.install = install
        self.reencodingTimes = reencodingTimes
        self.learnsFrom = learnsFrom
        self.snapshots = snapshots
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
                await beat()
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

    /// Why nothing is appended; nil while the log takes what comes.
    package var refusal: SwitchboardError? {
        guard case .damaged(let record, _) = log.condition else { return log.stop }
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
        logger.error("the log takes no appends", metadata: ["reason": "\(refusal.message)"])
    }

    // MARK: Appending

    package func append(_ request: AppendRequest, _ context: CallContext) async throws -> AppendReply {
        if let refusal { throw refusal }
        // Where there are keys, the author is the key or whom it may name.
        let joinsOwnOnly = context.caller.access != nil
        if request.isDryRun {
            return AppendReply(receipt: try await log.rehearse(request.batch, joinsOwnOnly: joinsOwnOnly))
        }
        let deadline = context.deadline ?? .now + .seconds(30)
        let receipt = try await appendInTurn(request.batch, joinsOwnOnly: joinsOwnOnly, deadline: deadline)
        events.appended(receipt)
        guard request.wait == .applied else { return AppendReply(receipt: receipt) }
        let limit = min(.now + (request.waitLimit ?? .seconds(2)), deadline - .milliseconds(100))
        return await reply(receipt, appliedUntil: limit)
    }

    /// Waits until every live replica has applied what is on disk now, or until the limit.
    func reply(_ receipt: AppendReceipt, appliedUntil limit: ContinuousClock.Instant) async -> AppendReply {
        let isOnDisk = ContinuousClock.now
        await wait(for: .applied(receipt.position.sequence), until: limit)
        let replicas = followers.values.filter(\.isLiveReplica)
        let behind = self.replicas(behind: receipt.position.sequence)
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

    /// Waits while models are switched, until the deadline at the latest.
    func appendInTurn(
        _ batch: AppendBatch,
        joinsOwnOnly: Bool = false,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> AppendReceipt {
        if isSwitching {
            // Another switch may have begun before this task has its turn.
            while isSwitching, deadline > .now, !Task.isCancelled { await wait(for: .switchDone, until: deadline) }
            guard deadline > .now, !Task.isCancelled else {
                throw SwitchboardError(
                    .deadlineExceeded,
                    "the deadline passed while models were switched or a change undone, and nothing was appended; send it again"
                )
            }
        }
        appendsUnderWay += 1
        defer {
            appendsUnderWay -= 1
            if isSwitching { endWaits() }
        }
        let receipt = try await encodeAndAppend(batch, joinsOwnOnly, deadline: deadline)
        if !receipt.isRepeated { relabelled += receipt.relabelled }
        return receipt
    }

    /// Lets no append begin, and returns when none is under way or at the limit.
    ///
    /// - Returns: whether none is; where one is, appends go on.
    func holdAppends(until limit: ContinuousClock.Instant) async -> Bool {
        // Somebody else may hold them, and another one again before this task has its turn.
        while isSwitching, limit > .now, !Task.isCancelled { await wait(for: .switchDone, until: limit) }
        guard !isSwitching else { return false }
        isSwitching = true
        await wait(for: .appendsDone, until: limit)
        guard appendsUnderWay == 0 else {
            releaseAppends()
            return false
        }
        return true
    }

    func releaseAppends() {
        isSwitching = false
        endWaits()
    }

    private func encodeAndAppend(
        _ batch: AppendBatch,
        _ joinsOwnOnly: Bool,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> AppendReceipt {
        let first = try await encoded(batch, deadline: deadline)
        do {
            return try await log.append(first, joinsOwnOnly: joinsOwnOnly)
        } catch {
            // An exemplar that the log had a moment ago may have been removed since; then it needs a vector after all.
            // Or another encoder serves since, by which the texts are to be encoded.
            guard error.code == .failedPrecondition else { throw error }
            let second = try await encoded(batch, deadline: deadline)
            guard second != first else { throw error }
            return try await log.append(second, joinsOwnOnly: joinsOwnOnly)
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
            try await encode(part, of: &batch, deadline: deadline)
        }
        return batch
    }

    /// Gives some commands their vectors. Where the encoder does not take their texts they go in halves, so that the one
    /// that it does not take is named.
    private func encode(
        _ places: ArraySlice<Int>,
        of batch: inout AppendBatch,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) {
        let texts = places.compactMap { place -> UtteranceText? in
            guard case .upsert(let upsert) = batch.commands[place] else { return nil }
            return upsert.text
        }
        let response: EncodeResponse
        do throws(SwitchboardError) {
            response = try await encodeToAppend(texts, deadline: deadline)
        } catch {
            guard error.code == .invalidArgument else { throw error }
            guard places.count > 1 else {
                throw .invalid("command \(places[places.startIndex]): \(error.message)", field: "text")
            }
            let half = places.startIndex + places.count / 2
            try await encode(places[..<half], of: &batch, deadline: deadline)
            try await encode(places[half...], of: &batch, deadline: deadline)
            return
        }
        for (place, vector) in zip(places, response.vectors) {
            guard case .upsert(var upsert) = batch.commands[place] else { continue }
            upsert.vector = vector
            upsert.encoder = response.encoder
            batch.commands[place] = .upsert(upsert)
        }
    }

    /// The log keeps to the encoder of its first vector until models are switched. So that one is compared with what the
    /// encoder that serves makes.
    private func checkFirstVector(
        of batch: AppendBatch,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) {
        guard log.encoder == nil else { return }
        for (index, command) in batch.commands.enumerated() {
            guard case .upsert(let upsert) = command, !upsert.vector.isEmpty else { continue }
            let response = try await encodeToAppend([upsert.text], deadline: deadline)
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

    private func encodeToAppend(
        _ texts: [UtteranceText],
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> EncodeResponse {
        let request = EncodeRequest(texts: texts, priority: .updates, encoder: log.encoder?.encoder)
        do {
            let response = try await encode(request, deadline: deadline)
            try checkIsServed(response.encoder)
            return response
        } catch {
            throw SwitchboardError(
                error.code,
                "nothing was appended, since the pairs could not be encoded: \(error.message)",
                retryAfter: error.retryAfter
            )
        }
    }

    func encode(
        _ request: EncodeRequest,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> EncodeResponse {
        let response = try await gateways.call(Methods.encode, request, within: deadline - .now)
        // A gateway of an older version passes on whatever comes.
        if let fault = response.fault(asAnswerTo: request) {
            throw SwitchboardError(.internal, "the encoder answered \(fault)")
        }
        guard request.encoder == nil || response.encoder == request.encoder else {
            throw SwitchboardError(
                .failedPrecondition,
                "a retriever encoded with \(response.encoder.short), since it is of a version that knows no other; "
                    + "bring it up to date"
            )
        }
        if let known = log.encoder, known.encoder == response.encoder, let count = response.vectors.first?.count,
            count != known.dimensions
        {
            throw SwitchboardError(
                .internal,
                "a worker answered vectors of \(count) figures; encoder \(known.encoder.short) made those of this log, of "
                    + "\(known.dimensions)"
            )
        }
        return response
    }

    /// The first vector fixes the log on its encoder. So that is one that a live replica can encode queries with, as far as
    /// all have said what they have; otherwise no query could be compared with it.
    private func checkIsServed(_ encoder: ModelID) throws(SwitchboardError) {
        guard log.encoder == nil, silentReplicas.isEmpty else { return }
        let live = followers.values.filter(\.isLiveReplica)
        guard !live.isEmpty, !live.contains(where: { $0.encoders.contains(encoder) }) else { return }
        throw SwitchboardError(
            .internal,
            "a worker encoded with \(encoder.short), which none of the replicas has "
                + "(\(live.map(\.name).sorted().joined(separator: ", "))); all retrievers need the same encoder"
        )
    }

    // MARK: Waiting for replicas

    /// Returns when what is awaited is so, at the limit, or when the caller's task is cancelled.
    func wait(for awaited: Awaited, until limit: ContinuousClock.Instant) async {
        guard !isSo(awaited), limit > .now else { return }
        lastID += 1
        let id = lastID
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = loop.schedule(at: limit) { [weak self] in self?.assumeIsolated { $0.endWait(id) } }
                waiters[id] = Waiter(awaited: awaited, timer: timer, continuation: continuation)
                if Task.isCancelled { endWait(id) }
            }
        } onCancel: {
            Task { await self.endWait(id) }
        }
    }

    private func endWait(_ id: UInt64) {
        guard let waiter = waiters.removeValue(forKey: id) else { return }
        loop.cancel(waiter.timer)
        waiter.continuation.resume()
    }

    private func isSo(_ awaited: Awaited) -> Bool {
        switch awaited {
        case .applied(let sequence): replicas(behind: sequence).isEmpty
        case .announced: silentReplicas.isEmpty
        case .told(let encoder): followers.values.allSatisfy { !$0.isLiveReplica || $0.nextEncoder == encoder }
        case .graphsBuilt: graphsDue == 0
        case .loaded(let encoder): replicas(without: encoder).isEmpty
        case .appendsDone: appendsUnderWay == 0
        case .purged(let run): purges.running != run
        case .switchDone: !isSwitching
        case .exportsEnded: exports.isEmpty
        }
    }

    /// Live replicas that have not applied a record, by name.
    func replicas(behind sequence: LogSequence) -> [String] {
        followers.values.filter { $0.isLiveReplica && $0.applied < sequence }.map(\.name).sorted()
    }

    /// Live replicas that have not loaded an encoder, by name.
    func replicas(without encoder: ModelID) -> [String] {
        followers.values.filter { $0.isLiveReplica && !$0.encoders.contains(encoder) }.map(\.name).sorted()
    }

    /// Live replicas that have not said which encoders they have, by name: they have just come, or are of a version that
    /// stops at the records of a change.
    var silentReplicas: [String] {
        followers.values.filter { $0.isLiveReplica && $0.encoders.isEmpty }.map(\.name).sorted()
    }

    /// Of the live replica that has to build the most.
    var graphsDue: Int { followers.values.filter(\.isLiveReplica).map(\.graphsDue).max() ?? 0 }

    func endWaits() {
        for (id, waiter) in waiters where isSo(waiter.awaited) { endWait(id) }
    }

    /// A follower is further than it was, or has gone, or has been silent for long.
    func followersChanged() { endWaits() }

    /// How a log gets a new id, for those who are told that it needs one.
    package static var newIDSteps: String {
        "switchboard backup BACKUP --data DIR, then switchboard restore BACKUP --data NEW, and start on NEW"
    }

    /// A follower has more than the log: it has followed another copy of it, or records were lost.
    func noteAhead(_ name: String, at sequence: LogSequence) {
        followersAhead += 1
        events.followerAhead()
        log.stop(
            because: SwitchboardError(
                .dataLoss,
                "a follower has record \(sequence), but the log ends at \(log.head.position.sequence): acknowledged "
                    + "records were lost, so nothing is appended. Restore the log that has them; or give this one a new "
                    + "id (\(Self.newIDSteps)), or stop all that followed the other copy, and start this node again"
            )
        )
        tellDamage()
        // Who comes again and again is not to fill the log with it.
        logger.log(
            level: followersAhead == 1 ? .critical : .debug,
            "a follower has more than the log, so nothing is appended; where the log was restored, give it a new id: \(Self.newIDSteps)",
            metadata: ["follower": "\(name)", "sequence": "\(sequence)", "head": "\(log.head.position.sequence)"]
        )
    }
}

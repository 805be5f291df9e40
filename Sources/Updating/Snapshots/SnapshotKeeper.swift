package import Core
package import Index
package import Logging
internal import Synchronization
package import UpdateStore

/// Writes snapshots of a log in the background, and gives the newest that is whole to whoever begins from one.
///
/// Writes on a thread of its own, at low priority; reads on Dispatch's threads. What it writes is a replica's state: of
/// the one in this process, where there is one, else of one that it folds from the snapshot before and the log, for which
/// it takes the memory of what is new since.
package actor SnapshotKeeper {
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A snapshot that has been read through and is whole. It can be read although its file was deleted.
    package struct Kept: Sendable {
        package let container: SnapshotContainer
        package let position: LogPosition
    }

    /// Records from one snapshot to the next, unless said otherwise.
    package static let usualInterval = 50_000

    let log: UpdateLog
    let folder: SnapshotFolder
    private let settings: IndexSettings
    private let interval: Int
    private let replica: @Sendable () -> Replica?
    private let executor: ThreadExecutor
    let logger: Logger
    private nonisolated let known = Mutex<Kept?>(nil)
    private var isWriting = false
    /// Who waits for what is being written.
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - settings: of the index; its dimension is the log's where that has vectors.
    ///   - interval: records from one snapshot to the next; 0: only those that somebody asks for.
    ///   - replica: one of this process that follows the log; nil where there is none, or none yet.
    package init(
        log: UpdateLog,
        folder: SnapshotFolder,
        settings: IndexSettings = IndexSettings(),
        interval: Int = SnapshotKeeper.usualInterval,
        replica: @escaping @Sendable () -> Replica? = { nil },
        executor: ThreadExecutor,
        logger: Logger,
    ) {
        self.log = log
        self.folder = folder
        self.settings = settings
        self.interval = interval
        self.replica = replica
        self.executor = executor
        self.logger = logger
    }

    /// Writes one whenever the log has grown by the interval since the last, until its task is cancelled. One that fails
    /// is tried again a tenth of the interval later.
    package func run() async {
        folder.discardUnfinished()
        await finishRenewal()
        guard interval > 0 else { return }
        let head = log.head.position.sequence
        let last = folder.sequences().first { $0 <= head } ?? .start
        var next = last.advanced(by: interval)
        await writeIfDue(&next)
        for await _ in log.heads() {
            if Task.isCancelled { return }
            await writeIfDue(&next)
        }
    }

    private func writeIfDue(_ next: inout LogSequence) async {
        let head = log.head.position.sequence
        guard head >= next else { return }
        do {
            let kept = try await write()
            next = kept.position.sequence.advanced(by: interval)
        } catch {
            if Task.isCancelled { return }
            next = head.advanced(by: max(interval / 10, 1))
            logger.error("no snapshot was written", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: Writing

    /// Writes a snapshot of the log as it stands now, or as the replica of this process has it; the one there is where
    /// nothing has come since.
    ///
    /// - Parameter least: it has to hold this record, which is in the log.
    /// - Throws: `.resourceExhausted` where one is being written or the disk is full; `.dataLoss` where what would be
    ///   written is not what the log says.
    package func write(atLeast least: LogSequence = .start) async throws(SwitchboardError) -> Kept {
        guard !isWriting else {
            throw SwitchboardError(
                .resourceExhausted,
                "a snapshot is being written; ask again when it is done",
                retryAfter: .seconds(2)
            )
        }
        isWriting = true
        defer { endWriting() }
        return try await writeNewer(atLeast: least)
    }

    /// The same, only while `isWriting`.
    func writeNewer(atLeast least: LogSequence) async throws(SwitchboardError) -> Kept {
        let newest = try await self.newest()
        if let newest, newest.position == log.head.position { return newest }
        let snapshot = try await state(after: newest, atLeast: least)
        if let newest, newest.position.reaches(snapshot.position) { return newest }
        return try await write(snapshot)
    }

    /// Writes what the caller has made. Only while `isWriting`.
    ///
    /// - Throws: as `write(atLeast:)`; `.aborted` where something was erased since it was made.
    func write(_ snapshot: ReplicaSnapshot) async throws(SwitchboardError) -> Kept {
        let start = ContinuousClock.now
        let position = snapshot.position
        guard try await log.digest(at: position.sequence) == snapshot.digest else {
            throw try await differs(at: position.sequence)
        }
        try folder.write(position.sequence) { (emit) throws(SwitchboardError) in
            try snapshot.write { (bytes) throws(SwitchboardError) in
                try Self.goOn()
                try emit(bytes)
            }
        }
        // What it holds may have been erased from the log meanwhile.
        guard try await log.digest(at: position.sequence) == snapshot.digest else {
            folder.discard(position.sequence)
            throw Self.erased
        }
        let memory = try SnapshotMemory(mappingFile: folder.path(of: position.sequence))
        let kept = Kept(container: try SnapshotContainer(verifying: memory), position: position)
        known.withLock { $0 = kept }
        logger.info(
            "a snapshot was written",
            metadata: [
                "sequence": "\(position.sequence)", "bytes": "\(memory.count)",
                "seconds": "\(start.duration(to: .now) / .seconds(1))",
            ]
        )
        return kept
    }

    /// Why what would be written is not what the log says: that says something else since a purge.
    private func differs(at place: LogSequence) async throws(SwitchboardError) -> SwitchboardError {
        guard try await log.hasPurge(after: place) else {
            return SwitchboardError(.dataLoss, "the index at \(place) differs from the log; none is written")
        }
        return Self.erased
    }

    private static let erased = SwitchboardError(
        .aborted,
        "exemplars were erased while the snapshot was written; ask again"
    )

    /// Returns once nothing else is being written, and keeps others from it until `endWriting`.
    func beginWriting() async {
        while isWriting { await withCheckedContinuation { waiting.append($0) } }
        isWriting = true
    }

    func endWriting() {
        isWriting = false
        let waiting = self.waiting
        self.waiting = []
        for waiter in waiting { waiter.resume() }
    }

    /// Of the index, with the dimension of the log's vectors.
    var logSettings: IndexSettings {
        var settings = settings
        if let shape = log.encoder { settings.dimension = shape.dimensions }
        return settings
    }

    /// What there is to write: a replica's state at the end of an operation.
    private func state(after newest: Kept?, atLeast least: LogSequence) async throws(SwitchboardError)
        -> ReplicaSnapshot
    {
        if let own = replica()?.snapshot, own.position.log == log.id, own.position.sequence > .start,
            own.position.sequence >= least, newest.map({ !$0.position.reaches(own.position) }) ?? true
        {
            return own
        }
        if let newest {
            return try await folded(try Replica(restoring: newest.container, settings: logSettings))
        }
        return try await folded(Replica(log: log.id, settings: logSettings))
    }

    /// A replica once it has all that the log has now.
    func folded(_ replica: Replica) async throws(SwitchboardError) -> ReplicaSnapshot {
        let end = log.head.position.sequence
        while replica.snapshot.position.sequence < end {
            try Self.goOn()
            let operations = try await log.operations(after: replica.snapshot.position.sequence)
            guard !operations.isEmpty else { break }
            for operation in operations { try replica.apply(operation.records) }
        }
        return replica.snapshot
    }

    private static func goOn() throws(SwitchboardError) {
        if Task.isCancelled { throw SwitchboardError(.cancelled, "the snapshot is not wanted any more") }
    }

    /// Something was erased from the log, and the files that held it are gone: they are not to be held in memory either.
    package nonisolated func forget() {
        known.withLock { $0 = nil }
    }

    // MARK: Reading

    /// The newest snapshot of this log that is whole and says what the log says; nil: there is none. One that is damaged is
    /// deleted, which is said. The first time it reads the file through: about a second for a gigabyte.
    package nonisolated func newest() async throws(SwitchboardError) -> Kept? {
        let folder = self.folder
        let sequences = try await SnapshotFolder.blocking { () throws(SwitchboardError) -> [LogSequence] in
            folder.sequences()
        }
        for sequence in sequences {
            if let known = self.known.withLock({ $0 }), known.position.sequence >= sequence { return known }
            do throws(SwitchboardError) {
                guard let found = try await checked(sequence) else { continue }
                return known.withLock { known in
                    if let other = known, other.position.reaches(found.position) { return other }
                    known = found
                    return found
                }
            } catch {
                logger.error(
                    "a snapshot cannot be used",
                    metadata: ["sequence": "\(sequence)", "reason": "\(error)"]
                )
                // What only a newer program reads, or the disk does not give now, may be of use later.
                if error.code == .dataLoss { folder.discard(sequence) }
            }
        }
        return nil
    }

    /// - Returns: nil for one of another log, or of records that this one does not have: it was restored, or trimmed since.
    /// - Throws: `.dataLoss` where it is damaged, or not what the log says.
    private nonisolated func checked(_ sequence: LogSequence) async throws(SwitchboardError) -> Kept? {
        let folder = self.folder
        let container = try await SnapshotFolder.blocking { () throws(SwitchboardError) -> SnapshotContainer in
            try SnapshotContainer(verifying: try SnapshotMemory(mappingFile: folder.path(of: sequence)))
        }
        let position = try container.position
        guard position.log == log.id, position.sequence <= log.head.position.sequence,
            position.sequence.next >= log.first
        else { return nil }
        guard position.sequence == sequence, try await log.digest(at: sequence) == container.digest else {
            throw SwitchboardError(.dataLoss, "the snapshot differs from the log at record \(sequence)")
        }
        return Kept(container: container, position: position)
    }
}

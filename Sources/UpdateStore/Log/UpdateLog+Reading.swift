package import Core
internal import GRDB

extension UpdateLog {
    /// The operations that follow a place, whole and in order: at least one where there is one, more within the limit.
    /// The newest come from memory.
    ///
    /// - Parameter place: the end of an operation, or `.start`.
    /// - Returns: nothing where the place is the head.
    /// - Throws: `.dataLoss` where the next operation holds a damaged record; `.outOfRange` where the place is before
    ///   what the log still has, or beyond its head; `.invalidArgument` where it is inside an operation;
    ///   `.unimplemented` where the next operation holds a record that only a newer program reads.
    package func operations(
        after place: LogSequence,
        limit: ReadLimit = ReadLimit(),
    ) async throws(SwitchboardError) -> [CommittedOperation] {
        let state = board.state
        if place == state.head { return [] }
        guard place < state.head else {
            // Where the log ends is not sure then.
            if let refusal = board.refusal { throw refusal }
            throw SwitchboardError(
                .outOfRange,
                "\(place) is beyond the head of this log, which is \(state.head)"
            )
        }
        guard place.next >= state.first else { throw Self.trimmed(place, state.first) }
        if let recent = board.recent(after: place, limit: limit) { return recent }
        return try await operationsOnDisk(after: place, limit: limit)
    }

    private static func trimmed(_ place: LogSequence, _ first: LogSequence) -> SwitchboardError {
        SwitchboardError(.outOfRange, "the log begins at \(first); what follows \(place) takes a snapshot")
    }

    /// The same from the file, of a place that the log had a moment ago.
    func operationsOnDisk(
        after place: LogSequence,
        limit: ReadLimit,
    ) async throws(SwitchboardError) -> [CommittedOperation] {
        let id = self.id
        let answer: LogReader.Answer
        do {
            answer = try await pool.read { db in
                try LogReader(db: db, log: id).operations(after: place, limit: limit)
            }
        } catch {
            let failure = SwitchboardError(store: error, path: path, doing: "read")
            // A page of SQLite's that it cannot make sense of, rather than a record.
            if failure.code == .dataLoss { board.mark(damaged: place.next, readableTo: place) }
            throw failure
        }
        if let damage = answer.damage {
            // What is gone by now, as the log was trimmed while this waited for its turn to read, is not damaged.
            let first = board.state.first
            guard place.next >= first else { throw Self.trimmed(place, first) }
            board.mark(damaged: damage.record, readableTo: damage.readableTo)
            if answer.operations.isEmpty { throw .damaged(at: damage.record) }
        }
        return answer.operations
    }

    /// The digest of the live state at a place.
    ///
    /// - Returns: nil where no operation ends there.
    package func digest(at place: LogSequence) async throws(SwitchboardError) -> StateDigest? {
        let id = self.id
        return try await read { db in try LogReader(db: db, log: id).digest(at: place) }
    }

    /// The commands of a batch whose vector has yet to be made: upserts of exemplars that the log does not have, or that
    /// the batch itself removes before. None where the operation was applied before. What the log has keeps its vector, so loading a file again encodes
    /// nothing.
    ///
    /// - Returns: their places in the batch, in order.
    @concurrent
    package func commandsToEncode(_ batch: AppendBatch) async throws(SwitchboardError) -> [Int] {
        var wanted: [(index: Int, id: ExemplarID, isRemovedBefore: Bool)] = []
        var removed: Set<ExemplarID> = []
        for (index, command) in batch.commands.enumerated() {
            switch command {
            case .upsert(let upsert):
                let id = ExemplarID(vertical: upsert.vertical, text: upsert.text)
                if upsert.vector.isEmpty { wanted.append((index, id, removed.contains(id))) }
            case .remove(let remove): removed.insert(remove.exemplar)
            default: break
            }
        }
        guard !wanted.isEmpty else { return [] }
        let (id, asked) = (self.id, wanted)
        return try await read { db in
            let tables = try LogTables(db, log: id)
            if try tables.operation(batch.operation) != nil { return [] }
            return try asked.filter { try $0.isRemovedBefore || tables.exemplar($0.id) == nil }.map(\.index)
        }
    }

    /// What the log holds, in figures.
    package func statistics() -> LogStatistics {
        let state = board.state
        return LogStatistics(
            head: LogHead(
                position: LogPosition(log: id, sequence: state.head),
                epoch: epoch,
                digest: state.digest
            ),
            first: state.first,
            verticals: state.verticals.entries.map { entry in
                LogStatistics.VerticalCount(
                    vertical: entry.vertical,
                    exemplars: entry.exemplars,
                    intents: state.taxonomy.count(in: entry.vertical),
                )
            },
            encoder: state.encoder,
            bytes: StoreFile.bytes(at: path),
        )
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(SwitchboardError) -> Result {
        do {
            return try await pool.read(body)
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "read")
        }
    }
}

internal import Calls
internal import Core
internal import Wire

extension SwitchboardClient {
    /// Gives an intent another path, with all that lies below it, and waits until the replicas know it. No vector moves.
    ///
    /// - Parameter isDryRun: nothing is changed; the receipt says what would be.
    /// - Throws: `ALREADY_EXISTS` where an intent stands at the new path: merge then; `NOT_FOUND` for an intent that is
    ///   not there; `INVALID_ARGUMENT` for a path below the intent itself or too many levels.
    public func rename(
        _ path: String,
        to newPath: String,
        vertical: String = "default",
        isDryRun: Bool = false,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let command = try await ClientError.around { () throws(SwitchboardError) in
            RenameCommand(vertical: try Vertical(vertical), from: try IntentPath(path), to: try IntentPath(newPath))
        }
        return try await append([.rename(command)], options, kind: "rename", isDryRun: isDryRun)
    }

    /// Makes an intent, with what lies below it, part of another one of its vertical, and waits until the replicas know
    /// it. Its id becomes an alias; no vector moves.
    ///
    /// - Parameter isDryRun: nothing is changed; the receipt says what would be.
    /// - Throws: `NOT_FOUND` for an intent that is not in the vertical; `INVALID_ARGUMENT` for a merge into itself or into
    ///   what lies below it, or for too many levels.
    public func merge(
        _ path: String,
        into target: String,
        vertical: String = "default",
        isDryRun: Bool = false,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let command = try await ClientError.around { () throws(SwitchboardError) in
            MergeCommand(vertical: try Vertical(vertical), from: try IntentPath(path), into: try IntentPath(target))
        }
        return try await append([.merge(command)], options, kind: "merge", isDryRun: isDryRun)
    }

    /// Which operations `history` tells.
    public struct HistoryQuery: Sendable {
        /// Nil: of all verticals.
        public var vertical: String?
        /// Operations that end at it or before are left out.
        public var afterSeq: UInt64 = 0
        /// Else the oldest come first.
        public var isNewestFirst = true
        /// 0: all.
        public var limit = 0
        /// Nil: of all changes.
        public var changeID: String?

        /// The whole log, newest first.
        public init() {}
    }

    /// Hands the log's operations to `body`, one at a time.
    ///
    /// - Throws: why the stream ended, or what `body` throws.
    public func history(
        _ query: HistoryQuery = HistoryQuery(),
        _ body: (HistoryLine) async throws -> Void,
    ) async throws {
        let stream = try await ClientError.around { () throws(SwitchboardError) in
            var request = HistoryRequest(
                after: LogSequence(query.afterSeq),
                isNewestFirst: query.isNewestFirst,
                limit: query.limit
            )
            if let vertical = query.vertical { request.vertical = try Vertical(vertical) }
            if let change = query.changeID { request.change = try ChangeName.bytes(change) }
            return try await updater.open(Methods.history, request)
        }
        do {
            while let entry = try await ClientError.around({ () throws(SwitchboardError) in try await stream.next() }) {
                try await body(HistoryLine(entry))
            }
        } catch {
            await stream.cancel()
            throw error
        }
    }

    /// Undoes one change by new records, and waits until the replicas know it. What later changes touched stays, and is
    /// listed in the receipt.
    ///
    /// - Throws: `NOT_FOUND` for a change that the log does not have; `FAILED_PRECONDITION` for one that switched models;
    ///   `OUT_OF_RANGE` where the log was trimmed; `DEADLINE_EXCEEDED` half-way: the same again goes on from there.
    public func undo(
        _ changeID: String,
        isDryRun: Bool = false,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        try await ClientError.around { () throws(SwitchboardError) in
            let request = UndoRequest(
                change: try ChangeName.bytes(changeID),
                way: ReversalWay(options, isDryRun: isDryRun)
            )
            return PublishReceipt(try await updater.call(Methods.undo, request, within: Self.reversalTime), numbers: [])
        }
    }

    /// Undoes all that came after a record, but for keys and purges, and waits until the replicas know it.
    ///
    /// - Parameters:
    ///   - seq: the end of an operation, as `history` tells it; 0: the beginning.
    ///   - vertical: nil: all.
    /// - Throws: `OUT_OF_RANGE` beyond the log's head or below a trimmed log; `INVALID_ARGUMENT` inside an operation;
    ///   `FAILED_PRECONDITION` across a switch of models; `DEADLINE_EXCEEDED` half-way: the same again goes on from there.
    public func rollback(
        to seq: UInt64,
        vertical: String? = nil,
        isDryRun: Bool = false,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        try await ClientError.around { () throws(SwitchboardError) in
            var request = RollbackRequest(to: LogSequence(seq), way: ReversalWay(options, isDryRun: isDryRun))
            if let vertical { request.vertical = try Vertical(vertical) }
            return PublishReceipt(
                try await updater.call(Methods.rollback, request, within: Self.reversalTime),
                numbers: []
            )
        }
    }

    /// The most that a call may take: a large log is read whole.
    private static var reversalTime: Duration { MethodLimits.maximumUnaryTime }
}

extension ReversalWay {
    fileprivate init(_ options: PublishOptions, isDryRun: Bool) {
        self.init(
            source: options.source,
            author: options.author,
            isDryRun: isDryRun,
            wait: options.waitsUntilApplied ? .applied : .durable
        )
    }
}

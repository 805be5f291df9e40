internal import Calls
internal import Core
internal import Wire

/// Streams pairs into a live index: gathers them into batches, keeps a few batches in flight, and answers with receipts
/// in the order of sending.
///
/// A receipt means that the batch is on the node's disk. Where the node is busy or goes away for a while, what has not
/// been acknowledged is sent again with the same operation ids, so nothing goes in twice. Used by one task at a time;
/// whoever makes one ends with `finish` or `cancel`. It reads no files and does not encode.
public final class IndexPublisher {
    private struct SentBatch {
        let batch: BatchAssembly.Batch
        var waits: Bool
        /// Sent before, to wait for the replicas now: its effects are counted already.
        var isSecondTime = false

        var request: AppendRequest {
            AppendRequest(batch: batch.batch, wait: waits ? .applied : .durable, waitLimit: waits ? .seconds(10) : nil)
        }
    }

    /// Groups everything that this publisher sends.
    public let changeID: String
    /// What was acknowledged so far.
    public private(set) var totals = PublishTotals()

    private let channel: CallChannel
    private let options: PublishOptions
    private var assembly: BatchAssembly
    private var stream: ClientStream<AppendRequest, AppendReply>?
    /// Sent and not acknowledged, oldest first.
    private var inFlight: [SentBatch] = []
    private var lastBatch: BatchAssembly.Batch?
    private var lastWaited = false
    /// Since when nothing was acknowledged although it was tried; nil while all goes well.
    private var stalledSince: ContinuousClock.Instant?
    private var pause = IndexPublisher.firstPause

    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(2)

    init(channel: CallChannel, options: PublishOptions) throws(ClientError) {
        self.channel = channel
        self.options = options
        changeID = options.changeID ?? ChangeID.make("publish")
        do {
            assembly = try BatchAssembly(options, change: changeID)
        } catch {
            throw ClientError(error)
        }
    }

    /// Takes a pair; waits while as many batches are in flight as may be.
    ///
    /// - Parameter number: the sender's own for this pair, given back with refusals; not negative.
    /// - Returns: receipts that came in meanwhile, mostly none.
    /// - Throws: what the node refused the batch with, or `UNAVAILABLE` after the patience. Nothing more can be sent then.
    public func send(_ exemplar: Exemplar, number: Int = 0) async throws(ClientError) -> [PublishReceipt] {
        var receipts: [PublishReceipt] = []
        let command = LogCommand.upsert(exemplar.command)
        if !assembly.hasRoom(for: command) { receipts = try await flush() }
        assembly.add(command, number: number)
        return assembly.isFull ? receipts + (try await flush()) : receipts
    }

    /// Sends what has been gathered so far.
    ///
    /// - Returns: receipts that came in meanwhile.
    public func flush() async throws(ClientError) -> [PublishReceipt] {
        guard !assembly.isEmpty else { return [] }
        return try await sendBatch(SentBatch(batch: assembly.take(), waits: false))
    }

    /// Waits for the receipt of the oldest batch that is in flight.
    ///
    /// - Returns: nil where none is. What is still gathered stays unsent.
    public func next() async throws(ClientError) -> PublishReceipt? {
        while !inFlight.isEmpty {
            if let receipt = try await receive() { return receipt }
        }
        return nil
    }

    /// Sends the rest as the last batch: its receipt comes when the replicas have applied it.
    ///
    /// - Returns: receipts that came in meanwhile.
    public func flushLast() async throws(ClientError) -> [PublishReceipt] {
        if !assembly.isEmpty {
            return try await sendBatch(SentBatch(batch: assembly.take(), waits: options.waitsUntilApplied))
        }
        guard options.waitsUntilApplied, !lastWaited, let lastBatch else { return [] }
        // The same operation again has no second effect, but its receipt waits.
        return try await sendBatch(SentBatch(batch: lastBatch, waits: true, isSecondTime: true))
    }

    /// Sends the rest, waits for all receipts and until the replicas have applied the last batch, and ends the stream.
    ///
    /// - Returns: the receipts that were still missing.
    public func finish() async throws(ClientError) -> [PublishReceipt] {
        var receipts = try await flushLast()
        while let receipt = try await next() { receipts.append(receipt) }
        await stream?.finish()
        while (try? await stream?.next()) != nil {}
        stream = nil
        return receipts
    }

    /// Gives up what is in flight; what of it was applied is not known.
    public func cancel() async {
        await stream?.cancel()
        stream = nil
    }

    /// Number of the first pair that was sent or gathered and is not acknowledged; nil: there is none.
    public var firstUnacknowledged: Int? {
        inFlight.first { !$0.isSecondTime }?.batch.numbers.first ?? assembly.firstNumber
    }

    // MARK: Batches

    private func sendBatch(_ batch: SentBatch) async throws(ClientError) -> [PublishReceipt] {
        var receipts: [PublishReceipt] = []
        while inFlight.count >= min(max(options.batchesInFlight, 1), 32) {
            if let receipt = try await receive() { receipts.append(receipt) }
        }
        inFlight.append(batch)
        lastBatch = batch.batch
        lastWaited = batch.waits
        do {
            try await openedStream().send(batch.request)
        } catch {
            try await sendAgain(after: error)
        }
        return receipts
    }

    /// Waits for the next reply.
    ///
    /// - Returns: nil where it was the second one of a batch.
    private func receive() async throws(ClientError) -> PublishReceipt? {
        while true {
            do throws(SwitchboardError) {
                guard let reply = try await openedStream().next() else {
                    throw SwitchboardError(.unavailable, "the updater ended the stream")
                }
                return settle(reply)
            } catch {
                try await sendAgain(after: error)
            }
        }
    }

    private func settle(_ reply: AppendReply) -> PublishReceipt? {
        stalledSince = nil
        pause = Self.firstPause
        let sent = inFlight.removeFirst()
        let receipt = PublishReceipt(reply, numbers: sent.batch.numbers)
        guard !sent.isSecondTime else {
            totals.behind = receipt.behind
            return nil
        }
        totals.add(receipt)
        return receipt
    }

    private func openedStream() async throws(SwitchboardError) -> ClientStream<AppendRequest, AppendReply> {
        if let stream { return stream }
        let opened = try await channel.open(Methods.publish)
        stream = opened
        return opened
    }

    // MARK: Sending again

    /// Opens a new stream and sends what is not acknowledged, until that works or patience is at its end.
    private func sendAgain(after first: SwitchboardError) async throws(ClientError) {
        var error = first
        let since = stalledSince ?? .now
        stalledSince = since
        while true {
            await cancel()
            guard isWorthAnotherTry(error), .now + pause < since + options.patience else { throw ClientError(error) }
            do {
                try await Task.sleep(for: max(pause, error.retryAfter ?? .zero))
            } catch {
                throw ClientError(SwitchboardError(.cancelled, "publishing was cancelled"))
            }
            pause = min(pause * 2, Self.longestPause)
            do {
                let stream = try await openedStream()
                for batch in inFlight { try await stream.send(batch.request) }
                return
            } catch let next {
                error = next
            }
        }
    }

    /// A node that was never reached is most likely not there, and whoever waits for it wants to know at once.
    private func isWorthAnotherTry(_ error: SwitchboardError) -> Bool {
        switch error.code {
        case .resourceExhausted: error.retryAfter != nil
        case .unavailable: totals.batches > 0 && !Task.isCancelled
        case .deadlineExceeded: true
        default: false
        }
    }
}

extension SwitchboardClient {
    /// Opens a way into the index for many pairs.
    ///
    /// - Throws: `INVALID_ARGUMENT` for options that are not accepted. The node is first spoken to with the first batch.
    public func publisher(_ options: PublishOptions = PublishOptions()) throws(ClientError) -> IndexPublisher {
        try IndexPublisher(channel: updater, options: options)
    }
}

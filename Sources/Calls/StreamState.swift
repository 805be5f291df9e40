internal import Core

/// One end of a stream: what has come in and waits to be read, how many more messages the peer may send, how many we
/// may, and who waits for either. Kept by the actor that owns the socket; both ends use the same rules.
///
/// The receiver grants a window of messages at the start and gives back what its reader has taken, half a window at a
/// time, so what waits here never exceeds the window.
struct StreamState {
    static let window = 64

    private var inbox: [[UInt8]] = []
    private var readIndex = 0
    private var isInputClosed = false
    private var reader: CheckedContinuation<Result<[UInt8]?, SwitchboardError>, Never>?
    private var peerMaySend: Int
    private var takenSinceGrant = 0
    private(set) var maySend: Int
    private var writers: [CheckedContinuation<Result<Void, SwitchboardError>, Never>] = []
    private var readFailure: SwitchboardError?
    private var writeFailure: SwitchboardError?

    /// - Parameters:
    ///   - granting: the window that the peer was given at the start.
    ///   - maySend: the window that the peer gave.
    init(granting: Int, maySend: Int) {
        peerMaySend = granting
        self.maySend = maySend
    }

    // MARK: Reading

    /// A message came in.
    ///
    /// - Returns: false where the peer had no right to send it.
    mutating func receive(_ message: [UInt8]) -> Bool {
        guard peerMaySend > 0, !isInputClosed else { return false }
        peerMaySend -= 1
        if let waiting = reader {
            reader = nil
            takenSinceGrant += 1
            waiting.resume(returning: .success(message))
        } else {
            inbox.append(message)
        }
        return true
    }

    /// The peer sends no more.
    mutating func closeInput() {
        isInputClosed = true
        if let waiting = reader {
            reader = nil
            waiting.resume(returning: .success(nil))
        }
    }

    /// Gives the reader what waits, or the end, or else keeps it until something comes.
    ///
    /// Looks and registers in one step: no other code of the actor may run between.
    mutating func read(_ continuation: CheckedContinuation<Result<[UInt8]?, SwitchboardError>, Never>) {
        precondition(reader == nil, "a stream has one reader")
        if readIndex < inbox.count {
            let message = inbox[readIndex]
            readIndex += 1
            if readIndex == inbox.count {
                inbox.removeAll(keepingCapacity: true)
                readIndex = 0
            }
            takenSinceGrant += 1
            continuation.resume(returning: .success(message))
        } else if let readFailure {
            continuation.resume(returning: .failure(readFailure))
        } else if isInputClosed {
            continuation.resume(returning: .success(nil))
        } else {
            reader = continuation
        }
    }

    /// How many messages the peer is to be granted now; 0 while not worth a frame.
    mutating func takeGrant() -> Int {
        guard takenSinceGrant >= Self.window / 2, !isInputClosed else { return 0 }
        let grant = takenSinceGrant
        takenSinceGrant = 0
        peerMaySend += grant
        return grant
    }

    // MARK: Writing

    /// Gives the writer the right to send one message, or keeps it until the peer grants one; in one step.
    mutating func write(_ continuation: CheckedContinuation<Result<Void, SwitchboardError>, Never>) {
        if let writeFailure {
            continuation.resume(returning: .failure(writeFailure))
        } else if maySend > 0, writers.isEmpty {
            maySend -= 1
            continuation.resume(returning: .success(()))
        } else {
            writers.append(continuation)
        }
    }

    /// The peer grants more; writers that waited take their right from it, in order.
    mutating func grant(_ count: Int) {
        maySend += count
        while maySend > 0, !writers.isEmpty {
            maySend -= 1
            writers.removeFirst().resume(returning: .success(()))
        }
    }

    // MARK: End

    /// The call is over and went wrong: whoever waits is told, and later reads and writes too. What waits in the inbox
    /// is still read.
    mutating func fail(_ error: SwitchboardError) {
        readFailure = readFailure ?? error
        reader?.resume(returning: .failure(error))
        reader = nil
        closeOutput(error)
    }

    /// The peer reads no more: writers are told, now and later.
    mutating func closeOutput(_ error: SwitchboardError) {
        writeFailure = writeFailure ?? error
        for writer in writers { writer.resume(returning: .failure(error)) }
        writers.removeAll()
    }
}

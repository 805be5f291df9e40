internal import Core

/// One end of a stream: what has come in and waits to be read, how many more messages the peer may send, how many we
/// may, and who waits for either. Kept by the actor that owns the socket; both ends use the same rules.
///
/// The receiver grants a window of messages at the start and gives back what its reader has taken, half a window at a
/// time, so what waits here never exceeds the window. How large the messages will be nobody knows when they are granted:
/// a limit of the bytes in all goes with the grants and moves on with the reader, as in QUIC (RFC 9000, 4.1), but that the
/// last message may exceed it, since one may be larger than any window.
struct StreamState {
    /// Messages that are granted and not read yet, at most.
    static let window = 64
    /// What is granted to a peer whose messages may be of any size.
    static let firstWindow = 8
    /// What the messages of a window may hold together, the last one aside.
    static let windowBytes = 8 * 1024 * 1024

    /// So many messages, and the bytes of all messages of the stream before which one may be sent.
    struct Grant: Equatable {
        var messages: Int
        var byteLimit: Int
    }

    private struct Writer {
        let bytes: Int
        let continuation: CheckedContinuation<Result<Void, SwitchboardError>, Never>
    }

    private var inbox: [[UInt8]] = []
    private var readIndex = 0
    /// Bytes in the inbox.
    private(set) var unreadBytes = 0
    /// Bytes of all messages that the reader has got.
    private var readBytes = 0
    /// The peer knows of it.
    private var grantedByteLimit = StreamState.windowBytes
    /// Of late: it is forgotten by an eighth a message.
    private var largestBytes = 1
    private var isInputClosed = false
    private var reader: CheckedContinuation<Result<[UInt8]?, SwitchboardError>, Never>?
    private var peerMaySend: Int
    private var maySend: Int
    private var sentBytes = 0
    /// Nil: the peer has said none.
    private var byteLimit: Int?
    private var writers: [Writer] = []
    /// Writers whose message waits until the socket takes it, in the order of the messages.
    private var held: [CheckedContinuation<Result<Void, SwitchboardError>, Never>] = []
    private var readFailure: SwitchboardError?
    private var writeFailure: SwitchboardError?

    /// - Parameters:
    ///   - granting: the messages that the peer is granted at the start, with `windowBytes`.
    ///   - maySend: what the peer granted.
    ///   - byteLimit: and its limit; 0: none.
    init(granting: Int, maySend: Int, byteLimit: Int = 0) {
        peerMaySend = granting
        self.maySend = maySend
        self.byteLimit = byteLimit > 0 ? byteLimit : nil
    }

    // MARK: Reading

    /// A message came in.
    ///
    /// - Returns: false where the peer had no right to send it.
    mutating func receive(_ message: [UInt8]) -> Bool {
        guard peerMaySend > 0, !isInputClosed else { return false }
        peerMaySend -= 1
        largestBytes = max(message.count, largestBytes - largestBytes / 8)
        if let waiting = reader {
            reader = nil
            readBytes += message.count
            waiting.resume(returning: .success(message))
        } else {
            inbox.append(message)
            unreadBytes += message.count
        }
        return true
    }

    /// Whether somebody waits for the next message, so that it would not wait here.
    var hasReader: Bool { reader != nil }

    /// Whether the inbox holds none.
    var isEmpty: Bool { readIndex == inbox.count }

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
            inbox[readIndex] = []
            readIndex += 1
            unreadBytes -= message.count
            readBytes += message.count
            if readIndex == inbox.count {
                inbox.removeAll(keepingCapacity: true)
                readIndex = 0
            } else if readIndex > Self.window {
                inbox.removeFirst(readIndex)
                readIndex = 0
            }
            continuation.resume(returning: .success(message))
        } else if let readFailure {
            continuation.resume(returning: .failure(readFailure))
        } else if isInputClosed {
            continuation.resume(returning: .success(nil))
        } else {
            reader = continuation
        }
    }

    /// What the peer is to be granted now; nil while not worth a frame.
    ///
    /// - Parameter isShort: there is little room for what is not read, so one message at a time is enough.
    mutating func takeGrant(isShort: Bool = false) -> Grant? {
        guard !isInputClosed, readFailure == nil else { return nil }
        let wanted = isShort ? 1 : min(max(Self.windowBytes / max(largestBytes, 1), 1), Self.window)
        let missing = max(wanted - peerMaySend - (inbox.count - readIndex), 0)
        let limit = readBytes + (isShort ? 1 : Self.windowBytes)
        let progress = limit - grantedByteLimit
        guard
            missing > 0 && missing >= wanted / 2
                || progress > 0 && (isShort || progress >= Self.windowBytes / 2)
        else { return nil }
        peerMaySend += missing
        grantedByteLimit = max(limit, grantedByteLimit)
        return Grant(messages: missing, byteLimit: grantedByteLimit)
    }

    // MARK: Writing

    /// Gives the writer the right to send a message of so many bytes, or keeps it until the peer grants one; in one step.
    mutating func write(_ bytes: Int, _ continuation: CheckedContinuation<Result<Void, SwitchboardError>, Never>) {
        if let writeFailure { return continuation.resume(returning: .failure(writeFailure)) }
        writers.append(Writer(bytes: bytes, continuation: continuation))
        letWrite()
    }

    /// The peer grants more messages, and bytes unless `byteLimit` is 0; writers that waited take their right from it, in
    /// order.
    mutating func grant(_ messages: Int, byteLimit: Int) {
        // Whoever grants without end shall have it; the sum stays a number.
        maySend = min(maySend + messages, Int(UInt32.max))
        if byteLimit > 0 { self.byteLimit = max(byteLimit, self.byteLimit ?? 0) }
        letWrite()
    }

    private mutating func letWrite() {
        while maySend > 0, sentBytes < byteLimit ?? .max, let writer = writers.first {
            maySend -= 1
            sentBytes += writer.bytes
            writers.removeFirst()
            writer.continuation.resume(returning: .success(()))
        }
    }

    /// The message of a writer waits for the socket, and the writer with it.
    mutating func hold(_ continuation: CheckedContinuation<Result<Void, SwitchboardError>, Never>) {
        if let writeFailure {
            continuation.resume(returning: .failure(writeFailure))
        } else {
            held.append(continuation)
        }
    }

    /// The socket has taken the first of the messages that waited.
    mutating func letGo() {
        guard !held.isEmpty else { return }
        held.removeFirst().resume(returning: .success(()))
    }

    /// Whether messages wait for the socket.
    var isHeld: Bool { !held.isEmpty }

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
        for writer in writers.map(\.continuation) + held { writer.resume(returning: .failure(error)) }
        writers.removeAll()
        held.removeAll()
    }
}

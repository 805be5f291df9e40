/// Messages that wait for a client that reads slowly, in order.
///
/// Replies are bounded and may be refused. Messages of streams are not: their writers wait with them, so there are few.
struct Backlog {
    struct Entry {
        let frames: [[UInt8]]
        /// Of the call whose stream it belongs to; nil: a reply, or a frame about the call itself.
        let stream: UInt64?
        fileprivate let bytes: Int
    }

    private var entries: [Entry] = []
    private var sent = 0
    private var replies = 0
    private var replyBytes = 0
    /// Of all that waits.
    private(set) var bytes = 0
    /// The client has taken nothing since.
    private(set) var since: ContinuousClock.Instant

    init(since: ContinuousClock.Instant) {
        self.since = since
    }

    var isEmpty: Bool { sent == entries.count }

    /// What is to be sent next.
    var first: Entry? { isEmpty ? nil : entries[sent] }

    /// All that waits.
    var waiting: ArraySlice<Entry> { entries[sent...] }

    /// - Returns: false where the share of replies is full.
    mutating func add(reply frames: [[UInt8]], within messageLimit: Int, _ byteLimit: Int) -> Bool {
        let bytes = Self.size(of: frames)
        guard replies < messageLimit, replyBytes + bytes <= byteLimit else { return false }
        entries.append(Entry(frames: frames, stream: nil, bytes: bytes))
        replies += 1
        replyBytes += bytes
        self.bytes += bytes
        return true
    }

    mutating func add(message frames: [[UInt8]], of stream: UInt64) {
        let bytes = Self.size(of: frames)
        entries.append(Entry(frames: frames, stream: stream, bytes: bytes))
        self.bytes += bytes
    }

    /// The client has taken it.
    mutating func removeFirst(at now: ContinuousClock.Instant) {
        let entry = entries[sent]
        if entry.stream == nil {
            replies -= 1
            replyBytes -= entry.bytes
        }
        bytes -= entry.bytes
        since = now
        entries[sent] = Entry(frames: [], stream: nil, bytes: 0)
        sent += 1
        if sent > 1_024 {
            entries.removeFirst(sent)
            sent = 0
        }
    }

    /// The stream has ended: what waits of it is not sent any more.
    mutating func remove(stream: UInt64) {
        entries.removeFirst(sent)
        sent = 0
        for entry in entries where entry.stream == stream { bytes -= entry.bytes }
        entries.removeAll { $0.stream == stream }
    }

    private static func size(of frames: [[UInt8]]) -> Int { frames.reduce(0) { $0 + $1.count } }
}

/// What waits for all clients that read slowly.
struct Backlogs {
    private var ofClients: [[UInt8]: Backlog] = [:]
    /// Of all together.
    private(set) var bytes = 0

    var isEmpty: Bool { ofClients.isEmpty }
    var clients: [[UInt8]] { Array(ofClients.keys) }

    /// The one that has taken nothing for the longest time.
    var slowest: [UInt8]? { ofClients.min { $0.value.since < $1.value.since }?.key }

    func hasSome(for client: [UInt8]) -> Bool { ofClients[client] != nil }

    func first(for client: [UInt8]) -> Backlog.Entry? { ofClients[client]?.first }

    mutating func change<Result>(
        _ client: [UInt8],
        at now: ContinuousClock.Instant = .now,
        _ body: (inout Backlog) -> Result,
    ) -> Result {
        // Taken out, so that it is not copied.
        var backlog = ofClients.removeValue(forKey: client) ?? Backlog(since: now)
        bytes -= backlog.bytes
        let result = body(&backlog)
        bytes += backlog.bytes
        if !backlog.isEmpty { ofClients[client] = backlog }
        return result
    }

    /// - Returns: what waited for the client.
    @discardableResult
    mutating func removeAll(for client: [UInt8]) -> Backlog? {
        guard let backlog = ofClients.removeValue(forKey: client) else { return nil }
        bytes -= backlog.bytes
        return backlog
    }
}

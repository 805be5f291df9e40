/// Messages that wait for a client that reads slowly, in order.
///
/// Replies are bounded and may be refused. Messages of streams are not: their writers wait with them, so there are few.
struct Backlog {
    private struct Entry {
        let frames: [[UInt8]]
        let bytes: Int
        /// Of the call whose stream it belongs to; nil: a reply, or a frame about the call itself.
        let stream: UInt64?
    }

    private var entries: [Entry] = []
    private var sent = 0
    private var replies = 0
    private var replyBytes = 0

    /// What is to be sent next, and the call whose stream it belongs to.
    var first: (frames: [[UInt8]], stream: UInt64?)? {
        guard sent < entries.count else { return nil }
        return (frames: entries[sent].frames, stream: entries[sent].stream)
    }

    /// - Returns: false where the share of replies is full.
    mutating func add(reply frames: [[UInt8]], within messageLimit: Int, _ byteLimit: Int) -> Bool {
        let bytes = frames.reduce(0) { $0 + $1.count }
        guard replies < messageLimit, replyBytes + bytes <= byteLimit else { return false }
        entries.append(Entry(frames: frames, bytes: bytes, stream: nil))
        replies += 1
        replyBytes += bytes
        return true
    }

    mutating func add(message frames: [[UInt8]], of stream: UInt64) {
        entries.append(Entry(frames: frames, bytes: 0, stream: stream))
    }

    mutating func removeFirst() {
        let entry = entries[sent]
        if entry.stream == nil {
            replies -= 1
            replyBytes -= entry.bytes
        }
        entries[sent] = Entry(frames: [], bytes: 0, stream: nil)
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
        entries.removeAll { $0.stream == stream }
    }
}

internal import Wire

/// Messages that wait until the socket takes them, in order. What belongs to a call goes when the call ends.
struct Outbox {
    private struct Entry {
        let callID: UInt64
        /// Without it the server does not know of the call.
        let opensCall: Bool
        let frames: [[UInt8]]
        let bytes: Int
    }

    private var entries: [Entry] = []
    /// Of all frames that wait.
    private(set) var bytes = 0

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// - Parameter header: the one that is the first of the frames.
    mutating func append(_ frames: [[UInt8]], of header: Header) {
        let size = frames.reduce(0) { $0 + $1.count }
        entries.append(
            Entry(callID: header.callID, opensCall: header.kind == .call, frames: frames, bytes: size)
        )
        bytes += size
    }

    /// Gives the messages in order to `take` until it refuses one.
    mutating func send(_ take: ([[UInt8]]) -> Bool) {
        let sent = entries.firstIndex { !take($0.frames) } ?? entries.count
        bytes -= entries[..<sent].reduce(0) { $0 + $1.bytes }
        entries.removeFirst(sent)
    }

    /// Takes out what waits of a call.
    ///
    /// - Returns: whether its opening was among it, so that the server never learns of the call.
    @discardableResult
    mutating func remove(_ callID: UInt64) -> Bool {
        var removed = 0
        var hadOpening = false
        entries.removeAll { entry in
            guard entry.callID == callID else { return false }
            removed += entry.bytes
            if entry.opensCall { hadOpening = true }
            return true
        }
        bytes -= removed
        return hadOpening
    }

    mutating func removeAll() {
        entries.removeAll()
        bytes = 0
    }
}

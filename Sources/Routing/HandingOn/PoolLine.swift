package import Core

/// Unexplained utterances that wait for the clusterer. A value of bounded size: what comes when it is full pushes out what
/// waits longest, so that a caller's reply never waits for it.
package struct PoolLine: Sendable {
    package static let maximumEntries = 2_048
    package static let maximumBytes = 4 << 20
    /// Of what is sent at once.
    package static let batchEntries = 256
    package static let batchBytes = 128 << 10

    package private(set) var entries: [PoolEntry] = []
    package private(set) var bytes = 0

    package init() {}

    /// - Returns: how many were pushed out.
    package mutating func append(_ new: [PoolEntry]) -> Int {
        entries += new
        bytes += new.reduce(0) { $0 + Self.bytes(of: $1) }
        return pushOut()
    }

    /// The oldest, at least one where there is any.
    package mutating func take() -> [PoolEntry] {
        var count = 0
        var size = 0
        while count < min(entries.count, Self.batchEntries) {
            let next = Self.bytes(of: entries[count])
            if count > 0, size + next > Self.batchBytes { break }
            size += next
            count += 1
        }
        let batch = Array(entries[..<count])
        entries.removeFirst(count)
        bytes -= size
        return batch
    }

    /// What was taken and could not be sent waits again, before all others.
    ///
    /// - Returns: how many were pushed out.
    package mutating func putBack(_ batch: [PoolEntry]) -> Int {
        entries = batch + entries
        bytes += batch.reduce(0) { $0 + Self.bytes(of: $1) }
        return pushOut()
    }

    private mutating func pushOut() -> Int {
        var count = 0
        while entries.count - count > Self.maximumEntries || bytes > Self.maximumBytes {
            bytes -= Self.bytes(of: entries[count])
            count += 1
        }
        entries.removeFirst(count)
        return count
    }

    private static func bytes(of entry: PoolEntry) -> Int {
        128 + entry.text.value.utf8.count + entry.requestID.count + entry.conversationID.count + entry.origin.count
    }
}

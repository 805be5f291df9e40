internal import Core
internal import Models

/// Which requests are under way at a server and which wait, live ones first: both bounded. Updates and discovery leave
/// some places free, so that a caller does not wait for the end of theirs.
///
/// A value; `EngineServer` carries out what it says.
struct RequestLine: Sendable {
    struct Limits: Sendable {
        var underWay: Int
        var waiting = 1_024
        var waitingBytes = 64 * 1024 * 1024
    }

    private let limits: Limits
    private(set) var underWay = 0
    private var lines = PerPriority(repeating: FirstInFirstOut<UInt64>())
    private var bytes: [UInt64: Int] = [:]
    private var waitingBytes = 0

    init(_ limits: Limits) {
        precondition(limits.underWay > 0, "a line that nobody leaves")
        self.limits = limits
    }

    var waiting: Int { bytes.count }

    /// - Returns: whether it starts at once; otherwise it waits until `ended` names it.
    /// - Throws: `.resourceExhausted` where there is no room to wait.
    mutating func arrive(_ id: UInt64, _ priority: Priority, bytes count: Int) throws(SwitchboardError) -> Bool {
        if isFree(for: priority) {
            underWay += 1
            return true
        }
        guard Double(waiting) < Double(limits.waiting) * priority.share,
            Double(waitingBytes + count) <= Double(limits.waitingBytes) * priority.share
        else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(waiting) requests wait for the model server already",
                retryAfter: .seconds(1)
            )
        }
        lines[priority].append(id)
        bytes[id] = count
        waitingBytes += count
        return false
    }

    /// One that was under way is over.
    ///
    /// - Returns: which one starts in its place.
    mutating func ended() -> UInt64? {
        underWay -= 1
        for priority in Priority.allCases where isFree(for: priority) {
            guard let next = lines[priority].popFirst() else { continue }
            forget(next)
            underWay += 1
            return next
        }
        return nil
    }

    /// Whether one of this priority may start; the first in any case.
    private func isFree(for priority: Priority) -> Bool {
        underWay == 0 || Double(underWay) < Double(limits.underWay) * priority.share
    }

    /// Nobody wants it any more.
    ///
    /// - Returns: whether it still waited.
    mutating func withdraw(_ id: UInt64) -> Bool {
        guard bytes[id] != nil else { return false }
        forget(id)
        for priority in Priority.allCases { lines[priority].removeAll { $0 == id } }
        return true
    }

    private mutating func forget(_ id: UInt64) {
        waitingBytes -= bytes.removeValue(forKey: id) ?? 0
    }
}

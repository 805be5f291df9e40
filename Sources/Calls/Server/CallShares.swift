internal import Core

/// The calls in flight of one service, by client, and how long they take: who may have one more, and when whoever is
/// refused had better come back. Of unary calls or of streams, which may be open for ever; or of the bytes of both.
///
/// A client may have as many as there are places free (dynamic thresholds: Choudhury and Hahne 1998, "Dynamic queue length
/// thresholds for shared-memory packet switches"). So whatever n clients send, a share of 1/(n+1) of the places is left for
/// one that has none yet, and a lone client is held by its own limit alone.
package struct CallShares: Sendable {
    private var counts: [ClientIdentity: Int] = [:]
    private var total = 0
    private var time = UsualTime(quantile: 0.5, needed: 1)

    package init() {}

    /// - Parameters:
    ///   - weight: that it would have more.
    ///   - places: for calls of all clients.
    package func hasRoom(for client: ClientIdentity, _ weight: Int = 1, of places: Int) -> Bool {
        counts[client, default: 0] + weight <= places - total
    }

    package mutating func add(_ client: ClientIdentity, _ weight: Int = 1) {
        counts[client, default: 0] += weight
        total += weight
    }

    package mutating func remove(_ client: ClientIdentity, _ weight: Int = 1) {
        guard let count = counts[client] else { return }
        counts[client] = count > weight ? count - weight : nil
        total -= weight
    }

    mutating func answered(after time: Duration) { self.time.observe(time) }

    /// In as long as a call takes now, half of those in flight have gone.
    var retryAfter: Duration { min(max(time.value ?? .milliseconds(50), .milliseconds(10)), .seconds(2)) }
}

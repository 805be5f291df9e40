internal import Calls
internal import Core

/// Snapshots that are on their way: a value that decides who may have one more. Held by the updater, since each takes
/// memory as long as its caller does not read on.
struct SnapshotStreams: Sendable {
    static let maximum = 8

    private var count = 0
    private var shares = CallShares()

    /// - Throws: `.resourceExhausted` where there are as many as there may be, or the client has its share.
    mutating func begin(for client: ClientIdentity) throws(SwitchboardError) {
        guard count < Self.maximum else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(Self.maximum) snapshots are being sent, which is the most",
                retryAfter: .seconds(2)
            )
        }
        guard shares.hasRoom(for: client, of: Self.maximum) else {
            throw SwitchboardError(
                .resourceExhausted,
                "this client has its share of the \(Self.maximum) snapshots that may be sent at a time",
                retryAfter: .seconds(2)
            )
        }
        count += 1
        shares.add(client)
    }

    /// - Parameter client: of one that began.
    mutating func end(for client: ClientIdentity) {
        count -= 1
        shares.remove(client)
    }
}

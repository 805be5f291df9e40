internal import Calls
internal import Core

/// Places for something that takes memory or disk as long as its caller does not read on: a value that decides who may have
/// one more. One client has no more of them than are free.
struct SharedPlaces: Sendable {
    static let maximum = 8

    /// As errors name them, such as "snapshots".
    let things: String

    private var count = 0
    private var shares = CallShares()

    init(for things: String) {
        self.things = things
    }

    /// - Throws: `.resourceExhausted` where all are taken, or the client has its share.
    mutating func take(for client: ClientIdentity) throws(SwitchboardError) {
        guard count < Self.maximum else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(Self.maximum) \(things) are under way, which is the most",
                retryAfter: .seconds(2)
            )
        }
        guard shares.hasRoom(for: client, of: Self.maximum) else {
            throw SwitchboardError(
                .resourceExhausted,
                "this client has its share of the \(Self.maximum) \(things) that may be under way",
                retryAfter: .seconds(2)
            )
        }
        count += 1
        shares.add(client)
    }

    /// - Parameter client: of one that was taken.
    mutating func giveBack(of client: ClientIdentity) {
        count -= 1
        shares.remove(client)
    }
}

internal import Core

/// Which connections there are, from where and with which key: counted for the limits.
///
/// libzmq tells when a connection comes and goes, and which key shook hands from which address, but not which connection
/// that was. It is taken to be the newest of that address whose key is not known yet: who has a key is done within
/// milliseconds, who has none stays for seconds. Where two keys of one address come in the same moment they may be
/// swapped, which shows in the counts only while one of them has gone and the other has not.
struct ConnectionLedger {
    /// A socket's number and the connection's descriptor.
    struct ID: Hashable {
        let socket: Int
        let descriptor: Int32
    }

    private struct Connection {
        let address: String
        var key: PublicKey?
    }

    private var connections: [ID: Connection] = [:]
    private var waiting: [String: [ID]] = [:]
    private var perKey: [PublicKey: Int] = [:]
    private var perAddress: [String: Int] = [:]

    mutating func opened(_ id: ID, from address: String) {
        closed(id)
        connections[id] = Connection(address: address)
        perAddress[address, default: 0] += 1
        waiting[address, default: []].append(id)
    }

    mutating func closed(_ id: ID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        Self.count(-1, connection.address, in: &perAddress)
        if let key = connection.key {
            Self.count(-1, key, in: &perKey)
        } else {
            stopWaiting(id, from: connection.address)
        }
    }

    /// A key was let in.
    mutating func admitted(_ key: PublicKey, from address: String) {
        guard let id = waiting[address]?.last else { return }
        stopWaiting(id, from: address)
        connections[id]?.key = key
        perKey[key, default: 0] += 1
    }

    /// Connections of a key that was let in.
    func count(of key: PublicKey) -> Int { perKey[key, default: 0] }

    /// Connections from an address, those that have not shaken hands yet too.
    func count(from address: String) -> Int { perAddress[address, default: 0] }

    private mutating func stopWaiting(_ id: ID, from address: String) {
        waiting[address]?.removeAll { $0 == id }
        if waiting[address]?.isEmpty == true { waiting[address] = nil }
    }

    private static func count<Key: Hashable>(_ change: Int, _ key: Key, in counts: inout [Key: Int]) {
        let count = counts[key, default: 0] + change
        counts[key] = count == 0 ? nil : count
    }
}

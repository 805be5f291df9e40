internal import Core

/// Which connections there are, from where and with which key: counted for the limits.
///
/// libzmq tells when a connection comes and goes, and which key shook hands from which address, but not which connection
/// that was. It is taken to be the newest of that address whose key is not known yet: who has a key is done within
/// milliseconds, who has none stays for seconds. Where that was wrong the other one goes, such as a handshake that was
/// refused; so a key whose connection goes passes to the newest that waits and was there when the key was let in, if there
/// is one.
///
/// The connections of an address with keys are so never fewer in the count than in truth: it holds for those opened since
/// any moment, since a key is counted on the newest connection that it may be of. They are more at most by
/// those that have not shaken hands, which libzmq drops within seconds. Two keys of one address whose connections come in
/// the same moment may be swapped, which shows in the counts only while one of them has gone and the other has not.
struct ConnectionLedger {
    /// A socket's number and the connection's descriptor.
    struct ID: Hashable {
        let socket: Int
        let descriptor: Int32
    }

    /// A key that was let in.
    private struct Admission {
        let key: PublicKey
        let moment: UInt64
    }

    private struct Connection {
        let address: String
        let opened: UInt64
        var admission: Admission?
    }

    private var connections: [ID: Connection] = [:]
    /// Whose key is not known, the oldest first.
    private var waiting: [String: [ID]] = [:]
    private var perKey: [PublicKey: Int] = [:]
    private var perAddress: [String: Int] = [:]
    /// Counts what was told.
    private var moment: UInt64 = 0

    mutating func opened(_ id: ID, from address: String) {
        closed(id)
        moment += 1
        connections[id] = Connection(address: address, opened: moment)
        perAddress[address, default: 0] += 1
        waiting[address, default: []].append(id)
    }

    mutating func closed(_ id: ID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        Self.count(-1, connection.address, in: &perAddress)
        guard let admission = connection.admission else { return stopWaiting(id, from: connection.address) }
        let heir = waiting[connection.address]?.last { other in
            connections[other].map { $0.opened < admission.moment } ?? false
        }
        if let heir {
            stopWaiting(heir, from: connection.address)
            connections[heir]?.admission = admission
        } else {
            Self.count(-1, admission.key, in: &perKey)
        }
    }

    /// A key was let in. Where all connections of the address have keys, one too many is counted already.
    mutating func admitted(_ key: PublicKey, from address: String) {
        guard let id = waiting[address]?.last else { return }
        moment += 1
        stopWaiting(id, from: address)
        connections[id]?.admission = Admission(key: key, moment: moment)
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

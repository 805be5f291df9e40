internal import Core
internal import Glibc
internal import Messaging
internal import UpdateStore

/// Looks at a node's own key pair and at the keys of its log.
struct KeyChecks {
    private static let name = "keys"

    let configuration: NodeConfiguration

    /// Whether other machines would reach the node, which was not told to do without keys.
    var areNeeded: Bool {
        guard !configuration.isInsecure else { return false }
        do {
            try configuration.addresses.requireLocal()
            return false
        } catch {
            return true
        }
    }

    /// The file with the node's own pair, where there is one or has to be.
    func file() -> DoctorCheck? {
        guard let path = path() else { return nil }
        do {
            let pair = try KeyFile.read(path)
            if let other = differs(pair, in: path) { return other }
            let passedOver = configuration.passedOverKeyFile.map {
                "; \($0), which $SWITCHBOARD_KEY names, is for commands and not this node's own"
            }
            return .ok(
                "key file",
                "\(path), closed to others; its public key is \(pair.publicKey)\(passedOver ?? "")"
            )
        } catch {
            return .problem(
                "key file",
                error.message,
                remedy: "chmod 600 \(path), or restore it from a backup: with another pair the node has another address"
            )
        }
    }

    /// A problem where the pair is not the one by which clients know the node.
    private func differs(_ pair: KeyPair, in path: String) -> DoctorCheck? {
        guard configuration.keyFile != nil, configuration.roles.contains(.updater), let data = configuration.dataPath
        else { return nil }
        do throws(SwitchboardError) {
            try NodeKeyPair.requireOwn(pair, from: path, own: DataDirectory.nodeKeyPath(in: data))
            return nil
        } catch {
            return .problem(
                "key file",
                error.message,
                remedy: "leave --key out: the node takes the pair in its data directory"
            )
        }
    }

    /// The node's own pair; nil where there is none that this user may read.
    func pair() -> KeyPair? { path().flatMap { try? KeyFile.read($0) } }

    /// The pair by which the node that runs on the data directory is known; nil where there is none that this user may
    /// read.
    func runningPair() -> KeyPair? {
        let own = configuration.dataPath.map { DataDirectory.nodeKeyPath(in: $0) }
        if let own, let pair = try? KeyFile.read(own) { return pair }
        return pair()
    }

    /// - Returns: nil where the first start makes it, or none is needed.
    private func path() -> String? {
        if let file = configuration.keyFile { return file }
        guard let data = configuration.dataPath else { return nil }
        // As `NodeKeyPair.find` does for a node that has none of its own and meets one that asks for one.
        guard configuration.roles.contains(.updater) || (try? configuration.meetsKeys()) == true else { return nil }
        let path = DataDirectory.nodeKeyPath(in: data)
        return access(path, F_OK) == 0 ? path : nil
    }

    static func check(_ keys: KeyRegister, areNeeded: Bool) -> DoctorCheck {
        guard keys.isEmpty else {
            let admins = keys.all.filter(\.isLiveAdmin).count
            let found = "\(keys.liveCount) in use, \(admins) of them admins'"
            guard admins > 1 else {
                return .warning(
                    name,
                    "\(found); where its file is lost nobody can add or revoke a key",
                    remedy: "add a second admin: switchboard keys add NAME --role admin --public-key KEY"
                )
            }
            return .ok(name, found)
        }
        guard areNeeded else { return .ok(name, "none: a node listens on this machine alone") }
        return .problem(
            name,
            "there are none, and the addresses to listen on can be reached from other machines",
            remedy: "switchboard keys generate --role admin --data DIR, or listen on 127.0.0.1"
        )
    }
}

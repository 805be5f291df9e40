internal import Core
internal import Glibc
internal import Messaging
internal import UpdateStore

/// Which key pair is a node's own.
enum NodeKeyPair {
    /// - Parameter directory: of an updater, which makes its pair at its first start.
    /// - Returns: nil for a node that has none and meets nobody who asks for one.
    /// - Throws: `.failedPrecondition` where the file cannot be read or others may read it, where it holds another pair
    ///   than the directory does, and where an address names a node's key and this one has none.
    static func find(
        for configuration: NodeConfiguration,
        _ directory: DataDirectory?,
    ) throws(SwitchboardError) -> KeyPair? {
        if let file = configuration.keyFile {
            let pair = try KeyFile.read(file)
            if let directory { try requireOwn(pair, from: file, own: directory.nodeKeyPath) }
            return pair
        }
        if let directory { return try ownPair(in: directory) }
        guard try configuration.meetsKeys() else { return nil }
        if let data = configuration.dataPath {
            let path = DataDirectory.nodeKeyPath(in: data)
            if access(path, F_OK) == 0 { return try KeyFile.read(path) }
        }
        throw SwitchboardError(
            .failedPrecondition,
            "an address names the key of another node, and this one has none of its own; make one with `switchboard keys "
                + "generate --out FILE`, let an admin add its public half with the role worker, and name it with --key FILE"
        )
    }

    /// Whoever knows the node by the key in its data directory would be locked out by another one.
    ///
    /// - Parameters:
    ///   - file: which was named, and holds the pair.
    ///   - own: the file in the data directory, which need not be there.
    /// - Throws: `.failedPrecondition` where that is another pair, or cannot be read.
    static func requireOwn(_ pair: KeyPair, from file: String, own: String) throws(SwitchboardError) {
        guard access(own, F_OK) == 0 else { return }
        let found = try KeyFile.read(own).publicKey
        guard found != pair.publicKey else { return }
        throw SwitchboardError(
            .failedPrecondition,
            "--key names \(file), whose public key is \(pair.publicKey), but this node is known by that in \(own), "
                + "\(found); leave --key out, or move \(own) away where all clients and workers are to name the other one"
        )
    }

    /// The pair of the node that runs on a data directory, made where it is not there yet.
    static func ownPair(in directory: DataDirectory) throws(SwitchboardError) -> KeyPair {
        guard access(directory.nodeKeyPath, F_OK) != 0 else { return try KeyFile.read(directory.nodeKeyPath) }
        let pair = KeyPair.make()
        try KeyFile.write(pair, to: directory.nodeKeyPath)
        return pair
    }
}

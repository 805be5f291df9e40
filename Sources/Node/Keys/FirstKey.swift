package import Core
internal import Messaging
internal import UpdateStore

/// The first key of a log, which is written while no node runs: whoever may write the data directory decides who its admin
/// is.
package struct FirstKey: Sendable {
    package let key: KeySet
    /// The node's, which clients put behind its address.
    package let nodeKey: PublicKey
    package let position: LogPosition

    /// Makes a pair, puts it into a file and its public half into the log. The node's own pair is made too where it is not
    /// there yet.
    ///
    /// - Parameters:
    ///   - data: the data directory, whose lock is held meanwhile.
    ///   - file: where the pair goes; not overwritten. Nil: `keys/NAME.key` of the data directory.
    /// - Returns: with the file's path.
    /// - Throws: `.failedPrecondition` where a node runs on the directory, the log has keys already, the first key would
    ///   be no admin's, or the folder has no log and is somebody else's; `.alreadyExists` where the file is there.
    package static func issue(
        named name: KeyName,
        roles: Set<KeyRole>,
        verticals: Set<Vertical>,
        data: String,
        file: String?,
        author: String,
    ) async throws -> (first: FirstKey, file: String) {
        try DataDirectory.requireOwnOrEmpty(data)
        let directory = try DataDirectory(data)
        let log = try UpdateLog(in: directory)
        do {
            guard log.keys.isEmpty else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "this log has keys already; make a pair without --data, and let an admin add its public half: "
                        + "switchboard keys add"
                )
            }
            let pair = KeyPair.make()
            let key = KeySet(name: name, publicKey: pair.publicKey, roles: roles, verticals: verticals)
            let command = KeyCommand.add(key)
            // Before anything is written.
            _ = try log.keys.fact(for: command)
            let file = file ?? "\(directory.path)/keys/\(name).key"
            let nodeKey = try NodeKeyPair.ownPair(in: directory).publicKey
            try KeyFile.write(pair, to: file)
            let receipt = try await log.append(
                AppendBatch(
                    operation: Bits128.random().bytes,
                    source: "keys generate",
                    author: author,
                    commands: [.setKey(command)]
                )
            )
            try await log.close()
            return (FirstKey(key: key, nodeKey: nodeKey, position: receipt.position), file)
        } catch {
            try? await log.close()
            throw error
        }
    }
}

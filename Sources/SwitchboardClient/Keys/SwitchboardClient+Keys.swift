internal import Calls
internal import Core
internal import Wire

/// What an admin does with keys.
extension SwitchboardClient {
    /// Lets the holder of a public half connect, or gives a key that there is other roles and verticals.
    ///
    /// - Returns: `unchanged` is 1 where it is so already.
    /// - Throws: `INVALID_ARGUMENT` for a key that is wrong in itself; `ALREADY_EXISTS` where name or public half is another
    ///   key's; `FAILED_PRECONDITION` for one that was revoked, and at a node without keys; `PERMISSION_DENIED` for who is
    ///   no admin.
    public func addKey(
        _ key: KeyEntry,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let command = try await ClientError.around { () throws(SwitchboardError) in KeyCommand.add(try key.checked()) }
        return try await append([.setKey(command)], options, kind: "add-key")
    }

    /// Shuts a key out for ever: its calls are answered with UNAUTHENTICATED and its streams end.
    ///
    /// - Returns: `unchanged` is 1 where it was revoked before.
    /// - Throws: `NOT_FOUND` for a name that there is not; `FAILED_PRECONDITION` for the last admin.
    public func revokeKey(
        named name: String,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let command = try await ClientError.around { () throws(SwitchboardError) in
            KeyCommand.revoke(try KeyName(name))
        }
        return try await append([.setKey(command)], options, kind: "revoke-key")
    }

    /// All keys, by name, those that were revoked too.
    ///
    /// - Throws: `PERMISSION_DENIED` for who is no admin.
    public func keys() async throws(ClientError) -> [KeyEntry] {
        try await ClientError.around { () throws(SwitchboardError) in
            let stream = try await updater.open(Methods.listKeys, ListKeysRequest(), within: .seconds(30))
            var keys: [KeyEntry] = []
            while let part = try await stream.next() { keys += part.keys.map { KeyEntry($0) } }
            return keys
        }
    }
}

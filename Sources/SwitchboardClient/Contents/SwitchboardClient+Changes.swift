internal import Calls
package import Core
internal import Wire

extension SwitchboardClient {
    /// What is to be known of an intent from now on; what is nil stays as it is.
    public struct IntentChange: Sendable {
        /// For people and prompts; empty: none any more.
        public var description: String?
        /// What a router may say to the caller; empty: none any more.
        public var phrase: String?
        /// Those named are set; an empty value takes one away.
        public var attributes: [String: String] = [:]
        /// Whether callers are sent there.
        public var isEnabled: Bool?

        /// Nothing changes.
        public init() {}
    }

    /// Adds or re-labels one exemplar, and waits until the replicas know it.
    ///
    /// - Returns: what happened to it.
    /// - Throws: `UNAVAILABLE` where the updater or an encoder cannot be reached, and nothing was added then;
    ///   `DEADLINE_EXCEEDED` after 30 s, and then it may have been added.
    public func add(
        _ exemplar: Exemplar,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        try await append([.upsert(exemplar.command)], options, kind: "add")
    }

    /// Removes the exemplar with this text from a vertical, and waits until the replicas know it.
    ///
    /// - Returns: `removed` is 1, or `refusals` says why not.
    /// - Throws: `INVALID_ARGUMENT` for what is no text or vertical; `UNAVAILABLE` where the updater cannot be reached;
    ///   `DEADLINE_EXCEEDED` after 30 s, and then it may have been removed.
    public func remove(
        text: String,
        vertical: String = "default",
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let command = try await ClientError.around { () throws(SwitchboardError) in
            let vertical = try Vertical(vertical)
            let exemplar = ExemplarID(vertical: vertical, text: try UtteranceText(text))
            return RemoveCommand(vertical: vertical, exemplar: exemplar)
        }
        return try await append([.remove(command)], options, kind: "remove")
    }

    /// The same by the exemplar's id, 32 hexadecimal digits.
    ///
    /// - Returns: `removed` is 1, or `refusals` says why not.
    /// - Throws: as by text; `INVALID_ARGUMENT` for what is no id.
    public func remove(
        id: String,
        vertical: String = "default",
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let command = try await ClientError.around { () throws(SwitchboardError) in
            guard let bits = Bits128(hex: id) else { throw .invalid("an exemplar's id is 32 hexadecimal digits") }
            return RemoveCommand(vertical: try Vertical(vertical), exemplar: ExemplarID(bits))
        }
        return try await append([.remove(command)], options, kind: "remove")
    }

    /// Changes what is known of an intent, naming it where it is new, and waits until the replicas know it.
    ///
    /// - Returns: `unchanged` is 1 where it is so already.
    /// - Throws: `INVALID_ARGUMENT` for what is no path, vertical or attribute; `UNAVAILABLE` where the updater cannot
    ///   be reached; `DEADLINE_EXCEEDED` after 30 s, and then it may have been changed.
    public func setIntent(
        _ path: String,
        vertical: String = "default",
        to change: IntentChange,
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let command = try await ClientError.around { () throws(SwitchboardError) in
            SetIntentCommand(
                vertical: try Vertical(vertical),
                path: try IntentPath(path),
                description: change.description,
                phrase: change.phrase,
                attributes: change.attributes,
                isEnabled: change.isEnabled,
            )
        }
        return try await append([.setIntent(command)], options, kind: "set-intent")
    }

    /// Sets how answers are decided in some scopes, all at once, and waits until the replicas know it. Parts that a
    /// policy does not have stay as its scope has them.
    ///
    /// - Throws: `INVALID_ARGUMENT` for a policy with figures out of bounds; else as `setIntent`.
    package func set(
        _ policies: [(scope: PolicyScope, policy: Policy)],
        options: PublishOptions = PublishOptions(),
    ) async throws(ClientError) -> PublishReceipt {
        let commands = policies.map { LogCommand.amendPolicy($0.scope, $0.policy) }
        return try await append(commands, options, kind: "set-policy")
    }

    /// - Parameter kind: what is done, in a word, for the change id.
    func append(
        _ commands: [LogCommand],
        _ options: PublishOptions,
        kind: String,
        isDryRun: Bool = false,
    ) async throws(ClientError) -> PublishReceipt {
        try await ClientError.around { () throws(SwitchboardError) in
            var assembly = try BatchAssembly(options, change: options.changeID ?? ChangeID.make(kind))
            for command in commands { assembly.add(command, number: 0) }
            let request = AppendRequest(
                batch: assembly.take().batch,
                wait: options.waitsUntilApplied ? .applied : .durable,
                isDryRun: isDryRun
            )
            do throws(SwitchboardError) {
                return PublishReceipt(try await updater.call(Methods.append, request), numbers: commands.map { _ in 0 })
            } catch {
                throw commands.count == 1 ? error.ofOneCommand : error
            }
        }
    }
}

extension SwitchboardError {
    /// Without the place in its batch of the one command that there was, which is not what a caller sent.
    var ofOneCommand: SwitchboardError {
        let place = "command 0: "
        guard message.hasPrefix(place) else { return self }
        return SwitchboardError(
            code,
            String(message.dropFirst(place.count)),
            retryAfter: retryAfter,
            cause: cause,
            field: field
        )
    }
}

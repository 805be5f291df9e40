/// All keys of a log, folded from its records: who holds which public half, and the rules for the next record.
///
/// A value without a clock and without a secret. Equal at equal sequence on the updater and on whoever follows it.
package struct KeyRegister: Sendable, Equatable {
    /// Those that live; with those that were revoked, ten times as many.
    package static let maximumLive = 1_000

    private var keys: [KeyName: KeySet] = [:]
    private var names: [PublicKey: KeyName] = [:]
    package private(set) var liveCount = 0
    private var liveAdmins = 0

    package init() {}

    package init(_ keys: some Sequence<KeySet>) {
        for key in keys { apply(key) }
    }

    package subscript(name: KeyName) -> KeySet? { keys[name] }

    /// The key of a public half, also one that was revoked.
    package subscript(publicKey: PublicKey) -> KeySet? { names[publicKey].flatMap { keys[$0] } }

    /// By name, those that were revoked too.
    package var all: [KeySet] { keys.values.sorted { $0.name < $1.name } }

    package var isEmpty: Bool { keys.isEmpty }

    /// The sum of the terms of all keys.
    package var digest: StateDigest {
        var digest = StateDigest()
        for key in keys.values { digest.add(StateDigest.term(key: key)) }
        return digest
    }

    /// Takes a record of the log.
    ///
    /// - Returns: what the key was before; nil: it is new.
    @discardableResult
    package mutating func apply(_ fact: KeySet) -> KeySet? {
        let old = keys.updateValue(fact, forKey: fact.name)
        names[fact.publicKey] = fact.name
        liveCount += (fact.isRevoked ? 0 : 1) - (old.map { $0.isRevoked ? 0 : 1 } ?? 0)
        liveAdmins += (fact.isLiveAdmin ? 1 : 0) - (old?.isLiveAdmin == true ? 1 : 0)
        return old
    }

    /// The record that a command makes; nil where all is so already.
    ///
    /// - Throws: `.invalidArgument` for a key that is wrong in itself; `.alreadyExists` where name or public half is
    ///   another key's; `.notFound` for a name that there is not; `.failedPrecondition` where it would revive a revoked
    ///   key, leave no admin, or be a first key without that role; `.resourceExhausted` where there are too many.
    package func fact(for command: KeyCommand) throws(SwitchboardError) -> KeySet? {
        switch command {
        case .add(let key): try fact(adding: key)
        case .revoke(let name): try fact(revoking: name)
        }
    }

    private func fact(adding key: KeySet) throws(SwitchboardError) -> KeySet? {
        try key.check()
        guard let known = keys[key.name] else {
            try checkNew(key)
            return key
        }
        guard !known.isRevoked else {
            throw SwitchboardError(
                .failedPrecondition,
                "the key '\(key.name)' was revoked, which is for ever; make another pair and give it another name"
            )
        }
        guard known.publicKey == key.publicKey else {
            throw SwitchboardError(
                .alreadyExists,
                "the name '\(key.name)' is another key's, for ever; choose another name"
            )
        }
        guard known != key else { return nil }
        if known.isLiveAdmin, !key.isLiveAdmin { try requireOtherAdmin(than: key.name) }
        return key
    }

    private func checkNew(_ key: KeySet) throws(SwitchboardError) {
        if let holder = self[key.publicKey] {
            let state = holder.isRevoked ? "was revoked" : "is there"
            throw SwitchboardError(
                .alreadyExists,
                "this public key \(state) already under the name '\(holder.name)'; make another pair"
            )
        }
        guard liveAdmins > 0 || key.roles.contains(.admin) else {
            throw SwitchboardError(
                .failedPrecondition,
                "the first key of a log has the role admin, or nobody could add a second"
            )
        }
        guard liveCount < Self.maximumLive, keys.count < 10 * Self.maximumLive else {
            throw SwitchboardError(
                .resourceExhausted,
                "there are \(liveCount) keys in use and \(keys.count) in all; \(Self.maximumLive) and "
                    + "\(10 * Self.maximumLive) are accepted"
            )
        }
    }

    private func fact(revoking name: KeyName) throws(SwitchboardError) -> KeySet? {
        guard let known = keys[name] else {
            throw SwitchboardError(.notFound, "there is no key '\(name)'; `switchboard keys list` names them")
        }
        guard !known.isRevoked else { return nil }
        if known.isLiveAdmin { try requireOtherAdmin(than: name) }
        return known.revoked
    }

    private func requireOtherAdmin(than name: KeyName) throws(SwitchboardError) {
        guard liveAdmins > 1 else {
            throw SwitchboardError(
                .failedPrecondition,
                "'\(name)' is the last admin, and without one nobody could add or revoke a key; add another admin first"
            )
        }
    }
}

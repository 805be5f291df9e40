package import Core
package import Wire

/// A request that names verticals or changes something, so that who may make a call may not make it with each of them.
package protocol KeyScoped: Sendable {
    /// What the request means that this caller makes.
    ///
    /// - Throws: `.permissionDenied`, with what the key may do.
    func admitted(by caller: Caller) throws(SwitchboardError) -> Self

    /// What it does that only admins may; nil: nothing.
    var administration: String? { get }
}

extension KeyScoped {
    package var administration: String? { nil }
}

extension CallContext {
    /// The request as this caller may make it. What is refused, and acts of administration, are written down.
    ///
    /// - Throws: `.permissionDenied` for what the caller's key may not do.
    package func admitted<Request>(_ request: Request) throws(SwitchboardError) -> Request {
        guard caller != .local, let scoped = request as? any KeyScoped else { return request }
        do {
            let admitted = try scoped.admitted(by: caller)
            if let what = scoped.administration { server.events.audited(AuditedAct(what, of: method, by: caller)) }
            // It is of the type it had before.
            return admitted as! Request
        } catch {
            server.events.audited(AuditedAct(error, of: method, by: caller))
            throw error
        }
    }
}

extension CallContext {
    /// Holds against the caller's key what its request alone does not show. What is refused is written down.
    ///
    /// - Throws: what `check` throws; it is not asked where the caller needs no key.
    package func checkKey(
        _ check: (KeyAccess) throws(SwitchboardError) -> Void
    ) throws(SwitchboardError) {
        guard let access = caller.access else { return }
        do {
            try check(access)
        } catch {
            server.events.audited(AuditedAct(error, of: method, by: caller))
            throw error
        }
    }
}

/// A request that names the verticals it is about: without any it means all that its key may see.
package protocol VerticalsNaming: KeyScoped {
    var verticals: [Vertical] { get set }
}

extension VerticalsNaming {
    package func admitted(by caller: Caller) throws(SwitchboardError) -> Self {
        guard let access = caller.access else { return self }
        var request = self
        request.verticals = try access.admitted(verticals)
        return request
    }
}

extension ClassifyRequest: VerticalsNaming {}
extension RetrieveRequest: VerticalsNaming {}
extension IntentsRequest: VerticalsNaming {}
extension ExportRequest: VerticalsNaming {}
extension DiscoveryStartRequest: VerticalsNaming {}
extension DiscoveryListRequest: VerticalsNaming {}

extension DiscoveryAddRequest: KeyScoped {
    package func admitted(by caller: Caller) throws(SwitchboardError) -> DiscoveryAddRequest {
        for entry in entries { try caller.access?.check(entry.vertical) }
        return self
    }
}

extension HistoryRequest: KeyScoped {
    /// Without a vertical it means what the key may know of, as whoever answers sees to.
    package func admitted(by caller: Caller) throws(SwitchboardError) -> HistoryRequest {
        if let vertical { try caller.access?.check(vertical) }
        return self
    }
}

extension Feedback: KeyScoped {
    package func admitted(by caller: Caller) throws(SwitchboardError) -> Feedback {
        try caller.access?.check(vertical)
        try caller.access?.check(source)
        return self
    }
}

extension UndoRequest: KeyScoped {
    /// A worker takes back what a person decided, and names that person.
    package func admitted(by caller: Caller) throws(SwitchboardError) -> UndoRequest {
        guard let access = caller.access else { return self }
        guard access.isAdmin || access.roles.contains(.publish) || !way.author.isEmpty else {
            throw SwitchboardError(
                .permissionDenied,
                "\(access.words) may undo only what a person decided, and names that person as the author"
            )
        }
        var request = self
        request.way.author = try access.author(way.author)
        return request
    }
}

extension RollbackRequest: KeyScoped {
    package func admitted(by caller: Caller) throws(SwitchboardError) -> RollbackRequest {
        guard let access = caller.access else { return self }
        var request = self
        request.way.author = try access.author(way.author)
        return request
    }
}

extension PurgeRequest: KeyScoped {
    package func admitted(by caller: Caller) throws(SwitchboardError) -> PurgeRequest {
        try caller.checkChoice(of: change)
        guard let access = caller.access else { return self }
        var request = self
        request.author = try access.author(author)
        return request
    }
}

extension AppendRequest: KeyScoped {
    package func admitted(by caller: Caller) throws(SwitchboardError) -> AppendRequest {
        try caller.checkChoice(of: batch.effectiveChange)
        var request = self
        switch caller {
        case .local: break
        case .key(let access, _):
            try access.check(batch)
            request.batch.author = try access.author(batch.author)
        case .anyone:
            let setsKeys = batch.commands.contains { command in
                if case .setKey = command { true } else { false }
            }
            guard !setsKeys else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "this node runs without keys, so that nobody can vouch for a new one; stop it, make the first admin "
                        + "with `switchboard keys generate --role admin --data DIR`, and start it again"
                )
            }
        }
        return request
    }

    package var administration: String? {
        let acts = batch.commands.filter(\.isAdministrative)
        guard let first = acts.first else { return nil }
        let what =
            switch first {
            case .setKey(.add(let key)):
                "add key '\(key.name)' (\(key.roles.map(\.rawValue).sorted().joined(separator: ", ")))"
            case .setKey(.revoke(let name)): "revoke key '\(name)'"
            case .setPolicy(let set): "set the policy of '\(set.scope)'"
            case .amendPolicy(let scope, _): "set the policy of '\(scope)'"
            default: "change what is an admin's"
            }
        return acts.count > 1 ? "\(what), and \(acts.count - 1) more" : what
    }
}

extension Caller {
    /// - Throws: `.invalidArgument` where the caller may not choose this id for a change: it begins as those that are made
    ///   here. A clusterer of another process makes those of what is accepted.
    fileprivate func checkChoice(of change: [UInt8]) throws(SwitchboardError) {
        guard self != .local, let own = OwnChange(change) else { return }
        if own == .accept, access?.roles.contains(.worker) ?? true { return }
        throw OwnChange.refusal
    }
}

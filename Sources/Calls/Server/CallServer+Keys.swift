internal import Core
internal import Messaging
internal import Wire

/// Every message is held against the key that sent it: libzmq keeps a connection open whose key was revoked.
extension CallServer {
    static let unknownKey = "this key is not known here or was revoked; ask whoever keeps the keys (keys list)"

    /// - Returns: nil where nobody vouches for the sender.
    func caller(of sender: Sender) -> Caller? {
        guard let security else { return .anyone }
        switch sender {
        case .local: return .local
        case .key(let user, let address):
            return security.ring.access(ofUser: user).map { .key($0, address: address) }
        case .unknown, .stranger: return nil
        }
    }

    /// Ends what the sender has here, and answers a call.
    func refuse(_ sender: Sender, _ header: Header, route: [[UInt8]]) {
        events.refused("unauthenticated")
        let status = Status(code: .unauthenticated, message: Self.unknownKey)
        for serial in clients[route[0]]?.open ?? [] { end(serial, status) }
        guard header.kind == .call else { return }
        // A name that is not ours is not written down.
        if services.entries[header.method] != nil {
            events.audited(
                AuditedAct(
                    .refused,
                    key: sender.user.flatMap { security?.ring.name(ofUser: $0) },
                    address: sender.address,
                    method: header.method,
                    reason: "UNAUTHENTICATED: the key is not known or was revoked"
                )
            )
        }
        reply(route: route, callID: header.callID, status, payload: [])
    }

    /// A route is whose calls are open on it. Where another key comes over it, the first one's connection has gone, and
    /// what it asked for is not for the other.
    func settle(_ client: [UInt8], _ sender: Sender) {
        guard security != nil, let serial = clients[client]?.open.first, let known = calls[serial]?.sender,
            known.user != sender.user
        else { return }
        forget(client)
    }

    /// - Returns: why the caller may not call the method, which is written down; nil where it may.
    func denial(of method: String, to caller: Caller) -> SwitchboardError? {
        guard let access = caller.access else {
            audit(method, by: caller)
            return nil
        }
        do {
            try access.check(method)
        } catch {
            events.audited(AuditedAct(error, of: method, by: caller))
            return error
        }
        audit(method, by: caller)
        return nil
    }

    private func audit(_ method: String, by caller: Caller) {
        guard caller != .local, KeyPermissions.isAdministrative(method) else { return }
        events.audited(AuditedAct("called", of: method, by: caller))
    }

    /// The keys have changed: ends the calls of those that were revoked, and the streams of those that may do other
    /// things now.
    package func applyKeys() {
        guard let security else { return }
        for (serial, call) in calls {
            guard case .key(let old, _) = call.context.caller, let user = call.sender.user else { continue }
            guard let now = security.ring.access(ofUser: user) else {
                let reason = SwitchboardError(.unauthenticated, Self.unknownKey)
                events.audited(AuditedAct(reason, of: call.context.method, by: call.context.caller))
                end(serial, Status(reason))
                continue
            }
            guard now != old, call.entry.limits.isStream else { continue }
            end(serial, Status(code: .aborted, message: "what \(now.words) may do has changed; call again"))
        }
    }
}

extension Sender {
    var user: String? {
        guard case .key(let user, _) = self else { return nil }
        return user
    }

    var address: String? {
        switch self {
        case .key(_, let address), .stranger(let address): address
        case .unknown, .local: nil
        }
    }
}

internal import CProtobufC
internal import Core
internal import SwitchboardProtos

/// As a record of the log has it.
extension KeySet: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__KeySet>) {
        switchboard__v1__key_set__init(message)
    }

    init(_ message: Switchboard__V1__KeySet) throws(FieldError) {
        let written = message.public_key
        guard let publicKey = PublicKey(bytes: written.payload) else {
            throw FieldError("public_key", "a public key has \(PublicKey.byteCount) bytes, this one has \(written.len)")
        }
        let roles = try Read.list(message.roles, message.n_roles, "roles", atMost: KeyRole.allCases.count) {
            text throws(FieldError) in try text.role("")
        }
        let verticals = try Read.verticals(message.verticals, message.n_verticals)
        self.init(
            name: try message.name.keyName("name"),
            publicKey: publicKey,
            roles: Set(roles),
            verticals: Set(verticals),
            isRevoked: message.revoked != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__KeySet, _ arena: inout Arena) {
        message.name = arena.characters(name.text)
        message.public_key = arena.data(publicKey.bytes)
        message.n_roles = roles.count
        message.roles = arena.strings(roles.map(\.rawValue).sorted())
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals.sorted())
        message.revoked = boolean(isRevoked)
    }
}

/// `KeyCommand` has the message of a record: whole to add a key, revoked and with its name alone to revoke one.
extension KeyCommand: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__KeySet>) {
        switchboard__v1__key_set__init(message)
    }

    init(_ message: Switchboard__V1__KeySet) throws(FieldError) {
        self = message.revoked != 0 ? .revoke(try message.name.keyName("name")) : .add(try KeySet(message))
    }

    func fill(_ message: inout Switchboard__V1__KeySet, _ arena: inout Arena) {
        switch self {
        case .add(let key): key.fill(&message, &arena)
        case .revoke(let name):
            message.name = arena.characters(name.text)
            message.revoked = boolean(true)
        }
    }
}

extension Optional<UnsafeMutablePointer<CChar>> {
    fileprivate func keyName(_ field: String) throws(FieldError) -> KeyName {
        let name = try string(field)
        do {
            return try KeyName(name)
        } catch {
            throw FieldError(field, error)
        }
    }

    fileprivate func role(_ field: String) throws(FieldError) -> KeyRole {
        let name = try string(field)
        do {
            return try KeyRole(named: name)
        } catch {
            throw FieldError(field, error)
        }
    }
}

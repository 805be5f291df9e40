/// A key as it stands from now on: a record of the log.
///
/// A key's name and public half stay together for ever; its roles and verticals may change until it is revoked, and a
/// revoked key stays revoked.
package struct KeySet: Sendable, Equatable {
    package static let maximumVerticals = 32

    package let name: KeyName
    package let publicKey: PublicKey
    package let roles: Set<KeyRole>
    /// Those it is limited to; empty: all.
    package let verticals: Set<Vertical>
    package let isRevoked: Bool

    package init(
        name: KeyName,
        publicKey: PublicKey,
        roles: Set<KeyRole>,
        verticals: Set<Vertical> = [],
        isRevoked: Bool = false,
    ) {
        self.name = name
        self.publicKey = publicKey
        self.roles = roles
        self.verticals = verticals
        self.isRevoked = isRevoked
    }

    package var revoked: KeySet {
        KeySet(name: name, publicKey: publicKey, roles: roles, verticals: verticals, isRevoked: true)
    }

    package var isLiveAdmin: Bool { !isRevoked && roles.contains(.admin) }

    /// - Throws: `.invalidArgument` for no role, too many verticals, or a limit on a role that sees everything.
    package func check() throws(SwitchboardError) {
        guard !roles.isEmpty else {
            throw .invalid("a key needs a role; there are \(KeyRole.accepted)", field: "roles")
        }
        guard verticals.count <= Self.maximumVerticals else {
            throw .invalid(
                "a key is limited to at most \(Self.maximumVerticals) verticals, this one to \(verticals.count)",
                field: "verticals"
            )
        }
        if !verticals.isEmpty, let role = roles.sorted().first(where: { !$0.mayBeLimited }) {
            throw .invalid(
                "a key with the role \(role.rawValue) cannot be limited to verticals; leave them out, or take classify, "
                    + "publish or review",
                field: "verticals"
            )
        }
    }
}

/// What an admin asks for a key.
package enum KeyCommand: Sendable, Equatable {
    /// A new key, or other roles and verticals for one that there is.
    case add(KeySet)
    case revoke(KeyName)
}

extension StateDigest {
    /// Over name, public half, roles and verticals in the order of their names, and whether it is revoked.
    package static func term(key: KeySet) -> Bits128 {
        var hasher = Hash256()
        hasher.update("key".utf8)
        hasher.update(key.name.text.utf8)
        hasher.update(CollectionOfOne(0))
        hasher.update(key.publicKey.bytes)
        hasher.update(key.roles.map(\.rawValue).sorted().joined(separator: ",").utf8)
        hasher.update(CollectionOfOne(0))
        hasher.update(key.verticals.map(\.name).sorted().joined(separator: ",").utf8)
        hasher.update(CollectionOfOne(key.isRevoked ? 1 : 0))
        return hasher.first128()
    }
}

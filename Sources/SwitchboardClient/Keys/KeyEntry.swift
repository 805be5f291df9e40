package import Core

/// A key as the log has it: who may connect, and for what.
public struct KeyEntry: Sendable, Equatable, Codable {
    /// Never another key's.
    public var name: String
    /// 40 characters of Z85.
    public var publicKey: String
    /// Of classify, publish, review, worker and admin.
    public var roles: [String]
    /// Those it is limited to; empty: all.
    public var verticals: [String]
    /// For ever, once it was.
    public var isRevoked: Bool

    private enum CodingKeys: String, CodingKey {
        case name
        case publicKey = "public_key"
        case roles
        case verticals
        case isRevoked = "revoked"
    }

    /// A key to be added.
    public init(name: String, publicKey: String, roles: [String], verticals: [String] = []) {
        self.name = name
        self.publicKey = publicKey
        self.roles = roles
        self.verticals = verticals
        isRevoked = false
    }

    package init(_ key: KeySet) {
        self.init(
            name: key.name.text,
            publicKey: key.publicKey.description,
            roles: key.roles.sorted().map(\.rawValue),
            verticals: key.verticals.sorted().map(\.name)
        )
        isRevoked = key.isRevoked
    }

    /// As the log takes it.
    ///
    /// - Throws: `.invalidArgument`, with what is accepted.
    package func checked() throws(SwitchboardError) -> KeySet {
        guard let publicKey = PublicKey(self.publicKey) else {
            throw .invalid("a public key is \(PublicKey.writtenCount) characters as `keys generate` prints them")
        }
        var roles: Set<KeyRole> = []
        for role in self.roles { roles.insert(try KeyRole(named: role)) }
        var verticals: Set<Vertical> = []
        for vertical in self.verticals { verticals.insert(try Vertical(vertical)) }
        let key = KeySet(name: try KeyName(name), publicKey: publicKey, roles: roles, verticals: verticals)
        try key.check()
        return key
    }
}

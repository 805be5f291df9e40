/// What a key may do, by the kind of work that its holder has. `KeyPermissions` says which calls that is.
package enum KeyRole: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Asks a router.
    case classify
    /// Maintains the index.
    case publish
    /// Reviews what was discovered, reads feedback.
    case review
    /// Is a part of the system: a worker, a gateway, an updater.
    case worker
    /// All that is left, keys among it, and whatever the others may do.
    case admin

    package static func < (left: KeyRole, right: KeyRole) -> Bool { left.rawValue < right.rawValue }

    /// The names that are accepted, for messages.
    package static var accepted: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// - Throws: `.invalidArgument`, naming the roles that there are.
    package init(named name: String) throws(SwitchboardError) {
        guard let role = KeyRole(rawValue: name) else {
            throw .invalid("a key has no such role; there are \(Self.accepted)", field: "roles")
        }
        self = role
    }

    /// Whether a key of this role may be limited to verticals. Workers see the whole log, admins make keys.
    package var mayBeLimited: Bool { self != .worker && self != .admin }
}

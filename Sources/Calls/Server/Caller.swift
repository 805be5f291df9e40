package import Core

/// Who made a call, as the connection shows that each of its messages came over.
package enum Caller: Sendable, Hashable {
    /// A part of this process, which may do everything.
    case local
    /// Whoever reached a port that takes no keys. May do everything but set keys.
    case anyone
    /// The holder of a key that is known and not revoked, at an address without a port.
    case key(KeyAccess, address: String)

    package var access: KeyAccess? {
        guard case .key(let access, _) = self else { return nil }
        return access
    }

    /// Those it is limited to; nil: none is closed to it.
    package var verticals: Set<Vertical>? { access?.verticals }

    package var address: String? {
        guard case .key(_, let address) = self else { return nil }
        return address
    }
}

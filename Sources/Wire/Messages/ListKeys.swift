package import Core

/// Asks for all keys of the log.
package struct ListKeysRequest: Sendable, Equatable {
    package init() {}
}

/// One part of a list of keys; all parts are of the same position. No key takes one part too.
package struct ListKeysResponse: Sendable, Equatable {
    /// By name, those that were revoked too.
    package var keys: [KeySet]
    package var position: LogPosition

    package init(keys: [KeySet], position: LogPosition) {
        self.keys = keys
        self.position = position
    }
}

extension KeySet {
    /// At least what it takes in a message, and not much more.
    package var encodedBound: Int {
        verticals.reduce(192 + name.text.utf8.count) { $0 + $1.name.utf8.count + 4 }
    }
}

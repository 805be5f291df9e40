package import Core

/// An act that goes to the audit log: refused, or administrative.
package struct AuditedAct: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case refused
        case administrative
    }

    package let kind: Kind
    package let key: KeyName?
    package let address: String?
    /// Of the contract, or `handshake`.
    package let method: String
    /// In words of the project's own, without anything a caller wrote but checked names.
    package let reason: String

    package init(_ kind: Kind, key: KeyName?, address: String?, method: String, reason: String) {
        self.kind = kind
        self.key = key
        self.address = address
        self.method = method
        self.reason = reason
    }
}

extension AuditedAct {
    /// An act that was refused.
    init(_ error: SwitchboardError, of method: String, by caller: Caller) {
        self.init(
            .refused,
            key: caller.access?.name,
            address: caller.address,
            method: method,
            reason: "\(error.code): \(error.message)"
        )
    }

    /// An act of administration.
    init(_ what: String, of method: String, by caller: Caller) {
        self.init(.administrative, key: caller.access?.name, address: caller.address, method: method, reason: what)
    }
}

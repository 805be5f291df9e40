internal import CZeroMQ
package import Core

/// A CURVE key pair. The secret half leaves it for a socket or its file only: it is in no description.
package struct KeyPair: Sendable, Equatable {
    package let publicKey: PublicKey
    /// 40 characters of Z85.
    let secret: String

    /// Makes a pair from the system's random numbers.
    package static func make() -> KeyPair {
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = [CChar](repeating: 0, count: 41)
        guard zmq_curve_keypair(&publicText, &secretText) == 0, let publicKey = PublicKey(text(publicText)) else {
            preconditionFailure("libzmq was built without CURVE")
        }
        return KeyPair(publicKey: publicKey, secret: text(secretText))
    }

    private init(publicKey: PublicKey, secret: String) {
        self.publicKey = publicKey
        self.secret = secret
    }

    /// - Parameter secret: 40 characters of Z85; nil for anything else.
    init?(secret: String) {
        var publicText = [CChar](repeating: 0, count: 41)
        guard secret.utf8.count == PublicKey.writtenCount, Z85.decode(secret) != nil,
            zmq_curve_public(&publicText, secret) == 0, let publicKey = PublicKey(Self.text(publicText))
        else { return nil }
        self.init(publicKey: publicKey, secret: secret)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension KeyPair: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "key pair of \(publicKey)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey.description]) }
}

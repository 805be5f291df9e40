/// A fingerprint of the live state: the sum modulo 2^128 of one term for each live exemplar, intent, policy
/// and key.
///
/// A sum, so that a change costs one subtraction and one addition and the order of changes does not matter. Equal at
/// equal sequence on the updater and on every replica.
package struct StateDigest: Sendable, Hashable {
    package private(set) var sum: Bits128

    package init(_ sum: Bits128 = Bits128(0)) {
        self.sum = sum
    }

    package mutating func add(_ term: Bits128) {
        sum = Bits128(sum.value &+ term.value)
    }

    package mutating func remove(_ term: Bits128) {
        sum = Bits128(sum.value &- term.value)
    }

    /// First 128 bits of SHA-256 over exemplar id, intent id (8 bytes, little-endian), encoder id and the vector's bytes.
    package static func term(exemplar: ExemplarID, intent: IntentID, encoder: ModelID, vector: [Float]) -> Bits128 {
        var hasher = Hash256()
        hasher.update(exemplar.bits.bytes)
        hasher.update(littleEndian(intent.number))
        hasher.update(encoder.bytes)
        vector.withUnsafeBytes { hasher.update($0) }
        return hasher.first128()
    }

    /// Over intent id, path and alias.
    package static func term(intent: Intent) -> Bits128 {
        var hasher = Hash256()
        hasher.update("intent".utf8)
        hasher.update(littleEndian(intent.id.number))
        hasher.update(intent.vertical.name.utf8)
        hasher.update(CollectionOfOne(0))
        hasher.update(intent.path.description.utf8)
        hasher.update(littleEndian(intent.aliasOf?.number ?? 0))
        return hasher.first128()
    }

    /// Over scope and every figure of the policy.
    package static func term(policy: Policy, scope: PolicyScope) -> Bits128 {
        var hasher = Hash256()
        hasher.update("policy".utf8)
        hasher.update(scope.description.utf8)
        hasher.update(CollectionOfOne(0))
        for part in policy.canonicalParts {
            hasher.update(part)
        }
        return hasher.first128()
    }

    static func littleEndian(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}

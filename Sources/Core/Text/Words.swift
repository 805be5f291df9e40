internal import Foundation

extension String {
    /// What lies between whatever is neither letter nor number, in small letters.
    package var words: [Substring] { lowercased().split { !$0.isLetter && !$0.isNumber } }
}

/// FNV-1a (Fowler, Noll and Vo), finished as in SplitMix64 (Steele et al. 2014) so that all bits depend on all: the same
/// in every process.
package enum FeatureHash {
    /// - Parameter kind: features of different kinds never are the same one.
    package static func hash(_ bytes: some Sequence<UInt8>, kind: UInt8) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        take(kind)
        for byte in bytes { take(byte) }
        return finished(hash)
    }

    /// Of two features in this order.
    package static func hash(_ first: UInt64, _ second: UInt64, kind: UInt8) -> UInt64 {
        finished(finished(first &+ UInt64(kind) &* 0x9E37_79B9_7F4A_7C15) ^ second)
    }

    private static func finished(_ hash: UInt64) -> UInt64 {
        var hash = hash
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}

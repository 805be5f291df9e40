internal import Foundation

extension String {
    /// What lies between whatever is neither letter nor number, in small letters.
    package var words: [Substring] { lowercased().split { !$0.isLetter && !$0.isNumber } }

    /// The hash of each of the `words`, in their order.
    package var wordHashes: [UInt64] {
        var text = self
        return text.withUTF8 { bytes in bytes.allSatisfy { $0 < 0x80 } ? Self.hashes(ofASCII: bytes) : nil }
            ?? words.map { FeatureHash.hash($0.utf8, kind: .word) }
    }

    /// The same without characters, which take longer than all the rest.
    private static func hashes(ofASCII bytes: UnsafeBufferPointer<UInt8>) -> [UInt64] {
        var hashes: [UInt64] = []
        var hash = FeatureHash(.word)
        var isInWord = false
        for byte in bytes {
            let small = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if small &- 0x61 < 26 || small &- 0x30 < 10 {
                hash.take(small)
                isInWord = true
            } else if isInWord {
                hashes.append(hash.finished)
                hash = FeatureHash(.word)
                isInWord = false
            }
        }
        if isInWord { hashes.append(hash.finished) }
        return hashes
    }
}

/// FNV-1a (Fowler, Noll and Vo), finished as in SplitMix64 (Steele et al. 2014) so that all bits depend on all: the same
/// in every process.
package struct FeatureHash {
    /// Features of different kinds never are the same one.
    package enum Kind: UInt8, Sendable {
        case word = 0
        /// Some characters of a word.
        case piece = 1
        /// Two words side by side.
        case neighbours = 2
        /// Two words with one between.
        case apart = 3
    }

    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ kind: Kind) { take(kind.rawValue) }

    mutating func take(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }

    var finished: UInt64 { Self.mixed(state) }

    package static func hash(_ bytes: Substring.UTF8View, kind: Kind) -> UInt64 {
        var hash = FeatureHash(kind)
        for byte in bytes { hash.take(byte) }
        return hash.finished
    }

    /// Of two words in this order.
    package static func hash(_ first: UInt64, _ second: UInt64, kind: Kind) -> UInt64 {
        mixed(mixed(first &+ UInt64(kind.rawValue) &* 0x9E37_79B9_7F4A_7C15) ^ second)
    }

    private static func mixed(_ state: UInt64) -> UInt64 {
        var state = state
        state = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        state = (state ^ state >> 27) &* 0x94D0_49BB_1331_11EB
        return state ^ state >> 31
    }
}

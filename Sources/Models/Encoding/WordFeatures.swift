internal import Core
internal import Foundation

/// A text as what its words are: each in small letters, and its pieces of 3 to 5 characters with the word's ends marked, so
/// that inflections and slips are near.
///
/// Each feature adds to two of the figures, up or down, as its hash says. One that comes n times counts 1 + ln n.
struct WordFeatures {
    /// On the validation parts of two public sets 1,024 figures name 1 to 3 of a hundred more right than 384.
    static let dimension = 1_024
    /// A word has some six pieces, which together say about what the word says.
    private static let pieceWeight: Float = 0.35

    let words: Int
    /// Sorted, so that the same features add up in the same order in every process.
    private let wordHashes: [UInt64]
    private let pieceHashes: [UInt64]

    init(_ text: String) {
        let found = text.words
        words = found.count
        // What has no word, a question mark alone, is a word by itself.
        let whole = found.isEmpty ? [Substring(text)] : found
        wordHashes = whole.map { FeatureHash.hash($0.utf8, kind: .word) }.sorted()
        pieceHashes = whole.flatMap(Self.pieces).map { FeatureHash.hash($0[...].utf8, kind: .piece) }.sorted()
    }

    private static func pieces(of word: Substring) -> [String] {
        let characters = ["<"] + Array(word) + [">"]
        return (3...5).flatMap { length in
            characters.indices.dropLast(length - 1).map { String(characters[$0..<$0 + length]) }
        }
    }

    /// Of unit length.
    var vector: [Float] {
        var vector = [Float](repeating: 0, count: Self.dimension)
        Self.add(wordHashes, weight: 1, to: &vector)
        Self.add(pieceHashes, weight: Self.pieceWeight, to: &vector)
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else {
            // Features that undo each other to the last figure: a direction all the same.
            vector[0] = 1
            return vector
        }
        return vector.map { $0 / length }
    }

    private static func add(_ sorted: [UInt64], weight: Float, to vector: inout [Float]) {
        var place = 0
        while place < sorted.count {
            let hash = sorted[place]
            let next = sorted[place...].firstIndex { $0 != hash } ?? sorted.count
            let amount = weight * (1 + log(Float(next - place)))
            // Two places a feature: where one is shared with another feature, the other seldom is.
            for half in [hash, hash >> 32] {
                vector[Int(half & UInt64(dimension - 1))] += half >> 31 & 1 == 0 ? amount : -amount
            }
            place = next
        }
    }
}

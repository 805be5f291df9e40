package import Core

/// Finds texts that say almost the same as another but carry another intent: exact comparison of unit vectors.
///
/// A value. It holds at most `capacity` vectors (1.5 KB each); later ones are compared with those and not kept, which
/// `isFull` tells.
package struct NearDuplicates: Sendable {
    /// From this cosine on two texts count as near-duplicates.
    package static let threshold = 0.95
    /// Vectors that are kept: some 100 MB.
    package static let capacity = 65_536

    /// An earlier row that is close.
    package struct Match: Sendable, Equatable {
        package let number: Int
        package let path: IntentPath
        package let similarity: Double
    }

    private struct Row {
        let exemplar: ExemplarID
        let number: Int
        let vertical: Vertical
        let path: IntentPath
    }

    private let dimension: Int
    private let capacity: Int
    private var vectors: [Float] = []
    private var rows: [Row] = []

    package init(dimension: Int, capacity: Int = NearDuplicates.capacity) {
        self.dimension = dimension
        self.capacity = capacity
    }

    package var isFull: Bool { rows.count >= capacity }

    /// Compares a row with the earlier ones, then keeps it.
    ///
    /// - Returns: the closest earlier rows of the vertical with another text and another intent, closest first, at most
    ///   `limit`.
    package mutating func compareAndKeep(
        _ vector: [Float],
        as row: RehearsalRow,
        limit: Int = 3,
    ) -> [Match] {
        precondition(vector.count == dimension, "all vectors of an encoder have one length")
        var matches: [Match] = []
        for (place, similarity) in close(to: vector) {
            let other = rows[place]
            guard other.vertical == row.vertical, other.path != row.path, other.exemplar != row.exemplar else {
                continue
            }
            matches.append(Match(number: other.number, path: other.path, similarity: similarity))
        }
        if !isFull {
            vectors += vector
            rows.append(Row(exemplar: row.exemplar, number: row.number, vertical: row.vertical, path: row.path))
        }
        return Array(matches.sorted { $0.similarity > $1.similarity }.prefix(limit))
    }

    /// All earlier rows at or above the threshold.
    ///
    /// The squared distance of unit vectors is 2 - 2 cos; summed piece by piece, it mostly passes the bound early, and
    /// the rest of the row need not be read.
    private func close(to vector: [Float]) -> [(place: Int, similarity: Double)] {
        let bound = Float(2 - 2 * Self.threshold)
        var found: [(Int, Double)] = []
        vector.withUnsafeBytes { query in
            vectors.withUnsafeBytes { kept in
                for place in rows.indices {
                    let distance = Self.squaredDistance(
                        query,
                        UnsafeRawBufferPointer(rebasing: kept[place * dimension * 4..<(place + 1) * dimension * 4]),
                        bound: bound
                    )
                    if distance <= bound { found.append((place, Double(1 - distance / 2))) }
                }
            }
        }
        return found
    }

    /// - Returns: the squared distance, or something above `bound` where it is above.
    private static func squaredDistance(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer,
        bound: Float,
    ) -> Float {
        let piece = 32 * MemoryLayout<Float>.size
        var sum: Float = 0
        var offset = 0
        while offset + piece <= left.count {
            var squares = SIMD16<Float>()
            for half in [0, 64] {
                let difference =
                    left.loadUnaligned(fromByteOffset: offset + half, as: SIMD16<Float>.self)
                    - right.loadUnaligned(fromByteOffset: offset + half, as: SIMD16<Float>.self)
                squares += difference * difference
            }
            sum += squares.sum()
            if sum > bound { return sum }
            offset += piece
        }
        while offset < left.count {
            let difference =
                left.loadUnaligned(fromByteOffset: offset, as: Float.self)
                - right.loadUnaligned(fromByteOffset: offset, as: Float.self)
            sum += difference * difference
            offset += MemoryLayout<Float>.size
        }
        return sum
    }
}

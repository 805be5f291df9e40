internal import Core

/// Unit vectors in clusters that run into each other, made without an encoder: like those of encoded utterances they
/// differ in few directions, so that clusters have neighbours. A value; the same seed gives the same vectors.
struct BlurredVectors: Sendable {
    /// Directions in which vectors differ at all.
    private static let directions = 32
    /// How far a vector is from its centre in each, beside the 1 that centres are from each other's middle: of 100,000
    /// vectors in 400 clusters a quarter of the 30 nearest are of other clusters then, as with real utterances.
    private static let blur: Float = 1

    /// One a direction.
    private let basis: [[Float]]
    /// By direction.
    private let centres: [[Float]]
    private var random: SeededGenerator

    init(dimension: Int, clusters: Int, seed: UInt64) {
        precondition(dimension > 0 && clusters > 0, "vectors have numbers, and lie around something")
        var random = SeededGenerator(seed: seed)
        basis = (0..<Self.directions).map { _ in (0..<dimension).map { _ in random.nearlyNormal() } }
        centres = (0..<clusters).map { _ in (0..<Self.directions).map { _ in random.nearlyNormal() } }
        self.random = random
    }

    mutating func next() -> [Float] {
        let centre = centres[Int.random(in: 0..<centres.count, using: &random)]
        var vector = [Float](repeating: 0, count: basis[0].count)
        for (place, direction) in zip(centre, basis) {
            let weight = place + Self.blur * random.nearlyNormal()
            vector.withUnsafeMutableBufferPointer { vector in
                direction.withUnsafeBufferPointer { direction in
                    for index in vector.indices { vector[index] += weight * direction[index] }
                }
            }
        }
        let scale = 1 / vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 * scale }
    }
}

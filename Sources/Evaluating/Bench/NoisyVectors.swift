internal import Core

/// Unit vectors like those of encoded utterances, as many as are wanted: encoded ones with noise. A value; the same seed
/// gives the same vectors.
struct NoisyVectors: Sendable {
    /// Length of the noise beside a vector's own of 1: the cosine to the vector that it began with is 0.9.
    private static let noise: Float = 0.5

    private let centres: [[Float]]
    private var random: SeededGenerator
    private var place = 0

    /// - Parameter centres: at least one, all of one length.
    init(around centres: [[Float]], seed: UInt64) {
        precondition(!centres.isEmpty, "noise needs something to be added to")
        self.centres = centres
        random = SeededGenerator(seed: seed)
    }

    mutating func next() -> [Float] {
        var vector = centres[place % centres.count]
        place += 1
        let scale = Self.noise / Float(vector.count).squareRoot()
        vector.withUnsafeMutableBufferPointer { vector in
            var squares: Float = 0
            for index in vector.indices {
                vector[index] += scale * random.nearlyNormal()
                squares += vector[index] * vector[index]
            }
            let length = 1 / squares.squareRoot()
            for index in vector.indices { vector[index] *= length }
        }
        return vector
    }
}

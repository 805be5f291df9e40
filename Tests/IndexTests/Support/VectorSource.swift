import Core

/// Unit vectors in clusters, as encoded utterances are: a centre for each of some meanings, with noise around it.
struct VectorSource {
    private let centres: [[Float]]
    private let noise: Float
    private var random: SeededGenerator

    init(dimension: Int, clusters: Int = 500, noise: Float = 0.8, seed: UInt64) {
        // The centres belong to the kind of data, so sources of different seeds share them.
        var random = SeededGenerator(seed: 1)
        centres = (0..<clusters).map { _ in (0..<dimension).map { _ in random.nearlyNormal() } }
        self.noise = noise
        self.random = SeededGenerator(seed: seed)
    }

    mutating func next() -> [Float] {
        let centre = centres[Int.random(in: 0..<centres.count, using: &random)]
        var vector = centre
        vector.withUnsafeMutableBufferPointer { vector in
            var squares: Float = 0
            for index in vector.indices {
                vector[index] += noise * random.nearlyNormal()
                squares += vector[index] * vector[index]
            }
            let scale = 1 / squares.squareRoot()
            for index in vector.indices { vector[index] *= scale }
        }
        return vector
    }
}

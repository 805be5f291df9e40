/// Vectors as directions: points of the unit sphere.
enum Direction {
    /// Below this a vector points nowhere that is worth a name.
    private static let least: Float = 1e-12
    /// So far from 1 a squared length counts as 1: rounding, which a second division would only shuffle.
    private static let rounding: Float = 1e-5

    /// The vector at length 1; nil where it has none, or holds what is no number.
    static func unit(_ vector: [Float]) -> [Float]? {
        let square = dot(vector, vector)
        guard square.isFinite, square > least else { return nil }
        if abs(square - 1) < rounding { return vector }
        let length = square.squareRoot()
        return vector.map { $0 / length }
    }

    /// Sums in a fixed order, so that it is the same on every machine.
    static func dot(_ left: [Float], _ right: [Float]) -> Float {
        precondition(left.count == right.count, "a dot product is of vectors of one length")
        return left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { right in dot(left, right) } }
    }

    /// The same of vectors of one length that lie in memory.
    static func dot(_ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>) -> Float {
        let (leftBytes, rightBytes) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        let whole = left.count / 8 * 8
        var sums = SIMD8<Float>(repeating: 0)
        for place in stride(from: 0, to: whole, by: 8) {
            sums +=
                leftBytes.loadUnaligned(fromByteOffset: 4 * place, as: SIMD8<Float>.self)
                * rightBytes.loadUnaligned(fromByteOffset: 4 * place, as: SIMD8<Float>.self)
        }
        var sum = sums.sum()
        for place in whole..<left.count { sum += left[place] * right[place] }
        return sum
    }

    /// The mean of directions, at length 1; nil where they cancel out, or there are none.
    static func mean(_ vectors: [[Float]]) -> [Float]? {
        guard var sum = vectors.first else { return nil }
        for vector in vectors.dropFirst() {
            for place in sum.indices { sum[place] += vector[place] }
        }
        return unit(sum)
    }
}

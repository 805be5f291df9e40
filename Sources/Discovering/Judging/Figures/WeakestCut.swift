internal import Core

/// Where a cluster comes apart most easily: the graph of its members, weighted by overlap, cut in two.
///
/// The second eigenvector of the normalised Laplacian orders the members (Fiedler 1973; Shi and Malik 2000); every cut of
/// that order with at least a fifth of the members on either side is tried. A fifth, since a cluster is good where four
/// fifths of it have one intent: what is less than a fifth may fall off.
struct WeakestCut {
    /// 0 where the members are in two pieces, up to about 1.
    let secondEigenvalue: Double
    /// Weight of the pairs that are cut / that of the lighter side's ends of pairs. 1 for fewer than 3 members.
    let conductance: Double

    /// Every pair gets a little: else a member without overlap has no place in the order (Amini et al. 2013).
    private static let least: Float = 0.01
    /// Of the power iteration. The eigenvalue's error falls with the square of the vector's.
    private static let steps = 50

    /// - Parameters:
    ///   - weights: of pairs, `count * count`.
    ///   - members: which of them.
    init(weights: [Float], count: Int, members: [Int]) {
        let size = members.count
        guard size >= 3 else {
            secondEigenvalue = 1
            conductance = 1
            return
        }
        var matrix = [Float](repeating: 0, count: size * size)
        var degrees = [Float](repeating: 0, count: size)
        for row in 0..<size {
            for column in 0..<size where column != row {
                let weight = weights[members[row] * count + members[column]] + Self.least
                matrix[row * size + column] = weight
                degrees[row] += weight
            }
        }
        let (vector, eigenvalue) = Self.secondVector(of: matrix, degrees: degrees)
        secondEigenvalue = eigenvalue
        conductance = Self.leastConductance(matrix, degrees, along: vector)
    }

    /// By power iteration on (1 + D^-1/2 W D^-1/2) / 2, whose first eigenvector is known and taken out.
    ///
    /// - Returns: the vector over the square roots of the degrees, and the Laplacian's eigenvalue.
    private static func secondVector(of matrix: [Float], degrees: [Float]) -> (vector: [Float], eigenvalue: Double) {
        let size = degrees.count
        let roots = degrees.map { $0.squareRoot() }
        let total = degrees.reduce(0, +).squareRoot()
        let first = roots.map { $0 / total }
        var normalised = matrix
        for row in 0..<size {
            for column in 0..<size { normalised[row * size + column] /= roots[row] * roots[column] }
        }
        var random = SeededGenerator(seed: 1)
        var vector = (0..<size).map { _ in Float.random(in: -1...1, using: &random) }
        takeOut(first, of: &vector)
        var next = vector
        var greatest: Float = 0
        for _ in 0..<steps {
            normalised.withUnsafeBufferPointer { rows in
                vector.withUnsafeBufferPointer { vector in
                    guard let base = rows.baseAddress, let numbers = vector.baseAddress else { return }
                    for row in 0..<size {
                        next[row] = (numbers[row] + innerProduct(base + row * size, numbers, count: size)) / 2
                    }
                }
            }
            greatest = zip(vector, next).reduce(0) { $0 + $1.0 * $1.1 }
            takeOut(first, of: &next)
            swap(&vector, &next)
        }
        return (zip(vector, roots).map { $0 / $1 }, max(0, 2 - 2 * Double(greatest)))
    }

    /// Makes a vector orthogonal to a unit vector, and of unit length.
    private static func takeOut(_ unit: [Float], of vector: inout [Float]) {
        let share = zip(unit, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        for place in vector.indices { vector[place] -= share * unit[place] }
        let length = vector.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return }
        for place in vector.indices { vector[place] /= length }
    }

    private static func leastConductance(_ matrix: [Float], _ degrees: [Float], along vector: [Float]) -> Double {
        let size = degrees.count
        let order = vector.indices.sorted { vector[$0] == vector[$1] ? $0 < $1 : vector[$0] < vector[$1] }
        let total = degrees.reduce(0, +)
        let side = max(1, (size + 4) / 5)
        var isMoved = [Bool](repeating: false, count: size)
        var (cut, volume): (Float, Float) = (0, 0)
        var least: Float = 1
        for (place, member) in order.enumerated() {
            for other in 0..<size where other != member {
                let weight = matrix[member * size + other]
                cut += isMoved[other] ? -weight : weight
            }
            isMoved[member] = true
            volume += degrees[member]
            let lighter = min(volume, total - volume)
            if place + 1 >= side, size - place - 1 >= side, lighter > 0 { least = min(least, cut / lighter) }
        }
        return Double(least)
    }
}

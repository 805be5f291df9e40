internal import Index

extension VectorTable {
    /// Some of the rows, in the order of `rows`.
    package func table(of rows: [Int]) -> VectorTable {
        var values: [Float] = []
        values.reserveCapacity(rows.count * dimension)
        for row in rows { values.append(contentsOf: self[row]) }
        return VectorTable(dimension: dimension, values: values)
    }

    /// The sum of some rows brought to unit length; where it has none, as of opposite rows, the first of them. Of no rows
    /// it is all zeros.
    package func mean(of rows: [Int]) -> [Float] {
        let sum = Numbers<Float>(repeating: 0, count: dimension)
        values.withUnsafeBufferPointer { values in
            for row in rows { Self.add(memory(of: row..<row + 1, in: values), times: 1, to: sum.memory) }
        }
        if Self.normalise(sum.memory) { return sum.array }
        return rows.first.map { Array(self[$0]) } ?? sum.array
    }

    /// Cosine of two rows.
    package func similarity(_ left: Int, _ right: Int) -> Float {
        values.withUnsafeBufferPointer { values in
            // Rows have memory.
            let base = values.baseAddress!
            return VectorKernels.dot(base + left * dimension, base + right * dimension, dimension: dimension)
        }
    }

    /// - Parameter values: the table's own, as `withUnsafeBufferPointer` gives them.
    func memory(of rows: Range<Int>, in values: UnsafeBufferPointer<Float>) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: values[rows.lowerBound * dimension..<rows.upperBound * dimension])
    }

    /// Adds a vector so many times to another of its length.
    static func add(
        _ vector: UnsafeBufferPointer<Float>,
        times factor: Float,
        to sum: UnsafeMutableBufferPointer<Float>,
    ) {
        for place in 0..<sum.count { sum[place] += factor * vector[place] }
    }

    /// Brings a vector to unit length.
    ///
    /// - Returns: false where it is too short for that; it stays as it is then.
    static func normalise(_ vector: UnsafeMutableBufferPointer<Float>) -> Bool {
        var squares = 0.0
        for number in vector { squares += Double(number) * Double(number) }
        guard squares > 1e-12 else { return false }
        let scale = Float(1 / squares.squareRoot())
        for place in 0..<vector.count { vector[place] *= scale }
        return true
    }
}

/// Unit vectors of one dimension, row after row in one piece of memory.
package struct VectorTable: Sendable {
    package let dimension: Int
    /// `count * dimension` numbers, each row of unit length.
    package private(set) var values: [Float]

    package var count: Int { values.count / dimension }

    package init(dimension: Int) {
        precondition(dimension > 0, "a vector has numbers")
        self.dimension = dimension
        values = []
    }

    /// - Parameter values: whole rows of unit vectors, one behind the other.
    package init(dimension: Int, values: [Float]) {
        precondition(dimension > 0 && values.count % dimension == 0, "a table has whole rows")
        self.dimension = dimension
        self.values = values
    }

    /// - Parameter rows: unit vectors, each of `dimension` numbers.
    package init(dimension: Int, rows: some Sequence<[Float]>) {
        self.init(dimension: dimension)
        for row in rows { append(row) }
    }

    /// - Parameter row: a unit vector of `dimension` numbers.
    package mutating func append(_ row: some Collection<Float>) {
        precondition(row.count == dimension, "the rows of a table have one length")
        values.append(contentsOf: row)
    }

    package subscript(row: Int) -> ArraySlice<Float> { values[row * dimension..<(row + 1) * dimension] }
}

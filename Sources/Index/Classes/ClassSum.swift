internal import CGaussian

/// The sum of one intent's live exemplars, lifted, in which the order of adding leaves no trace.
struct ClassSum: Sendable {
    private(set) var count = 0
    /// Multiples of 2^-40.
    private(set) var sum: [Int64]

    init(_ space: ClassSpace) {
        sum = [Int64](repeating: 0, count: space.width)
    }

    /// As a snapshot holds it.
    init(count: Int, sum: [Int64]) {
        self.count = count
        self.sum = sum
    }

    /// - Parameter lifted: as `ClassSpace` lifts a vector; so for `remove`.
    mutating func add(_ lifted: [Float]) { change(lifted, sign: 1) }

    mutating func remove(_ lifted: [Float]) { change(lifted, sign: -1) }

    mutating func add(_ other: ClassSum) {
        count += other.count
        // As the vectors' own sums, which wrap in neither order.
        for place in sum.indices { sum[place] &+= other.sum[place] }
    }

    private mutating func change(_ vector: [Float], sign: Int32) {
        count += Int(sign)
        let dimension = sum.count
        sum.withUnsafeMutableBufferPointer { sum in
            vector.withUnsafeBufferPointer { vector in
                // Neither is empty: a dimension is positive.
                cgaussian_add(sum.baseAddress!, vector.baseAddress!, dimension, sign)
            }
        }
    }

    /// - Precondition: there is an exemplar.
    var mean: [Float] {
        [Float](unsafeUninitializedCapacity: sum.count) { mean, initialised in
            // Not empty: a dimension is positive.
            sum.withUnsafeBufferPointer { cgaussian_mean($0.baseAddress!, count, mean.baseAddress!, sum.count) }
            initialised = sum.count
        }
    }
}

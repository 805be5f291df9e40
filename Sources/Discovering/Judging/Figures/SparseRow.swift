/// A vector with few numbers that are not 0.
struct SparseRow {
    /// Each place once.
    var places: [Int32]
    var values: [Float]

    /// Scaled to unit length; one of nothing but zeros stays.
    mutating func normalise() {
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { return }
        for place in values.indices { values[place] /= length }
    }

    /// The inner products of all pairs, `count * count`, 0 on the diagonal.
    ///
    /// - Parameter scratch: zeros, longer than every place; zeros again afterwards.
    static func products(_ rows: [SparseRow], scratch: inout [Float]) -> [Float] {
        let count = rows.count
        var products = [Float](repeating: 0, count: count * count)
        scratch.withUnsafeMutableBufferPointer { scratch in
            for first in 0..<count {
                let row = rows[first]
                for (place, value) in zip(row.places, row.values) { scratch[Int(place)] = value }
                for second in first + 1..<max(first + 1, count) {
                    let product = rows[second].product(with: scratch)
                    products[first * count + second] = product
                    products[second * count + first] = product
                }
                for place in row.places { scratch[Int(place)] = 0 }
            }
        }
        return products
    }

    private func product(with dense: UnsafeMutableBufferPointer<Float>) -> Float {
        places.withUnsafeBufferPointer { places in
            values.withUnsafeBufferPointer { values in
                var sum: Float = 0
                for index in places.indices { sum += values[index] * dense[Int(places[index])] }
                return sum
            }
        }
    }
}

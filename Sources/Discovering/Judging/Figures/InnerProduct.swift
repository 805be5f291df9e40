internal import Clustering

/// The inner product of two vectors of so many numbers: eight at a time, which the order of plain additions forbids.
func innerProduct(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int) -> Float {
    var sums = SIMD8<Float>.zero
    var place = 0
    while place + 8 <= count {
        let one = UnsafeRawPointer(left + place).loadUnaligned(as: SIMD8<Float>.self)
        let other = UnsafeRawPointer(right + place).loadUnaligned(as: SIMD8<Float>.self)
        sums += one * other
        place += 8
    }
    var sum = sums.sum()
    while place < count {
        sum += left[place] * right[place]
        place += 1
    }
    return sum
}

extension VectorTable {
    /// The cosines of all pairs of these rows, `rows.count * rows.count`, 0 on the diagonal.
    func cosines(_ rows: [Int]) -> [Float] {
        let count = rows.count
        var cosines = [Float](repeating: 0, count: count * count)
        values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for first in 0..<count {
                for second in first + 1..<max(first + 1, count) {
                    let cosine = innerProduct(
                        base + rows[first] * dimension,
                        base + rows[second] * dimension,
                        count: dimension
                    )
                    cosines[first * count + second] = cosine
                    cosines[second * count + first] = cosine
                }
            }
        }
        return cosines
    }

    /// The cosine of a row with a unit vector.
    func cosine(_ row: Int, _ vector: [Float]) -> Float {
        values.withUnsafeBufferPointer { values in
            vector.withUnsafeBufferPointer { vector in
                guard let base = values.baseAddress, let other = vector.baseAddress else { return 0 }
                return innerProduct(base + row * dimension, other, count: dimension)
            }
        }
    }
}

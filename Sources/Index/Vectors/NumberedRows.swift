internal import CHNSW

/// Vectors that carry the numbers of their rows, in ascending order.
extension chnsw_rows {
    /// The row that stands at a place.
    func number(at index: Int) -> Int {
        let vector = base + index * stride
        return Int(vector.loadUnaligned(fromByteOffset: numbers_offset, as: UInt64.self))
    }

    /// Valid as long as what it lies in.
    func vector(at index: Int) -> UnsafePointer<Float> {
        (base + index * stride).assumingMemoryBound(to: Float.self)
    }

    /// The row's vector; nil where it is not there.
    func vector(of row: Int) -> UnsafePointer<Float>? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if number(at: middle) < row { low = middle + 1 } else { high = middle }
        }
        guard low < count, number(at: low) == row else { return nil }
        return vector(at: low)
    }
}

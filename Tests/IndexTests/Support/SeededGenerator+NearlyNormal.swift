import Core

extension SeededGenerator {
    /// Sum of uniform numbers: near enough to a normal distribution with variance 1, and fast.
    mutating func nearlyNormal() -> Float {
        let bits = next()
        var sum: Float = 0
        for shift in stride(from: 0, to: 64, by: 16) {
            sum += Float(bits >> UInt64(shift) & 0xFFFF) / 65_536
        }
        return (sum - 2) * 1.732
    }
}

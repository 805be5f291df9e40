internal import Core

extension SeededGenerator {
    /// Sum of four uniform figures out of one random number, with mean 0 and variance 1.
    mutating func nearlyNormal() -> Float {
        var bits = next()
        var sum: Float = 0
        for _ in 0..<4 {
            sum += Float(bits & 0xFFFF)
            bits >>= 16
        }
        return (sum / 65_536 - 2) * Float(3).squareRoot()
    }
}

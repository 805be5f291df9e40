internal import CHNSW

// Products over rows that lie one behind the other in memory, for work on whole tables.
extension VectorKernels {
    /// Every row on the left with every row on the right, each to the bit as `dot` gives it. Fastest where the rows on the
    /// right fit the processor's second cache: some hundred of 384 numbers.
    ///
    /// - Parameters:
    ///   - left: whole rows of `dimension` numbers.
    ///   - right: whole rows of `dimension` numbers.
    ///   - products: takes the product of rows l and r at l * (rows on the right) + r.
    package static func dots(
        _ left: UnsafeBufferPointer<Float>,
        _ right: UnsafeBufferPointer<Float>,
        dimension: Int,
        into products: UnsafeMutableBufferPointer<Float>,
    ) {
        let (leftCount, rightCount) = (left.count / dimension, right.count / dimension)
        precondition(products.count >= leftCount * rightCount, "there is room for a product of each pair")
        guard leftCount > 0, rightCount > 0, let first = left.baseAddress, let second = right.baseAddress,
            let target = products.baseAddress
        else { return }
        chnsw_dots(first, leftCount, second, rightCount, dimension, target)
    }

    /// The same on certain instructions, which have to be available.
    static func dots(
        _ left: [Float],
        _ right: [Float],
        dimension: Int,
        on instructions: InstructionSet,
    ) -> [Float] {
        precondition(instructions.isAvailable, "this processor has no \(instructions.rawValue)")
        let (leftCount, rightCount) = (left.count / dimension, right.count / dimension)
        var products = [Float](repeating: 0, count: leftCount * rightCount)
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                products.withUnsafeMutableBufferPointer { products in
                    guard let first = left.baseAddress, let second = right.baseAddress,
                        let target = products.baseAddress
                    else { return }
                    chnsw_dots_on(instructions.code, first, leftCount, second, rightCount, dimension, target)
                }
            }
        }
        return products
    }

    /// Dot product of two vectors of `dimension` numbers, to the bit as search computes it.
    package static func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, dimension: Int) -> Float {
        chnsw_dot(left, right, dimension)
    }
}

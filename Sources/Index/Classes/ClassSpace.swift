internal import CGaussian

/// In what figures classes are told apart: those of a vector, and behind them what it is lifted by (`cgaussian_lift`).
///
/// A linear discriminant over both draws boundaries that are not straight in the vectors' own space, as a kernel would
/// (random features: Rahimi and Recht 2007).
struct ClassSpace: Sendable, Equatable {
    /// Figures of a vector as the encoder gives it.
    let dimension: Int
    /// Of a lifted one: 896 of 384; as many as there were from 1,024 on.
    let width: Int

    init(dimension: Int) {
        self.dimension = dimension
        width = cgaussian_lifted(dimension)
    }

    func lift(_ vector: [Float]) -> [Float] {
        [Float](unsafeUninitializedCapacity: width) { lifted, initialised in
            // Not empty: a dimension is positive.
            cgaussian_lift(vector, dimension, lifted.baseAddress!)
            initialised = width
        }
    }
}

package import Clustering
package import Core

/// Makes vectors that fit a run's own text better, without labels.
package protocol VectorTuner: Sendable {
    /// Whether the vectors that it makes are this encoder's, tuned, and not another one's.
    func tunes(_ encoder: ModelID) -> Bool

    /// - Parameters:
    ///   - texts: of the whole run.
    ///   - vectors: of the serving encoder, a row a text: the first neighbours are found among them.
    ///   - progress: told from 0 to 1 how far it is.
    /// - Returns: a unit vector a text, in their order; perhaps of another dimension.
    /// - Throws: `.unavailable` where it cannot be done here; `CancellationError` when the task is cancelled.
    func tune(
        texts: [UtteranceText],
        vectors: VectorTable,
        seed: UInt64,
        progress: @escaping @Sendable (Double) async -> Void,
    ) async throws -> VectorTable
}

extension VectorTuner {
    /// For those that go on from the vectors that they are given.
    package func tunes(_ encoder: ModelID) -> Bool { true }
}

package import Clustering
package import Core

/// Makes vectors that fit a run's own text better, without labels.
package protocol VectorTuner: Sendable {
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

package import Clustering
package import Core
package import Discovering
internal import Synchronization

/// Tunes once and keeps the vectors, so that what is measured beside a run is measured on the same ones.
package final class RememberedTuner: VectorTuner {
    private let tuner: any VectorTuner
    private let tuned = Mutex<[UtteranceText: [Float]]>([:])

    package init(_ tuner: any VectorTuner) {
        self.tuner = tuner
    }

    package func tunes(_ encoder: ModelID) -> Bool { tuner.tunes(encoder) }

    package func tune(
        texts: [UtteranceText],
        vectors: VectorTable,
        seed: UInt64,
        progress: @escaping @Sendable (Double) async -> Void,
    ) async throws -> VectorTable {
        if let known = table(of: texts) { return known }
        let table = try await tuner.tune(texts: texts, vectors: vectors, seed: seed, progress: progress)
        tuned.withLock { tuned in
            for (row, text) in texts.enumerated() { tuned[text] = Array(table[row]) }
        }
        return table
    }

    /// Nil where one of them was not tuned.
    package func table(of texts: [UtteranceText]) -> VectorTable? {
        let rows = tuned.withLock { tuned in texts.map { tuned[$0] } }
        let known = rows.compactMap { $0 }
        guard known.count == texts.count, let dimension = known.first?.count else { return nil }
        return VectorTable(dimension: dimension, rows: known)
    }
}

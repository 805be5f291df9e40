internal import Clustering
package import Core

/// Judges mixes of few sentences against the pool that they are drawn from: whether all of one have the same intent.
///
/// A mix is no cluster of a partition: it is small, and nothing stands beside it. So it has a fit and thereby a threshold
/// of its own, by those features alone that need no other cluster. How much sentences of one intent have in common
/// depends on how densely the pool is sown, so features count by how far they lie from those of mixes that are drawn from
/// a partition of the same pool; no label is needed for that.
package struct JudgedMixes: Sendable {
    package let weights: JudgeWeights

    package init(weights: JudgeWeights) {
        self.weights = weights
    }

    /// - Parameter mixes: rows of the field; a row may be in several.
    /// - Returns: one a mix, in their order.
    package func judge(_ mixes: [[Int]], of field: JudgedField) -> [ClusterJudgement] {
        let fit = FeatureFit(weights.fits(for: field.material).mixes)
        return Self.read(mixes, of: field, halves: VectorJudge.halves).map { reading in
            guard let reading else { return .ofNothing }
            return field.judgement(
                logit: fit.logit(reading.features),
                halves: reading.halves.map { fit.logit($0) }
            )
        }
    }

    /// - Returns: one a mix, in standard deviations from the pool's own mixes; nil for fewer than two sentences.
    package static func read(_ mixes: [[Int]], of field: JudgedField, halves: Int) -> [ClusterReadings?] {
        var reader = FieldReader(field, neighbours: JudgedField.compared)
        let readings = mixes.map { mix in
            mix.count < 2 ? nil : ClusterReadings(reader.figures(of: mix), of: mix, in: field, halves: halves)
        }
        let drawn = DrawnMixes(
            from: field.graph.leiden(resolution: resolution, iterations: 3, seed: field.seed).members(),
            in: field.material.clusteringVectors,
            count: drawnMixes,
            seed: field.seed
        )
        let own = drawn.mixes.map { reader.figures(of: $0).features }
        // A pool of too few clusters has none; then the mixes stand for each other.
        let scale = FeatureScale(own.isEmpty ? readings.compactMap { $0?.features } : own)
        return readings.map { reading in reading.map { $0.scaled(by: scale) } }
    }

    /// Of the partition that mixes are drawn from: among 2, 4, 8 and 16 the one by which a fit to HWU64 told most of DSTC11's
    /// insurance turns, and the other way round.
    private static let resolution = 2.0
    private static let drawnMixes = 300
}

/// Where features lie and how far they spread.
struct FeatureScale {
    private let means: [Double]
    private let deviations: [Double]

    init(_ rows: [[Double]]) {
        let count = Double(max(1, rows.count))
        let means = JudgeFeature.allCases.indices.map { place in rows.reduce(0) { $0 + $1[place] } / count }
        deviations = means.indices.map { place in
            let variance = rows.reduce(0) { $0 + ($1[place] - means[place]) * ($1[place] - means[place]) } / count
            // What never differs says nothing.
            return variance > 1e-12 ? variance.squareRoot() : 1
        }
        self.means = means
    }

    func standardised(_ features: [Double]) -> [Double] {
        features.indices.map { (features[$0] - means[$0]) / deviations[$0] }
    }
}

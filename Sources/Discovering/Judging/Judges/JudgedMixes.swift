package import Core

/// Judges mixes of few sentences against the pool that they are drawn from: whether all of one have the same intent.
///
/// A mix is no cluster of a partition: it is small, and nothing stands beside it. So it has a fit and thereby a threshold
/// of its own, by those features alone that need no other cluster.
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

    /// - Returns: one a mix; nil for fewer than two sentences.
    package static func read(_ mixes: [[Int]], of field: JudgedField, halves: Int) -> [ClusterReadings?] {
        var reader = FieldReader(field)
        return mixes.map { mix in
            mix.count < 2 ? nil : ClusterReadings(reader.figures(of: mix), of: mix, in: field, halves: halves)
        }
    }
}

extension JudgeWeights {
    /// Fitted to the test and validation utterances of HWU64 at two sizes, with the vectors of all-MiniLM-L6-v2; on
    /// BANKING77 and CLINC150 these give an AUROC of .84 to .90 for clusters and .86 to .95 for mixes. What ships is fitted
    /// to more. The curve of the scorer is set by hand: even odds where a cluster's own share is three fifths.
    package static let builtin = JudgeWeights(
        fittedOn: ["hwu64"],
        published: JudgeFits(
            vectors: JudgeWeights.vectors,
            mixes: JudgeWeights.mixes,
            scorer: LogisticFit(
                features: [JudgeFits.ownShare],
                means: [0.6],
                deviations: [0.15],
                weights: [1],
                bias: 0
            )
        )
    )

    private typealias Column = (feature: JudgeFeature, mean: Double, deviation: Double, weight: Double)

    private static var vectors: LogisticFit {
        fit(
            [
                (.overlap, 0.42, 0.1633, 0.0785),
                (.connected, 0.9045, 0.1539, 0.185),
                (.lowOverlap, 0.3453, 0.1764, 0.194),
                (.leastOverlap, 0.2021, 0.1559, -0.219),
                (.largestPiece, 0.9928, 0.04991, -0.0336),
                (.tightPiece, 0.903, 0.1767, -0.055),
                (.secondEigenvalue, 0.8308, 0.1961, 0.29),
                (.weakestCut, 0.487, 0.09569, 0.167),
                (.walk, 0.6576, 0.1961, 0.32),
                (.lowWalk, 0.5816, 0.2405, 0.389),
                (.similarity, 0.3981, 0.1201, -0.0327),
                (.lowSimilarity, 0.3308, 0.1253, 0.0272),
                (.similaritySpread, 0.07645, 0.02315, 0.102),
                (.reach, 0.05102, 0.09096, 0.279),
                (.inside, 0.6466, 0.191, 0.0648),
                (.rival, 0.1806, 0.1039, -0.131),
                (.silhouette, 0.3839, 0.1052, 0.118),
                (.size, 2.932, 0.7133, -0.0922),
                (.relativeSize, -0.04576, 0.5358, -0.265),
            ],
            bias: -0.838,
            temperature: 1
        )
    }

    private static var mixes: LogisticFit {
        fit(
            [
                (.overlap, 0.0296, 1.107, -0.102),
                (.connected, -0.115, 1.169, -0.0258),
                (.lowOverlap, 0.007636, 1.097, 0.0784),
                (.leastOverlap, -0.00709, 1.11, 0.135),
                (.largestPiece, -0.1578, 1.11, -0.124),
                (.tightPiece, -0.06086, 1.175, -0.272),
                (.secondEigenvalue, 0.01286, 0.9987, 0.428),
                (.weakestCut, 0.03369, 0.9778, 0.0655),
                (.walk, 0.01139, 1.104, 0.342),
                (.lowWalk, 0.01797, 1.071, 0.534),
                (.similarity, 0.1345, 1.19, -0.153),
                (.lowSimilarity, 0.1485, 1.183, -0.0937),
                (.similaritySpread, -0.06165, 0.9809, -0.222),
                (.reach, -0.03818, 1.075, 0.683),
            ],
            bias: 0.128,
            temperature: 0.7
        )
    }

    private static func fit(_ columns: [Column], bias: Double, temperature: Double) -> LogisticFit {
        LogisticFit(
            features: columns.map(\.feature.rawValue),
            means: columns.map(\.mean),
            deviations: columns.map(\.deviation),
            weights: columns.map(\.weight),
            bias: bias,
            temperature: temperature
        )
    }
}

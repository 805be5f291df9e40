extension JudgeWeights {
    /// The published part of `deploy/models/switchboard-judge.json`, rounded, for a program without that file. The curve of
    /// the scorer is set by hand: even odds where a cluster's own share is three fifths.
    package static let builtin = JudgeWeights(
        fittedOn: ["hwu64-train", "dstc11-insurance.jsonl"],
        published: JudgeFits(
            vectors: JudgeWeights.vectors,
            mixes: JudgeWeights.mixes,
            scorer: LogisticFit(
                features: [JudgeFits.ownShare],
                means: [0.6],
                deviations: [0.15],
                weights: [1],
                bias: 0
            ),
            leastSimilarity: 0.1774
        )
    )

    private typealias Column = (feature: JudgeFeature, mean: Double, deviation: Double, weight: Double)

    private static var vectors: LogisticFit {
        fit(
            [
                (.overlap, 0.3696, 0.1469, -0.01969),
                (.connected, 0.8686, 0.1632, 0.358),
                (.lowOverlap, 0.2941, 0.1537, 0.02976),
                (.leastOverlap, 0.1602, 0.1277, -0.07175),
                (.largestPiece, 0.9933, 0.04237, -0.09099),
                (.tightPiece, 0.9148, 0.159, -0.07676),
                (.secondEigenvalue, 0.7752, 0.1896, 0.2595),
                (.weakestCut, 0.4633, 0.09152, -0.09488),
                (.walk, 0.6647, 0.1859, 0.5108),
                (.lowWalk, 0.5942, 0.2171, 0.3245),
                (.similarity, 0.4842, 0.126, -0.1469),
                (.lowSimilarity, 0.4228, 0.1316, -0.1925),
                (.similaritySpread, 0.07342, 0.02295, -0.3364),
                (.reach, -0.03278, 0.05828, -0.1185),
                (.words, 0.1495, 0.08378, 0.3325),
                (.inside, 0.6424, 0.188, 0.2598),
                (.rival, 0.1338, 0.0907, 0.1793),
                (.silhouette, 0.3959, 0.1043, 0.3587),
                (.misplaced, 0.01513, 0.03605, 0.08985),
                (.size, 3.149, 0.872, -0.09721),
                (.relativeSize, 0.01021, 0.5199, 0.008697),
            ],
            bias: -0.05766,
            temperature: 1.318
        )
    }

    private static var mixes: LogisticFit {
        fit(
            [
                (.overlap, -0.08506, 0.9937, -0.5307),
                (.connected, -0.1249, 1.047, 0.207),
                (.lowOverlap, -0.08956, 0.9932, -0.06314),
                (.leastOverlap, -0.1821, 0.9805, 0.1237),
                (.largestPiece, -0.2285, 1.325, -0.1882),
                (.tightPiece, -0.1519, 1.05, -0.4509),
                (.secondEigenvalue, 0.02555, 0.9939, 0.3332),
                (.weakestCut, 0.0882, 0.9893, -0.1495),
                (.walk, -0.1268, 1.002, 0.6561),
                (.lowWalk, -0.1446, 0.9753, 0.9371),
                (.similarity, 0.1524, 1.105, -0.4342),
                (.lowSimilarity, 0.1518, 1.142, -0.08332),
                (.similaritySpread, 0.01399, 1.084, 0.006296),
                (.reach, 0.1539, 1.022, 1.108),
                (.words, 0.3137, 1.248, 0.3009),
            ],
            bias: 0.2181,
            temperature: 1.925
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

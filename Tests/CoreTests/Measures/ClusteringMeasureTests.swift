import Testing

@testable import Core

@Suite struct ClusteringMeasureTests {
    private func figures(_ gold: [Int], _ clusters: [Int]) -> [Double?] {
        [
            Measure.normalisedMutualInformation(gold: gold, clusters: clusters),
            Measure.adjustedRandIndex(gold: gold, clusters: clusters),
            Measure.clusteringAccuracy(gold: gold, clusters: clusters),
        ]
    }

    struct Case {
        var gold: [Int]
        var clusters: [Int]
        /// NMI, ARI, ACC.
        var expected: [Double]
    }

    private static let cases: [Case] = [
        // Gold and clusters that say the same under other names.
        Case(gold: [0, 0, 1, 1, 2], clusters: [7, 7, 3, 3, 9], expected: [1.0, 1.0, 1.0]),
        // Clusters that say nothing: NMI 0, ARI 0; one label matches.
        Case(gold: [0, 0, 1, 1], clusters: [5, 5, 5, 5], expected: [0.0, 0.0, 0.5]),
        // A cluster each. NMI 2 ln 2 / (ln 2 + ln 4); no pair together; two clusters find a partner.
        Case(gold: [0, 0, 1, 1], clusters: [1, 2, 3, 4], expected: [2.0 / 3, 0.0, 0.5]),
        // Everything in one group on both sides, and single utterances on both.
        Case(gold: [0, 0, 0], clusters: [4, 4, 4], expected: [1.0, 1.0, 1.0]),
        Case(gold: [0, 1, 2], clusters: [6, 5, 4], expected: [1.0, 1.0, 1.0]),
        Case(gold: [3], clusters: [1], expected: [1.0, 1.0, 1.0]),
        // Pairs: 6; together in gold 2, in clusters 2, in both 0; expected 2/3; (0 - 2/3) / (2 - 2/3).
        Case(gold: [0, 0, 1, 1], clusters: [0, 1, 0, 1], expected: [0.0, -0.5, 0.5]),
    ]

    @Test(arguments: cases)
    func agreesWithWhatAHandComputes(example: Case) {
        for (figure, value) in zip(figures(example.gold, example.clusters), example.expected) {
            #expect(isNear(figure, value))
        }
    }

    @Test func measuresNothingOfNothing() {
        #expect(figures([], []) == [nil, nil, nil])
    }

    /// Expected: scikit-learn's `normalized_mutual_info_score` and `adjusted_rand_score`, scipy's
    /// `linear_sum_assignment`; once with more clusters than labels, once with fewer.
    @Test(arguments: [
        (20, [0.5179453553315295, 0.44212612260841805, 0.6366666666666667]),
        (7, [0.36671336185192865, 0.2815507651214669, 0.44166666666666665]),
    ])
    func agreesWithScikitLearn(clusterCount: Int, expected: [Double]) {
        var draws = Draws(seed: 11)
        var gold: [Int] = []
        var clusters: [Int] = []
        for _ in 0..<600 {
            let label = draws.below(12)
            gold.append(label)
            let cluster = draws.unit() < 0.6 ? label * 2 : draws.below(20)
            clusters.append(clusterCount == 20 ? cluster : cluster % 7)
        }
        for (figure, value) in zip(figures(gold, clusters), expected) { #expect(isNear(figure, value)) }
    }
}

@Suite struct AssignmentTests {
    @Test func matchesByHand() {
        // Greedy would take 9 first and end with 9 + 1; the best is 8 + 7.
        let square = Assignment(maximising: [[9, 8], [7, 1]])
        #expect(square.columns == [1, 0])
        #expect(square.total == 15)
        let tall = Assignment(maximising: [[1], [5], [3]])
        #expect(tall.columns == [nil, 0, nil])
        #expect(tall.total == 5)
        #expect(Assignment(maximising: []).total == 0)
        #expect(Assignment(maximising: [[], []]).columns == [nil, nil])
        #expect(Assignment(maximising: [[-4, -2, -3]]).columns == [1])
    }

    /// Expected: scipy's `linear_sum_assignment(maximize=True)`.
    @Test func agreesWithScipy() {
        var draws = Draws(seed: 23)
        let wide = (0..<60).map { _ in (0..<80).map { _ in draws.below(1_000) } }
        #expect(Assignment(maximising: wide).total == 59_108)
        let tall = (0..<80).map { column in wide.map { $0[column] } }
        #expect(Assignment(maximising: tall).total == 59_108)
    }

    @Test func isAsGoodAsEveryPermutation() {
        var draws = Draws(seed: 41)
        for _ in 0..<40 {
            let weights = (0..<5).map { _ in (0..<5).map { _ in draws.below(20) } }
            let matching = Assignment(maximising: weights)
            #expect(Set(matching.columns.compactMap { $0 }).count == 5)
            let best = permutations(of: Array(0..<5)).map { permutation in
                permutation.enumerated().reduce(0) { $0 + weights[$1.offset][$1.element] }
            }.max()
            #expect(matching.total == best)
        }
    }

    private func permutations(of items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.flatMap { first in
            permutations(of: items.filter { $0 != first }).map { [first] + $0 }
        }
    }
}

import Testing

@testable import Core

@Suite struct OutOfScopeMeasureTests {
    /// In scope: 0.9 right, 0.8 wrong, 0.5 right, 0.3 right. Out of scope: 0.6, 0.4, 0.2.
    private static let answers: [Measure.ScopedAnswer] = [
        .init(score: 0.9, isOutOfScope: false, isRight: true),
        .init(score: 0.8, isOutOfScope: false, isRight: false),
        .init(score: 0.5, isOutOfScope: false, isRight: true),
        .init(score: 0.3, isOutOfScope: false, isRight: true),
        .init(score: 0.6, isOutOfScope: true, isRight: false),
        .init(score: 0.4, isOutOfScope: true, isRight: false),
        .init(score: 0.2, isOutOfScope: true, isRight: false),
    ]

    @Test func countsRefusalsByHand() {
        // Below 0.5: one in scope (right), two out of scope. A score equal to the threshold is answered.
        let measures = Measure.outOfScope(Self.answers, threshold: 0.5)
        #expect(measures.inScopeAccuracy == 2.0 / 4)
        #expect(measures.recall == 2.0 / 3)
        #expect(measures.precision == 2.0 / 3)
        #expect(measures.f1 == 4.0 / 6)
        #expect(measures.refused == 3)
        let told = Measure.outOfScope(Self.answers, isRefused: Self.answers.map { $0.score < 0.5 })
        #expect(told == measures)
    }

    @Test func leavesOutWhatCannotBeMeasured() {
        let open = Measure.outOfScope(Self.answers, threshold: 0)
        #expect(open.precision == nil)
        #expect(open.recall == 0)
        #expect(open.f1 == 0)
        let inside = Measure.outOfScope(Array(Self.answers.prefix(4)), threshold: 0.4)
        #expect(inside.recall == nil)
        #expect(inside.inScopeAccuracy == 0.5)
        #expect(inside.precision == 0)
        let nothing = Measure.outOfScope([], threshold: 0.4)
        #expect(nothing == Measure.OutOfScope(inScopeAccuracy: nil, recall: nil, precision: nil, f1: nil, refused: 0))
    }

    @Test func ranksPairsAndHalvesTies() {
        // Pairs: 0.5 against 0.2 won, against 0.5 tied, 0.3 against 0.2 won, against 0.5 lost.
        #expect(Measure.auroc(positive: [0.5, 0.3], negative: [0.2, 0.5]) == 2.5 / 4)
        #expect(Measure.auroc(positive: [1, 1], negative: [1, 1, 1]) == 0.5)
        #expect(Measure.auroc(positive: [2], negative: [1]) == 1)
        #expect(Measure.auroc(positive: [], negative: [1]) == nil)
        #expect(Measure.auroc(positive: [1], negative: []) == nil)
    }

    /// Expected: scikit-learn's `roc_auc_score`; scores in steps of 1/50, so that many are tied.
    @Test func agreesWithScikitLearn() {
        var draws = Draws(seed: 13)
        let positive = (0..<300).map { _ in ((draws.unit() * 0.7 + 0.3) * 50).rounded(.down) / 50 }
        let negative = (0..<200).map { _ in (draws.unit() * 0.8 * 50).rounded(.down) / 50 }
        #expect(isNear(Measure.auroc(positive: positive, negative: negative), 0.7462166666666666))
    }

    // MARK: - Thresholds

    private static let cuts: [(ThresholdFit.Objective, Double, Double)] = [
        // Between 0.6 and 0.8 all three out of scope are refused: (1/4 + 3/3) / 2; below 0.3: (3/4 + 1/3) / 2; between
        // 0.4 and 0.5: (2/4 + 2/3) / 2, which is the greatest but for the first.
        (.balanced, 0.7, 0.625),
        // Refusing 0.2 alone, or up to 0.4, or up to 0.6: 4 of 7 each; the lowest cut wins.
        (.overallAccuracy, 0.25, 4.0 / 7),
        // Up to 0.6: 2 x 3 / (5 + 3).
        (.outOfScopeF1, 0.7, 0.75),
        // From 0.5 up two of four are right; of 0.9 alone all.
        (.coverage(precision: 0.5), 0.25, 6.0 / 7),
        (.coverage(precision: 0.9), 0.85, 1.0 / 7),
    ]

    @Test(arguments: cuts)
    func findsTheBestCutByHand(objective: ThresholdFit.Objective, threshold: Double, value: Double) throws {
        let fit = try #require(ThresholdFit(Self.answers, maximising: objective))
        #expect(isNear(fit.threshold, threshold))
        #expect(isNear(fit.value, value))
        #expect(fit.measures == Measure.outOfScope(Self.answers, threshold: fit.threshold))
    }

    @Test(arguments: [
        ThresholdFit.Objective.balanced, .overallAccuracy, .outOfScopeF1, .coverage(precision: 0.6),
        .leastCost(wrong: 4, refused: 1, stranger: 2),
    ])
    func isAsGoodAsAnyThresholdTried(objective: ThresholdFit.Objective) throws {
        var draws = Draws(seed: 31)
        let answers = (0..<300).map { _ in
            let isOutOfScope = draws.unit() < 0.3
            let score = (draws.unit() * 0.7 + (isOutOfScope ? 0 : 0.3)) * 40
            return Measure.ScopedAnswer(
                score: score.rounded() / 40,
                isOutOfScope: isOutOfScope,
                isRight: draws.unit() < 0.8
            )
        }
        let fit = try #require(ThresholdFit(answers, maximising: objective))
        #expect(fit.measures == Measure.outOfScope(answers, threshold: fit.threshold))
        for step in 0...400 {
            let threshold = Double(step) / 400
            let measures = Measure.outOfScope(answers, threshold: threshold)
            let answered = answers.filter { $0.score >= threshold }
            let right = answered.count { !$0.isOutOfScope && $0.isRight }
            let caught = answers.count { $0.isOutOfScope && $0.score < threshold }
            switch objective {
            case .balanced:
                let value = (try #require(measures.inScopeAccuracy) + (try #require(measures.recall))) / 2
                #expect(fit.value >= value)
            case .overallAccuracy: #expect(fit.value >= Double(right + caught) / 300)
            case .outOfScopeF1: #expect(fit.value >= (measures.f1 ?? 0))
            case .coverage(let precision):
                guard !answered.isEmpty, Double(right) >= precision * Double(answered.count) else { continue }
                #expect(fit.value >= Double(answered.count) / 300)
            case .leastCost(let wrong, let refused, let stranger):
                let inScope = answers.count { !$0.isOutOfScope }
                let missed = answered.count { $0.isOutOfScope }
                let wrongly = answered.count - missed - right
                let turnedAway = inScope - wrongly - right
                let cost = (wrong * Double(wrongly) + refused * Double(turnedAway)) / Double(inScope)
                #expect(fit.value >= -(cost + stranger * Double(missed) / Double(300 - inScope)) - 1e-9)
            }
        }
    }

    @Test func refusesNothingOrEverythingWhereThatIsBest() throws {
        let good = Measure.ScopedAnswer(score: 0.1, isOutOfScope: false, isRight: true)
        let all = try #require(ThresholdFit([good, good], maximising: .coverage(precision: 1)))
        #expect(all.measures.refused == 0)
        #expect(all.threshold == 0.1)
        let strange = Measure.ScopedAnswer(score: 0.5, isOutOfScope: true, isRight: false)
        let none = try #require(ThresholdFit([strange, strange], maximising: .overallAccuracy))
        #expect(none.measures.refused == 2)
        #expect(none.threshold > 0.5 && none.threshold < 0.51)
    }

    @Test func saysWhatCannotBeFitted() {
        #expect(ThresholdFit([], maximising: .overallAccuracy) == nil)
        #expect(ThresholdFit(Array(Self.answers.prefix(4)), maximising: .balanced) == nil)
        #expect(ThresholdFit(Array(Self.answers.suffix(3)), maximising: .coverage(precision: 0.1)) == nil)
    }
}

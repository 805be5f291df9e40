import Core
import Testing

@testable import Evaluating

struct PolicyFitTests {
    private let base = RetrievalPolicy(k: 10)

    /// One sure neighbourhood and one mixed one, each right so many times of ten.
    private func samples(sureRight: Int, mixedRight: Int) throws -> [FitSample] {
        try (0..<10).flatMap { place in
            [
                try Samples.fitSample(place < sureRight ? "a" : "b", [("a", 0.9), ("a", 0.85), ("b", 0.75)]),
                try Samples.fitSample(place < mixedRight ? "a" : "b", [("a", 0.8), ("b", 0.78)]),
            ]
        }
    }

    @Test func withoutSamplesThePolicyStaysAsItIs() {
        let fit = PolicyFit(base: base, inScope: [], outOfScope: [])
        #expect(fit.policy == base)
        #expect(fit.words.isEmpty)
    }

    @Test func overconfidentVotesAreCooled() throws {
        let rarelyRight = PolicyFit(base: base, inScope: try samples(sureRight: 6, mixedRight: 5), outOfScope: [])
        let nearlyAlwaysRight = PolicyFit(
            base: base,
            inScope: try samples(sureRight: 10, mixedRight: 9),
            outOfScope: []
        )
        let warm = try #require(rarelyRight.policy.calibrationTemperature)
        let cold = try #require(nearlyAlwaysRight.policy.calibrationTemperature)
        #expect(warm > 1)
        #expect(cold < 1)
    }

    @Test func calibrationMeetsTheRateOfRightAnswers() throws {
        let samples = try (0..<100).map {
            try Samples.fitSample($0 < 70 ? "a" : "b", [("a", 0.9), ("b", 0.8)])
        }
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: [])
        var input = samples[0].input
        input.retrievalPolicy = fit.policy
        let probability = try #require(Decision(input).candidates.first?.probability)
        #expect(abs(probability - 0.7) < 0.01)
    }

    @Test func anAimThatCannotBeReachedIsToldPlainly() throws {
        let samples = try (0..<100).map {
            try Samples.fitSample($0 < 70 ? "a" : "b", [("a", 0.9), ("b", 0.8)])
        }
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: [])
        #expect(fit.words.last?.hasPrefix("aim 95.00 % not reachable on this data: ROUTE from probability") == true)
    }

    @Test func withoutOutOfScopeExamplesNearlyAllInScopeIsKept() throws {
        let samples = try (0..<1_000).map { try Samples.fitSample("a", [("a", 0.3 + Double($0) / 2_000)]) }
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: [])
        let refused = samples.count { ($0.input.familiarity ?? -1) < fit.policy.minimumFamiliarity }
        #expect((5...10).contains(refused))
    }

    // Without class evidence familiarity is the similarity.
    @Test func outOfScopeExamplesMoveTheThresholdBetweenTheTwo() throws {
        let inScope = try (0..<50).map { try Samples.fitSample("a", [("a", 0.6 + Double($0) / 200)]) }
        let outOfScope = try (0..<50).map { try Samples.fitSample(nil, [("a", 0.2 + Double($0) / 200)]) }
        let threshold = PolicyFit(base: base, inScope: inScope, outOfScope: outOfScope).policy.minimumFamiliarity
        #expect(threshold > 0.445 && threshold <= 0.6)
    }

    @Test func wrongInScopeAnswersAreNoReasonToKeepThem() throws {
        // Below 0.5 everything is wrong anyway, so refusing it costs nothing and catches what is out of scope there.
        let near = try (0..<50).map { try Samples.fitSample("a", [("a", 0.6 + Double($0) / 200)]) }
        let far = try (0..<50).map { try Samples.fitSample("b", [("a", 0.4 + Double($0) / 1_000)]) }
        let outOfScope = try (0..<50).map { try Samples.fitSample(nil, [("a", 0.4 + Double($0) / 1_000)]) }
        let threshold = PolicyFit(base: base, inScope: near + far, outOfScope: outOfScope).policy.minimumFamiliarity
        #expect(threshold > 0.449 && threshold <= 0.6)
    }

    @Test func routesAreAsPreciseAsAimedAt() throws {
        let samples = try samples(sureRight: 10, mixedRight: 5)
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: [], aim: .init(routePrecision: 0.95))
        let decisions = samples.map { sample -> (Outcome, Bool) in
            var input = sample.input
            input.retrievalPolicy = fit.policy
            let decision = Decision(input)
            let isRight = decision.candidates.first.map { input.intents[$0.intent]?.path == sample.gold?.path } ?? false
            return (decision.outcome, isRight)
        }
        let routed = decisions.filter { $0.0 == .route }
        #expect(routed.count == 10)
        #expect(routed.allSatisfy { $0.1 })
    }

    @Test func theDearerAWrongRouteTheMoreIsAsked() throws {
        let samples = try samples(sureRight: 10, mixedRight: 7)
        func routed(_ costs: AnswerCosts) -> Int {
            let policy = PolicyFit(base: base, inScope: samples, outOfScope: [], aim: .init(costs: costs)).policy
            return samples.count { $0.decision(under: policy).outcome == .route }
        }
        // Three of ten mixed ones are wrong: not worth a question each at twice its cost, worth it at ten times.
        #expect(routed(AnswerCosts(wrongRoute: 2, question: 1)) == 20)
        #expect(routed(AnswerCosts(wrongRoute: 10, question: 1)) == 10)
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: [], aim: .init(costs: AnswerCosts()))
        #expect(fit.words.last?.hasSuffix("(least cost)") == true)
    }

    /// Utterances of one intent, as near as said and as far from its mean.
    private func distant(
        _ gold: String?,
        similarity: Double,
        distance: Double,
        _ figure: WritableKeyPath<ClassEvidence, Double?> = \.relativeDistance,
        _ value: Double? = nil,
    ) throws -> FitSample {
        var sample = try Samples.fitSample(gold, [("a", similarity)])
        sample.input.classes = ClassEvidence(
            figures: sample.input.intents.keys.map { ClassFigure(intent: $0, cosine: 0.5, logDensity: -1) },
            weights: ClassWeights(exemplarsPerIntent: 10),
            relativeDistance: distance
        )
        if let value { sample.input.classes?[keyPath: figure] = value }
        return sample
    }

    @Test func theDistanceWeighsWhatItTells() throws {
        // Strangers are the nearer ones by similarity, and far from the intent as a whole.
        let near = try (0..<50).map { try distant("a", similarity: 0.5 + Double($0) / 200, distance: -0.5) }
        let strangers = try (0..<50).map { try distant(nil, similarity: 0.65 + Double($0) / 200, distance: 0.3) }
        let fit = PolicyFit(base: base, inScope: near, outOfScope: strangers)
        #expect(fit.policy.distanceWeight > base.distanceWeight)
        let refused = strangers.count {
            ($0.familiarity(under: fit.policy) ?? 0) < fit.policy.minimumFamiliarity
        }
        #expect(refused == 50)
        // Where it tells nothing it weighs what it did.
        let alike = try (0..<50).map { try distant(nil, similarity: 0.3 + Double($0) / 1_000, distance: -0.5) }
        #expect(PolicyFit(base: base, inScope: near, outOfScope: alike).policy.distanceWeight == base.distanceWeight)
    }

    @Test func theNearestMeanWeighsWhatItTells() throws {
        func lying(_ gold: String?, similarity: Double, mean: Double) throws -> FitSample {
            try distant(gold, similarity: similarity, distance: 0, \.nearestMean, mean)
        }
        // Strangers are as near to an exemplar as callers, or nearer, and far from every mean; or the other way round.
        let callers = try (0..<50).map { try lying("a", similarity: 0.5 + Double($0) / 200, mean: 0.6) }
        let strangers = try (0..<50).map { try lying(nil, similarity: 0.7 + Double($0) / 200, mean: 0.3) }
        #expect(PolicyFit(base: base, inScope: callers, outOfScope: strangers).policy.meanWeight > base.meanWeight)
        let odd = try (0..<50).map { try lying(nil, similarity: 0.2 + Double($0) / 200, mean: 1) }
        #expect(PolicyFit(base: base, inScope: callers, outOfScope: odd).policy.meanWeight < base.meanWeight)
    }

    @Test func theWordsWeighWhatTheyTell() throws {
        func saying(_ gold: String?, similarity: Double, lift: Double) throws -> FitSample {
            try distant(gold, similarity: similarity, distance: 0, \.wordLift, lift)
        }
        // Strangers are as near as callers or nearer, and say what no caller says; or the words say nothing, or mislead.
        let callers = try (0..<50).map { try saying("a", similarity: 0.5 + Double($0) / 500, lift: 1) }
        let strangers = try (0..<50).map { try saying(nil, similarity: 0.56 + Double($0) / 500, lift: 0) }
        #expect(PolicyFit(base: base, inScope: callers, outOfScope: strangers).policy.wordWeight > 0.05)
        let alike = try (0..<50).map { try saying(nil, similarity: 0.4 + Double($0) / 500, lift: 1) }
        #expect(PolicyFit(base: base, inScope: callers, outOfScope: alike).policy.wordWeight == 0.05)
        let glib = try (0..<50).map { try saying(nil, similarity: 0.45 + Double($0) / 500, lift: 2) }
        #expect(PolicyFit(base: base, inScope: callers, outOfScope: glib).policy.wordWeight < 0.05)
        // Without strangers nothing is known of what they would tell.
        #expect(PolicyFit(base: base, inScope: callers, outOfScope: []).policy.wordWeight == 0)
    }

    @Test func strangersAreRefusedAsFarAsThatPays() throws {
        let near = try (0..<100).map { try Samples.fitSample("a", [("a", 0.4 + Double($0) / 200)]) }
        let strangers = try (0..<100).map { try Samples.fitSample(nil, [("a", 0.3 + Double($0) / 250)]) }
        func refused(_ costs: AnswerCosts?, atMost bound: Double? = nil) -> Int {
            let aim = PolicyFit.Aim(mostRefused: bound, costs: costs)
            let fit = PolicyFit(base: base, inScope: near, outOfScope: strangers, aim: aim)
            return near.count { ($0.input.familiarity ?? -1) < fit.policy.minimumFamiliarity }
        }
        let cheap = refused(AnswerCosts(refusal: 1, stranger: 10))
        let dear = refused(AnswerCosts(refusal: 10, stranger: 1))
        #expect(cheap > dear)
        #expect(dear == 0)
        // One more than the share may be what the threshold is.
        #expect(cheap > 10 && refused(AnswerCosts(refusal: 1, stranger: 10), atMost: 0.1) <= 10)
        #expect(refused(nil) <= 4 && refused(nil, atMost: 1) > 4)
    }

    @Test func costsAreNamed() throws {
        #expect(try AnswerCosts(["question=2", "stranger=0"]) == AnswerCosts(question: 2, stranger: 0))
        for written in ["question", "question=-1", "question=nan", "delay=3", "wrong-route=much"] {
            #expect(throws: SwitchboardError.self) { try AnswerCosts([written]) }
        }
    }

    @Test func sameSamplesGiveTheSamePolicy() throws {
        let samples = try samples(sureRight: 9, mixedRight: 6)
        let first = PolicyFit(base: base, inScope: samples, outOfScope: [])
        let second = PolicyFit(base: base, inScope: samples, outOfScope: [])
        #expect(first.policy == second.policy)
        #expect(!first.words.isEmpty)
    }

    // MARK: Class evidence

    /// Utterances whose neighbours, gold intents and class evidence are drawn by a seed; some intents have no figure, some no
    /// neighbour.
    private func drawn(_ count: Int) throws -> [FitSample] {
        var generator = SeededGenerator(seed: 7)
        return try (0..<count).map { _ in
            let neighbours = (0..<6).map { _ in
                (
                    intent: "i\(Int.random(in: 0..<5, using: &generator))",
                    similarity: Double.random(in: 0.3...0.9, using: &generator)
                )
            }
            let gold = "i\(Int.random(in: 0..<5, using: &generator))"
            // All intents are known to a sample by its neighbours; these last ones are too far to vote for anything.
            let all = neighbours + (0..<5).map { (intent: "i\($0)", similarity: -1.0) }
            var sample = try Samples.fitSample(gold, all)
            sample.input.neighbours = sample.input.neighbours.filter { $0.similarity > -1 }
            let figures = sample.input.intents.keys.sorted().compactMap { intent -> ClassFigure? in
                guard Int.random(in: 0..<4, using: &generator) > 0 else { return nil }
                let density = Double.random(in: -20...0, using: &generator)
                return ClassFigure(
                    intent: intent,
                    cosine: Double.random(in: -0.2...0.8, using: &generator),
                    logDensity: density > -2 ? nil : density,
                    words: Double.random(in: -8...20, using: &generator)
                )
            }
            sample.input.classes = ClassEvidence(
                figures: figures,
                weights: ClassWeights(exemplarsPerIntent: 10),
                others: -3
            )
            return sample
        }
    }

    @Test func whatIsTriedOnFiguresIsWhatADecisionSays() throws {
        let temperatures = [0.02, 0.05, 0.1]
        var trials = [(0.0, 0.0, 0.0, 1.0), (0.19, 15, 0.2, 4.2), (0.6, 2, 0, 1), (0, 30, 0.6, 9)].map {
            ClassWeights(density: $0.0, cosine: $0.1, words: $0.2, temperature: $0.3)
        }
        // Sums overflow: the vote counts alone.
        trials.append(ClassWeights(density: 1e308, cosine: -1e308, temperature: 1e-6))
        var right = 0
        for sample in try drawn(60) {
            let tried = TriedEvidence(sample, voteTemperatures: temperatures)
            for (place, temperature) in temperatures.enumerated() {
                for weights in trials {
                    var policy = base
                    policy.voteTemperature = temperature
                    policy.classWeights = weights
                    let isRight = sample.isRight(sample.decision(under: policy))
                    #expect(tried.isRight(under: weights, voteTemperature: place) == isRight)
                    if isRight { right += 1 }
                }
            }
        }
        #expect(right > 100)
    }

    @Test func anUtteranceWithoutEvidenceIsNeverRight() throws {
        var sample = try Samples.fitSample("a", [("a", 0.9)])
        sample.input.neighbours = []
        let tried = TriedEvidence(sample, voteTemperatures: [0.05])
        #expect(!tried.isRight(under: ClassWeights(exemplarsPerIntent: 10), voteTemperature: 0))
    }

    @Test func wholeIntentsThatKnowBetterAreGivenWeight() throws {
        // The vote is for the wrong one of two, and the mean for the right one.
        let samples = try (0..<60).map { place in
            let (gold, other) = place.isMultiple(of: 2) ? ("a", "b") : ("b", "a")
            var sample = try Samples.fitSample(gold, [(other, 0.82), (gold, 0.6)])
            let figures = sample.input.intents.values.map {
                ClassFigure(intent: $0.id, cosine: $0.path.description == gold ? 0.9 : 0.75, logDensity: nil)
            }
            sample.input.classes = ClassEvidence(figures: figures, weights: ClassWeights(exemplarsPerIntent: 10))
            return sample
        }
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: [])
        let start = ClassWeights(exemplarsPerIntent: 10)
        #expect((fit.policy.classWeights?.cosine ?? 0) > start.cosine)
        #expect(samples.allSatisfy { $0.isRight($0.decision(under: fit.policy)) })
    }

    @Test func wordsThatKnowBetterAreGivenWeight() throws {
        let samples = try (0..<60).map { place in
            let (gold, other) = place.isMultiple(of: 2) ? ("a", "b") : ("b", "a")
            var sample = try Samples.fitSample(gold, [(other, 0.82), (gold, 0.6)])
            let figures = sample.input.intents.values.map {
                ClassFigure(
                    intent: $0.id,
                    cosine: 0.8,
                    logDensity: nil,
                    words: $0.path.description == gold ? 9 : -9
                )
            }
            sample.input.classes = ClassEvidence(figures: figures, weights: ClassWeights(exemplarsPerIntent: 10))
            return sample
        }
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: [])
        let start = ClassWeights(exemplarsPerIntent: 10)
        #expect((fit.policy.classWeights?.words ?? 0) > start.words)
        #expect(samples.allSatisfy { $0.isRight($0.decision(under: fit.policy)) })
    }

    // MARK: The language model's part

    /// An even vote that the model decides: it prefers the gold intent this often of ten.
    private func scored(modelRight: Int) throws -> [FitSample] {
        try (0..<10).map { place in
            // Near enough to even that the vote's leader is no better than chance.
            var sample = try Samples.fitSample(place.isMultiple(of: 2) ? "a" : "b", [("a", 0.8), ("b", 0.799)])
            let preferred = place < modelRight ? sample.gold : try Samples.intent(place.isMultiple(of: 2) ? "b" : "a")
            let scores = sample.input.intents.mapValues { $0.path == preferred?.path ? -0.5 : -1.5 }
            sample.input.llm = .scored(scores, policy: nil)
            return sample
        }
    }

    private func llmFit(_ samples: [FitSample]) throws -> LLMPolicyFit {
        let id = try #require(ModelID(bytes: [UInt8](repeating: 7, count: 32)))
        let base = LLMPolicy(baseModel: id, adapter: nil, prompt: id, evidenceWeight: 1, llmWeight: 0)
        return LLMPolicyFit(base: base, retrieval: self.base, samples: samples)
    }

    @Test func aModelThatKnowsIsHeard() throws {
        let policy = try llmFit(try scored(modelRight: 9)).policy
        #expect(policy.llmWeight > 0)
        #expect(policy.evidenceWeight == 1)
        #expect(policy.calibrationTemperature != nil)
    }

    @Test func aModelThatIsMostlyWrongIsNot() throws {
        #expect(try llmFit(try scored(modelRight: 2)).policy.llmWeight == 0)
    }

    /// Sixteen intents with about equal votes; the model prefers the first and finds the gold one least likely.
    private func misled(_ gold: Int) throws -> FitSample {
        let names = (0..<16).map { "i\($0 + 10)" }
        var sample = try Samples.fitSample(names[gold], names.enumerated().map { ($1, 0.8 - Double($0) * 0.001) })
        sample.input.llm = .scored(
            sample.input.intents.mapValues { $0.path.description == names[gold] ? -4 : -1 },
            policy: nil
        )
        return sample
    }

    @Test func aModelThatPutsTheGoldIntentBeyondTheListGainsNothingByIt() throws {
        // Where it misleads, the gold intent leaves the ten that a reply names; such answers count against it all the same.
        let samples = try (0..<30).map { try misled($0 % 8) } + scored(modelRight: 10)
        #expect(try llmFit(samples).policy.llmWeight == 0)
    }

    @Test func calibrationCountsIntentsThatNoReplyNames() throws {
        let id = try #require(ModelID(bytes: [UInt8](repeating: 7, count: 32)))
        var policy = LLMPolicy(baseModel: id, adapter: nil, prompt: id, evidenceWeight: 1, llmWeight: 0)
        policy.calibrationTemperature = 1
        let sample = try misled(15)
        let fitted = sample.calibrationSample(under: base, llm: policy)
        let decision = sample.decision(under: base, llm: policy)
        #expect(decision.candidates.count == Decision.maximumCandidates)
        #expect(fitted.logScores.count == 16)
        #expect(fitted.gold == 15)
        let shares = Measure.softmax(fitted.logScores)
        #expect(zip(shares, decision.candidates).allSatisfy { abs($0 - ($1.probability ?? -1)) < 1e-9 })
    }

    @Test func theModelIsAskedOnlyWhereThatGains() throws {
        // It knows where the vote is even, and adds nothing where the vote is clear.
        let clear = try (0..<10).map { _ in
            var sample = try Samples.fitSample("a", [("a", 0.9), ("a", 0.88), ("b", 0.8)])
            let scores = sample.input.intents.mapValues { $0.path.description == "a" ? -0.5 : -0.6 }
            sample.input.llm = .scored(scores, policy: nil)
            return sample
        }
        let policy = try llmFit(try scored(modelRight: 10) + clear).policy
        let shares = clear.map { $0.input }.map { Decision($0).candidates[0].score }
        #expect(policy.skipShare > 0.5)
        #expect(shares.allSatisfy { $0 >= policy.skipShare })
    }

    @Test func inScopeIsSparedAsFarAsTheAimSays() throws {
        let near = try (0..<100).map { try Samples.fitSample("a", [("a", 0.4 + Double($0) / 200)]) }
        let strangers = try (0..<100).map { try Samples.fitSample(nil, [("a", 0.6 + Double($0) / 1_000)]) }
        func refused(_ most: Double) -> Int {
            let fit = PolicyFit(base: base, inScope: near, outOfScope: strangers, aim: .init(mostRefused: most))
            return near.count { ($0.input.familiarity ?? -1) < fit.policy.minimumFamiliarity }
        }
        #expect(refused(1) > 40)
        #expect(refused(0.1) <= 10)
    }

    @Test func withoutScoresTheBaseStays() throws {
        let fit = try llmFit([])
        #expect(fit.policy.llmWeight == 0)
        #expect(fit.policy.calibrationTemperature == nil)
        #expect(fit.words.isEmpty)
    }
}

import Testing

@testable import Core

@Suite struct VoteTests {
    @Test func sharesSumToOneAndFollowSimilarity() throws {
        let vote = Vote(
            [neighbour(1, 0.9), neighbour(1, 0.8), neighbour(2, 0.85)],
            temperature: 0.05
        )
        #expect(vote.shares.map(\.intent) == [IntentID(1), IntentID(2)])
        #expect(abs(vote.shares.reduce(0) { $0 + $1.share } - 1) < 1e-12)
        // exp(0) + exp(-2) against exp(-1).
        #expect(abs(vote.shares[0].share - (1 + 0.1353352832) / (1 + 0.1353352832 + 0.3678794412)) < 1e-9)
        #expect(vote.shares[0].similarity == 0.9)
    }

    @Test func equalSharesAreOrderedByIntent() {
        let vote = Vote([neighbour(7, 0.5), neighbour(3, 0.5)], temperature: 0.05)
        #expect(vote.shares.map(\.intent) == [IntentID(3), IntentID(7)])
    }

    @Test func nothingRetrievedGivesNoShare() {
        #expect(Vote([], temperature: 0.05).shares.isEmpty)
    }
}

@Suite struct DecisionTests {
    @Test func anEqualExemplarDecides() throws {
        var input = try Self.input([neighbour(3, 0.9), neighbour(11, 0.95)])
        input.equal = [neighbour(3, 1)]
        let decision = Decision(input)
        #expect(decision.outcome == .route)
        #expect(decision.intent == IntentID(3))
        #expect(decision.decidedBy == .exact)
        #expect(decision.candidates.map(\.intent) == [IntentID(3), IntentID(11)])
    }

    @Test func verticalsThatDisagreeLeaveItToTheVote() throws {
        var input = try Self.input([neighbour(3, 0.9)])
        input.equal = [neighbour(3, 1), neighbour(11, 1)]
        #expect(Decision(input).decidedBy == .retrieval)
    }

    @Test func aPolicyMayDistrustEqualExemplars() throws {
        var input = try Self.input([neighbour(11, 0.95)])
        input.equal = [neighbour(3, 1)]
        input.retrievalPolicy.trustsExact = false
        #expect(Decision(input).intent == IntentID(11))
    }

    @Test func aSureLeaderIsRouted() throws {
        let decision = Decision(try Self.input([neighbour(3, 0.9), neighbour(11, 0.5)]))
        #expect(decision.outcome == .route)
        #expect(decision.intent == IntentID(3))
        #expect(decision.decidedBy == .retrieval)
        #expect(decision.probability == nil)
    }

    @Test func whatResemblesNothingIsUnknownAndStillRanked() throws {
        let decision = Decision(try Self.input([neighbour(3, 0.2), neighbour(11, 0.1)]))
        #expect(decision.outcome == .unknown)
        #expect(decision.intent == nil)
        #expect(decision.candidates.first?.intent == IntentID(3))
    }

    @Test func nothingRetrievedIsUnknown() throws {
        let decision = Decision(try Self.input([]))
        #expect(decision.outcome == .unknown)
        #expect(decision.candidates.isEmpty)
    }

    @Test func closeCandidatesOfOtherParentsAreToBeClarified() throws {
        // orders/late (3) and refund/ask (11) have no parent in common.
        let decision = Decision(try Self.input([neighbour(3, 0.8), neighbour(11, 0.8)]))
        #expect(decision.outcome == .clarify)
        #expect(decision.intent == IntentID(3))
    }

    @Test func anUnsureLeafGivesItsSureParent() throws {
        // orders/late (3) and orders/lost (5) share orders (2).
        let decision = Decision(try Self.input([neighbour(3, 0.8), neighbour(5, 0.8), neighbour(11, 0.5)]))
        #expect(decision.outcome == .route)
        #expect(decision.intent == IntentID(2))
        #expect(decision.score > 0.99)
    }

    @Test func aMissingLanguageModelDegrades() throws {
        var input = try Self.input([neighbour(3, 0.9), neighbour(11, 0.5)])
        input.llm = .missing
        #expect(Decision(input).decidedBy == .degraded)
        #expect(Decision(input).outcome == .route)
    }

    @Test func scoresWithoutAPolicyAreReportedAndDoNotCount() throws {
        var input = try Self.input([neighbour(3, 0.9), neighbour(11, 0.5)])
        input.llm = .scored([IntentID(3): -9, IntentID(11): -0.1], policy: nil)
        let decision = Decision(input)
        #expect(decision.intent == IntentID(3))
        #expect(decision.decidedBy == .retrieval)
        #expect(decision.candidates.map(\.llmLogProbability) == [-9, -0.1])
    }

    @Test func aFittedLanguageModelMayOverruleTheVote() throws {
        var input = try Self.input([neighbour(3, 0.82), neighbour(11, 0.8)])
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        let policy = LLMPolicy(baseModel: model, adapter: nil, prompt: model, evidenceWeight: 1, llmWeight: 3)
        input.llm = .scored([IntentID(3): -4, IntentID(11): -0.5], policy: policy)
        let decision = Decision(input)
        #expect(decision.intent == IntentID(11))
        #expect(decision.decidedBy == .llm)
        #expect(abs(decision.candidates.reduce(0) { $0 + $1.score } - 1) < 1e-9)
    }

    @Test func aProbabilityDoesNotHangOnHowLikelyTheModelFindsAnyOfThem() throws {
        var input = try Self.input([neighbour(3, 0.82), neighbour(11, 0.8)])
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        var policy = LLMPolicy(baseModel: model, adapter: nil, prompt: model, evidenceWeight: 1, llmWeight: 4)
        policy.calibrationTemperature = 1
        input.llm = .scored([IntentID(3): -2, IntentID(11): -4], policy: policy)
        let near = try #require(Decision(input).candidates.first?.probability)
        #expect(near > 0.99)
        input.llm = .scored([IntentID(3): -12, IntentID(11): -14], policy: policy)
        let far = try #require(Decision(input).candidates.first?.probability)
        #expect(abs(near - far) < 1e-9)
    }

    @Test func theModelIsAskedWhereTheOthersAreNotSure() throws {
        let decision = Decision(try Self.input([neighbour(3, 0.82), neighbour(11, 0.8)]))
        let alone = Decision(try Self.input([neighbour(3, 0.82)]))
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        var policy = LLMPolicy(baseModel: model, adapter: nil, prompt: model, evidenceWeight: 1, llmWeight: 4)
        #expect(decision.asksLLM(.always, nil) && decision.asksLLM(.auto, policy))
        #expect(!decision.asksLLM(.off, policy) && !decision.asksLLM(.auto, nil) && !alone.asksLLM(.always, policy))
        policy.skipShare = decision.candidates[0].score
        #expect(!decision.asksLLM(.auto, policy))
        policy.skipShare = 1
        let stranger = Decision(try Self.input([neighbour(3, 0.2), neighbour(11, 0.19)]))
        #expect(stranger.outcome == .unknown)
        #expect(!stranger.asksLLM(.auto, policy) && stranger.asksLLM(.always, policy))
        #expect(decision.contenders(5) == decision.candidates.map(\.intent))
        #expect(decision.contenders(1).count == 1)
    }

    @Test func candidatesBelowAShareAreLeftOutButForTheFirstTwo() throws {
        let decision = Decision(try Self.input([neighbour(3, 0.82), neighbour(11, 0.8), neighbour(5, 0.7)]))
        let last = try #require(decision.candidates.last)
        #expect(decision.contenders(5, from: last.score).count == 3)
        #expect(decision.contenders(5, from: last.score + 1e-9) == [IntentID(3), IntentID(11)])
        #expect(decision.contenders(5, from: 1).count == 2)
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        var policy = LLMPolicy(baseModel: model, adapter: nil, prompt: model, evidenceWeight: 1, llmWeight: 4)
        #expect(decision.contenders(under: nil).count == 3 && decision.contenders(under: policy).count == 3)
        policy.leastShare = 0.5
        #expect(decision.contenders(under: policy).count == 2)
    }

    @Test func anIntentMayHaveThresholdsOfItsOwn() throws {
        let neighbours = [neighbour(3, 0.9), neighbour(11, 0.8)]
        func outcome(_ attributes: [String: String], of intent: UInt64 = 3) throws -> Outcome {
            var input = try Self.input(neighbours)
            input.intents[IntentID(intent)]?.attributes = attributes
            return Decision(input).outcome
        }
        // 0.88 against 0.12, and a familiarity of 0.9.
        #expect(try outcome([:]) == .route)
        #expect(try outcome(["policy.route_score": "0.95"]) == .clarify)
        #expect(try outcome(["policy.clarify_margin": "0.8"]) == .clarify)
        #expect(try outcome(["policy.min_familiarity": "0.95"]) == .unknown)
        #expect(try outcome(["policy.route_score": "soon", "policy.clarify_margin": ""]) == .route)
        // Who does not lead has no say.
        #expect(try outcome(["policy.route_score": "0.95", "policy.min_familiarity": "0.95"], of: 11) == .route)
    }

    @Test func aParentMayAskForMoreThanItsPolicyDoes() throws {
        var input = try Self.input([neighbour(3, 0.8), neighbour(5, 0.8), neighbour(11, 0.5)])
        #expect(Decision(input).intent == IntentID(2))
        input.intents[IntentID(2)]?.attributes = ["policy.route_score": "1.1"]
        #expect(Decision(input).outcome == .clarify)
    }

    @Test func headStartsSayWhoLeadsWithTheModel() throws {
        var input = try Self.input([neighbour(3, 0.82), neighbour(11, 0.8), neighbour(5, 0.7)])
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        var policy = LLMPolicy(baseModel: model, adapter: nil, prompt: model, evidenceWeight: 1, llmWeight: 3)
        let intents = [IntentID(3), IntentID(11), IntentID(5)]
        #expect(
            input.headStarts(of: intents, under: policy).isEmpty && input.headStarts(of: intents, under: nil).isEmpty
        )
        policy.stopsEarly = true
        let headStarts = input.headStarts(of: intents, under: policy)
        #expect(headStarts.count == 3)
        for scores in [[-1, -1, -1], [-2, -1, -0.4], [-0.9, -0.8, -0.05], [-3, -0.5, -2.5]] as [[Double]] {
            let sums = zip(headStarts, scores).map { $0 + $1 }
            let leader = try #require(sums.indices.max { sums[$0] < sums[$1] })
            input.llm = .scored(Dictionary(uniqueKeysWithValues: zip(intents, scores)), policy: policy)
            #expect(Decision(input).candidates.first?.intent == intents[leader])
        }
        policy.llmWeight = 0
        #expect(input.headStarts(of: intents, under: policy).isEmpty)
    }

    @Test func moreExemplarsVoteWhereTheNearestDisagreeOrAreOfTooFewIntents() {
        let divided = [neighbour(3, 0.81), neighbour(11, 0.8)]
        let agreed = [neighbour(3, 0.81), neighbour(3, 0.8)]
        var policy = RetrievalPolicy(k: 2)
        #expect(policy.widerK(than: divided) == nil)
        policy.widening = Widening(k: 30, belowShare: 0.6)
        #expect(policy.widerK(than: divided) == 30)
        #expect(policy.widerK(than: agreed) == nil)
        policy.widening = Widening(k: 30, belowShare: 0, fewerIntents: 2)
        #expect(policy.widerK(than: divided) == nil)
        #expect(policy.widerK(than: agreed) == 30)
        // There are no more than were found, or no more are asked for than usual.
        #expect(policy.widerK(than: [neighbour(3, 0.8)]) == nil && policy.widerK(than: []) == nil)
        policy.widening?.k = 2
        #expect(policy.widerK(than: agreed) == nil)
    }

    @Test func calibrationGivesProbabilitiesThatThresholdsHoldFor() throws {
        var input = try Self.input([neighbour(3, 0.85), neighbour(11, 0.8)])
        input.retrievalPolicy.calibrationTemperature = 10
        let decision = Decision(input)
        let probability = try #require(decision.candidates.first?.probability)
        // log(.73)/10 against log(.27)/10: nearly even, so the share's .73 is no longer enough.
        #expect((0.5..<0.6).contains(probability))
        #expect(decision.outcome == .clarify)
    }

    private static func input(_ neighbours: [Neighbour]) throws -> DecisionInput {
        let paths = [2: "orders", 3: "orders/late", 5: "orders/lost", 10: "refund", 11: "refund/ask"]
        var intents: [IntentID: Intent] = [:]
        for (number, path) in paths {
            let id = IntentID(UInt64(number))
            intents[id] = Intent(id: id, vertical: .default, path: try IntentPath(path))
        }
        return DecisionInput(neighbours: neighbours, equal: [], intents: intents, retrievalPolicy: .builtin)
    }
}

private func neighbour(_ intent: UInt64, _ similarity: Double) -> Neighbour {
    Neighbour(
        exemplar: ExemplarID(Bits128(UInt128(intent))),
        text: "",
        intent: IntentID(intent),
        similarity: similarity
    )
}

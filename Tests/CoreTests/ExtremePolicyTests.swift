import Testing

@testable import Core

/// Policies as an earlier program let anybody set them: every finite figure was accepted.
@Suite struct ExtremePolicyTests {
    private static let weights = [1e308, -1e308, 1e150, 1e6, -1e6, .leastNormalMagnitude / 4, 0]
    private static let temperatures = [1e308, 1e6, 1e-6, .leastNormalMagnitude / 4, Double.leastNonzeroMagnitude]

    @Test func whatComesOutIsFinite() throws {
        for weight in Self.weights {
            for temperature in Self.temperatures {
                let policy = try Self.policy(weight, temperature)
                for isByLLM in [false, true] {
                    for others in [-Double.infinity, 20, 1e308, .infinity] {
                        let input = try Self.input(policy, others: others, isByLLM: isByLLM)
                        let what: Comment = "weight \(weight), temperature \(temperature), others \(others)"
                        let decision = Decision(input)
                        #expect(input.familiarity?.isFinite == true, what)
                        #expect((0...1 + 1e-9).contains(decision.score), what)
                        let candidates = decision.candidates
                        #expect(candidates.allSatisfy { $0.vote.isFinite && $0.classScore?.isFinite != false }, what)
                        #expect(candidates.allSatisfy { (0...1).contains($0.score) }, what)
                        #expect(candidates.allSatisfy { (0...1).contains($0.probability ?? -1) }, what)
                        #expect(candidates.reduce(0) { $0 + $1.score } <= 1 + 1e-9, what)
                    }
                }
            }
        }
    }

    @Test func refusesWhatIsOutOfBoundsByItsName() throws {
        try Self.policy(1, 1).check()
        try Policy(retrieval: .builtin).check()
        for (change, name) in Self.changes {
            for figure in [1e308, -1e308, 1e7] {
                var policy = try Self.policy(1, 1)
                change(&policy, figure)
                do {
                    try policy.check()
                    Issue.record("\(name) may be \(figure)")
                } catch {
                    #expect(error.code == .invalidArgument)
                    #expect(error.message.contains(name), "\(error.message)")
                    #expect(error.field == name.split(separator: ".").last.map(String.init))
                }
                try policy.bounded.check()
            }
        }
    }

    @Test(arguments: [Int.min, -1, 0, 1_001, .max]) func asManyVoteAsASearchMayBeAskedFor(k: Int) throws {
        let policy = Policy(retrieval: RetrievalPolicy(k: k))
        let error = #expect(throws: SwitchboardError.self) { try policy.check() }
        #expect(error?.field == "k")
        try policy.bounded.check()
    }

    @Test func whatIsWithinBoundsStaysAsItWasSet() throws {
        let policy = try Self.policy(-3, 0.25)
        #expect(policy.bounded == policy)
        #expect(Policy(retrieval: .builtin).bounded.retrieval == .builtin)
    }

    private static let changes: [(@Sendable (inout Policy, Double) -> Void, String)] = [
        ({ $0.retrieval?.voteTemperature = $1 }, "retrieval.vote_temperature"),
        ({ $0.retrieval?.calibrationTemperature = $1 }, "retrieval.calibration_temperature"),
        ({ $0.retrieval?.minimumFamiliarity = $1 }, "retrieval.min_familiarity"),
        ({ $0.retrieval?.distanceWeight = $1 }, "retrieval.distance_weight"),
        ({ $0.retrieval?.meanWeight = $1 }, "retrieval.mean_weight"),
        ({ $0.retrieval?.wordWeight = $1 }, "retrieval.word_weight"),
        ({ $0.retrieval?.routeScore = $1 }, "retrieval.route_score"),
        ({ $0.retrieval?.clarifyMargin = $1 }, "retrieval.clarify_margin"),
        ({ $0.retrieval?.classWeights?.density = $1 }, "retrieval.class_weights.density"),
        ({ $0.retrieval?.classWeights?.cosine = $1 }, "retrieval.class_weights.cosine"),
        ({ $0.retrieval?.classWeights?.words = $1 }, "retrieval.class_weights.words"),
        ({ $0.retrieval?.classWeights?.temperature = $1 }, "retrieval.class_weights.temperature"),
        ({ $0.retrieval?.widening?.belowShare = $1 }, "retrieval.widening.below_share"),
        ({ $0.llm?.evidenceWeight = $1 }, "llm.vote_weight"),
        ({ $0.llm?.llmWeight = $1 }, "llm.llm_weight"),
        ({ $0.llm?.calibrationTemperature = $1 }, "llm.calibration_temperature"),
        ({ $0.llm?.skipShare = $1 }, "llm.skip_share"),
        ({ $0.llm?.routeScore = $1 }, "llm.route_score"),
        ({ $0.llm?.clarifyMargin = $1 }, "llm.clarify_margin"),
        ({ $0.llm?.leastShare = $1 }, "llm.least_share"),
    ]

    private static func policy(_ weight: Double, _ temperature: Double) throws -> Policy {
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        return Policy(
            retrieval: RetrievalPolicy(
                voteTemperature: temperature,
                calibrationTemperature: temperature,
                distanceWeight: weight,
                meanWeight: weight,
                wordWeight: weight,
                classWeights: ClassWeights(density: weight, cosine: weight, words: weight, temperature: temperature),
                widening: Widening(k: 20, belowShare: 0.5)
            ),
            llm: LLMPolicy(
                baseModel: model,
                adapter: nil,
                prompt: model,
                evidenceWeight: weight,
                llmWeight: weight,
                calibrationTemperature: temperature
            )
        )
    }

    /// Three intents that voted or not, as different as evidence is.
    private static func input(_ policy: Policy, others: Double, isByLLM: Bool) throws -> DecisionInput {
        var intents: [IntentID: Intent] = [:]
        for (number, path) in [8: "orders", 9: "orders/late", 17: "orders/lost", 24: "refund"] {
            let id = IntentID(UInt64(number))
            intents[id] = Intent(id: id, vertical: .default, path: try IntentPath(path))
        }
        let retrieval = try #require(policy.retrieval)
        let neighbours = [(9, 0.9), (17, 0.7)].map { number, similarity in
            Neighbour(
                exemplar: ExemplarID(Bits128(UInt128(number))),
                text: "",
                intent: IntentID(UInt64(number)),
                similarity: similarity
            )
        }
        return DecisionInput(
            neighbours: neighbours,
            equal: [],
            intents: intents,
            retrievalPolicy: retrieval,
            classes: ClassEvidence(
                figures: [
                    ClassFigure(intent: IntentID(9), cosine: 0.8, logDensity: 600, words: 40),
                    ClassFigure(intent: IntentID(24), cosine: -0.1, logDensity: -900, words: -60),
                ],
                weights: try #require(retrieval.classWeights),
                others: others,
                nearestMean: 0.6,
                relativeDistance: 1.7,
                wordLift: 2.5
            ),
            llm: isByLLM ? .scored([IntentID(9): -0.5, IntentID(17): -7], policy: policy.llm) : .notWanted
        )
    }
}

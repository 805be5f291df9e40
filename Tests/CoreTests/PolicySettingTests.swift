import Testing

@testable import Core

@Suite struct PolicySettingTests {
    private static func policy() throws -> Policy {
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        let llm = LLMPolicy(baseModel: model, adapter: nil, prompt: model, evidenceWeight: 1, llmWeight: 3)
        return Policy(retrieval: .builtin, llm: llm)
    }

    @Test func eachNameSetsItsFigure() throws {
        var policy = try Self.policy()
        let written = [
            "retrieval.widening.k=40", "retrieval.widening.below_share=0.6", "retrieval.widening.fewer_intents=2",
            "retrieval.ignore_exact=true", "retrieval.min_familiarity=0.25", "retrieval.route_score=0.7",
            "retrieval.clarify_margin=0.2", "llm.skip_share=0.8", "llm.route_score=0.75", "llm.clarify_margin=0.15",
            "llm.candidates=7", "llm.exemplars_each=3", "llm.least_share=0.02", "llm.stops_early=true",
        ]
        #expect(Set(written.compactMap { $0.split(separator: "=").first.map(String.init) }) == Set(PolicySetting.names))
        for setting in written { try PolicySetting(setting).apply(to: &policy) }
        let retrieval = try #require(policy.retrieval)
        #expect(retrieval.widening == Widening(k: 40, belowShare: 0.6, fewerIntents: 2))
        #expect(!retrieval.trustsExact && retrieval.minimumFamiliarity == 0.25)
        #expect(retrieval.routeScore == 0.7 && retrieval.clarifyMargin == 0.2)
        let llm = try #require(policy.llm)
        #expect(llm.skipShare == 0.8 && llm.routeScore == 0.75 && llm.clarifyMargin == 0.15)
        #expect(llm.candidates == 7 && llm.exemplarsEach == 3 && llm.leastShare == 0.02 && llm.stopsEarly)
        #expect(try PolicySetting("llm.stops_early=false").description == "llm.stops_early=false")
    }

    /// The digest of a log that holds one is as it was before, or replicas and snapshots of both programs would differ.
    @Test func whatIsSupersededCountsForDigestsAlone() throws {
        let before = SupersededFamiliarity(minimumFamiliarity: 0.25, distanceWeight: 0.3)
        var retrieval = RetrievalPolicy(superseded: before)
        #expect(retrieval.familiarity(similarity: 0.5, classes: nil) == 0.5 && retrieval.minimumFamiliarity == 0.40)
        func figures(_ retrieval: RetrievalPolicy) -> [Double] {
            Policy(retrieval: retrieval).canonicalParts.filter { $0.count == 8 }.map { bytes in
                Double(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
            }
        }
        // k, vote temperature, exact, calibration, familiarity and distance as they were, ROUTE, CLARIFY.
        #expect(figures(retrieval) == [10, 0.05, 1, 0, 0.25, 0.3, 0.5, 0.1])
        retrieval.minimumFamiliarity = 0.45
        #expect(retrieval.standingSuperseded == nil)
        #expect(figures(retrieval) == [10, 0.05, 1, 0, 0.45, 0.2, 0.5, 0.5, 0.1])
    }

    @Test(arguments: [
        ("llm.least_share", "NAME=VALUE"), ("llm.weight=1", "llm.least_share"), ("llm.least_share=much", "a number"),
        ("llm.candidates=2.5", "a whole number"), ("llm.candidates=nan", "a number"),
        ("llm.stops_early=1", "true or false"),
    ])
    func saysWhatIsAccepted(_ written: String, _ expected: String) throws {
        let error = #expect(throws: SwitchboardError.self) { try PolicySetting(written) }
        #expect(try #require(error).code == .invalidArgument)
        #expect(try #require(error).message.contains(expected))
    }

    @Test(arguments: ["llm.least_share=2", "retrieval.widening.k=1001", "llm.candidates=1"])
    func figuresOutOfBoundsAreRefused(_ written: String) throws {
        var policy = try Self.policy()
        let error = #expect(throws: SwitchboardError.self) { try PolicySetting(written).apply(to: &policy) }
        #expect(try #require(error).message.contains("is accepted"))
    }

    @Test func aPartThatIsNotThereCannotBeSet() throws {
        var policy = Policy(retrieval: .builtin)
        let error = #expect(throws: SwitchboardError.self) {
            try PolicySetting("llm.skip_share=0.5").apply(to: &policy)
        }
        #expect(try #require(error).code == .failedPrecondition)
    }
}

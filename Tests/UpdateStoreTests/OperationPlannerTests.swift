import Core
import Testing

@testable import UpdateStore

@Suite struct OperationPlannerTests {
    @Test func numbersRecordsWithoutGapsAndNamesIntentsByThem() throws {
        var log = PlannedLog()
        let plan = try log.append(
            Samples.batch(
                "a",
                [
                    try Samples.upsert("one", "orders/late"), try Samples.upsert("two", "orders/late"),
                    try Samples.upsert("three", "orders/lost"),
                ]
            )
        )
        #expect(plan.records.map(\.sequence.number) == [1, 2, 3])
        #expect(plan.receipt.first == LogSequence(1))
        #expect(plan.receipt.position.sequence == LogSequence(3))
        #expect(plan.receipt.added == 3)
        #expect(plan.receipt.created.map(\.path.description) == ["orders", "orders/late", "orders/lost"])
        #expect(plan.receipt.created.map(\.id.number) == [8, 9, 25])
        #expect(log.state.verticals.entries == [.init(vertical: .default, exemplars: 3)])
    }

    @Test func anEqualPairMakesNoRecordEvenWithAnotherVector() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        let digest = log.state.digest
        let again = try log.append(
            Samples.batch("b", [try Samples.upsert("one", "x", vector: Samples.vector(4711))])
        )
        #expect(again.records.isEmpty)
        #expect(again.receipt.unchanged == 1)
        #expect(again.receipt.first == nil)
        #expect(again.receipt.position.sequence == LogSequence(1))
        #expect(log.state.digest == digest)
        #expect(log.state.lastOperation == 2)
    }

    @Test func relabelsAndKeepsThePlaceInTheOrder() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("two", "x")]))
        let plan = try log.append(Samples.batch("b", [try Samples.upsert("one", "y")]))
        #expect(plan.receipt.relabelled == 1)
        #expect(plan.receipt.added == 0)
        let moved = try #require(log.ledger.all.first)
        #expect(moved.first == LogSequence(1))
        #expect(moved.sequence == LogSequence(3))
        #expect(moved.intent == log.state.taxonomy.id(of: try IntentPath("y"), in: .default))
        #expect(log.state.verticals.entries.map(\.exemplars) == [2])
    }

    @Test func relabelsWithTheLogsOwnVectorWhereNoneIsSent() throws {
        var log = PlannedLog()
        let vector = Samples.vector(9)
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x", vector: vector)]))
        let plan = try log.append(
            Samples.batch(
                "b",
                [try Samples.upsert("one", "y", vector: []), try Samples.upsert("one", "z", vector: [])]
            )
        )
        let vectors = plan.records.map { record -> [Float] in
            guard case .exemplarUpserted(let fact) = record.fact else { return [] }
            return fact.vector
        }
        #expect(vectors == [vector, vector])
    }

    @Test(arguments: [(ConflictRule.keep, 1, 0), (.reject, 0, 1)])
    func keepsTheIntentByTheRule(rule: ConflictRule, unchanged: Int, refused: Int) throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        let plan = try log.append(Samples.batch("b", onConflict: rule, [try Samples.upsert("one", "new/path")]))
        #expect(plan.records.isEmpty)
        #expect(plan.receipt.unchanged == unchanged)
        #expect(plan.receipt.refusals.map(\.command) == Array(repeating: 0, count: refused))
        #expect(log.state.taxonomy.count == 1)
    }

    @Test func refusesUnknownIntentsOneByOneWhereNoneMayBeMade() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        let plan = try log.append(
            Samples.batch(
                "b",
                refusesNewIntents: true,
                [
                    try Samples.upsert("two", "y"), try Samples.upsert("three", "x"), try Samples.set("z"),
                    try Samples.upsert("one", "y"),
                ]
            )
        )
        #expect(plan.receipt.added == 1)
        #expect(plan.receipt.refusals.map(\.command) == [0, 2, 3])
        #expect(plan.receipt.created.isEmpty)
    }

    @Test func aNewExemplarNeedsItsVector() throws {
        var log = PlannedLog()
        #expect { try log.append(Samples.batch("a", [try Samples.upsert("one", "x", vector: [])])) } throws: {
            ($0 as? SwitchboardError)?.code == .failedPrecondition
        }
    }

    @Test func vectorsOfAnotherEncoderNameBoth() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        for command in [
            try Samples.upsert("two", "x", encoder: Samples.otherEncoder),
            try Samples.upsert("two", "x", vector: Samples.vector(1, dimensions: 4)),
        ] {
            do {
                try log.append(Samples.batch("b", [command]))
                Issue.record("accepted")
            } catch let error as SwitchboardError {
                #expect(error.code == .failedPrecondition)
                #expect(error.message.contains(Samples.encoder.description))
            }
        }
        #expect(log.state.head == LogSequence(1))
    }

    @Test func theFirstEncoderHoldsInsideABatchToo() throws {
        var log = PlannedLog()
        #expect(throws: SwitchboardError.self) {
            try log.append(
                Samples.batch(
                    "a",
                    [try Samples.upsert("one", "x"), try Samples.upsert("two", "x", encoder: Samples.otherEncoder)]
                )
            )
        }
        #expect(log.state.encoder == nil)
    }

    @Test func removesWhatIsThereAndRefusesWhatIsNot() throws {
        var log = PlannedLog()
        try log.append(
            Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("two", "x", vertical: "v")])
        )
        let plan = try log.append(
            Samples.batch(
                "b",
                [
                    try Samples.remove("one"), try Samples.remove("one"), try Samples.remove("two"),
                    try Samples.upsert("one", "x"),
                ]
            )
        )
        #expect(plan.receipt.removed == 1)
        #expect(plan.receipt.refusals.map(\.command) == [1, 2])
        #expect(plan.receipt.added == 1)
        // It came back as a new one, at the end.
        #expect(log.ledger.all.map(\.first.number) == [2, 4])
        #expect(log.state.verticals.entries.map(\.exemplars) == [1, 1])
    }

    @Test func removalGivesTheDigestBack() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        let before = log.state.digest
        try log.append(Samples.batch("b", [try Samples.upsert("two", "x")]))
        #expect(log.state.digest != before)
        try log.append(Samples.batch("c", [try Samples.remove("two")]))
        #expect(log.state.digest == before)
    }

    @Test func setsOnlyWhatIsNamed() throws {
        var log = PlannedLog()
        try log.append(
            Samples.batch(
                "a",
                [try Samples.set("x", description: "what", phrase: "say", attributes: ["q": "1", "r": "2"])]
            )
        )
        let plan = try log.append(
            Samples.batch("b", [try Samples.set("x", phrase: "", attributes: ["q": "", "s": "3"], isEnabled: false)])
        )
        guard case .intentSet(let fact) = try #require(plan.records.first).fact else {
            Issue.record("not an intent set")
            return
        }
        #expect(fact.description == "what")
        #expect(fact.phrase == nil)
        #expect(fact.attributes == ["r": "2", "s": "3"])
        #expect(!fact.isEnabled)
        let again = try log.append(Samples.batch("c", [try Samples.set("x", attributes: ["s": "3"])]))
        #expect(again.records.isEmpty)
        #expect(again.receipt.unchanged == 1)
    }

    @Test func attributesDoNotGrowWithoutBound() throws {
        var log = PlannedLog()
        let many = Dictionary(uniqueKeysWithValues: (0..<64).map { ("a\($0)", "1") })
        try log.append(Samples.batch("a", [try Samples.set("x", attributes: many)]))
        #expect(throws: SwitchboardError.self) {
            try log.append(Samples.batch("b", [try Samples.set("x", attributes: ["one more": "1"])]))
        }
    }

    @Test func attributesOfAnIntentAreBoundedTogether() throws {
        var log = PlannedLog()
        let large = String(repeating: "v", count: 1_000)
        let many = Dictionary(uniqueKeysWithValues: (0..<8).map { ("a\($0)", large) })
        try log.append(Samples.batch("a", [try Samples.set("x", attributes: many)]))
        #expect(throws: SwitchboardError.self) {
            try log.append(Samples.batch("b", [try Samples.set("x", attributes: ["a8": large])]))
        }
        try log.append(Samples.batch("c", [try Samples.set("x", attributes: ["a0": "", "a8": large])]))
    }

    @Test func anExemplarThatPointsBeyondTheLogIsToldAsDamage() throws {
        let id = ExemplarID(vertical: .default, text: try UtteranceText("one"))
        let ledger = FixedLedger(
            known: LiveExemplar(
                id: id,
                vertical: 1,
                first: LogSequence(1),
                intent: IntentID(8),
                sequence: LogSequence(1 << 62),
                term: Bits128(0)
            )
        )
        let moved = try Samples.upsert("one", "y", vector: [])
        var planner = OperationPlanner(
            try PreparedBatch(Samples.batch("a", [try Samples.upsert("two", "x"), moved])),
            at: 0,
            log: LogID(1),
            state: LogState(first: LogSequence(1), head: .start, digest: StateDigest(), lastOperation: 0),
            ledger: ledger
        )
        #expect {
            _ = try planner.run()
        } throws: { error in
            (error as? SwitchboardError)?.code == .dataLoss
        }
    }

    @Test func policiesReplaceEachOther() throws {
        var log = PlannedLog()
        let set = { (policy: Policy?) in LogCommand.setPolicy(PolicySet(scope: .everywhere, policy: policy)) }
        let before = log.state.digest
        try log.append(Samples.batch("a", [set(Samples.policy(k: 5))]))
        let same = try log.append(Samples.batch("b", [set(Samples.policy(k: 5))]))
        #expect(same.receipt.unchanged == 1)
        try log.append(Samples.batch("c", [set(Samples.policy(k: 6))]))
        #expect(log.state.policies[.everywhere]?.policy.retrieval?.k == 6)
        let gone = try log.append(Samples.batch("d", [set(nil), set(nil)]))
        #expect(gone.records.count == 1)
        #expect(log.state.policies.isEmpty)
        #expect(log.state.digest == before)
    }

    @Test func anAmendedPolicyKeepsItsOtherPart() throws {
        var log = PlannedLog()
        let model = try #require(ModelID(bytes: [UInt8](repeating: 7, count: ModelID.byteCount)))
        let llm = LLMPolicy(baseModel: model, adapter: nil, prompt: model, evidenceWeight: 1, llmWeight: 2)
        let retrieval = RetrievalPolicy(k: 6)
        let first = try log.append(Samples.batch("a", [.amendPolicy(.everywhere, Policy(retrieval: nil, llm: llm))]))
        #expect(first.records.count == 1)
        try log.append(Samples.batch("b", [.amendPolicy(.everywhere, Policy(retrieval: retrieval))]))
        #expect(log.state.policies[.everywhere]?.policy == Policy(retrieval: retrieval, llm: llm))
        let same = try log.append(Samples.batch("c", [.amendPolicy(.everywhere, Policy(retrieval: retrieval))]))
        #expect(same.receipt.unchanged == 1)
        // Other scopes' parts are no business of its own.
        try log.append(Samples.batch("d", [.amendPolicy(.builtin, Policy(retrieval: retrieval))]))
        #expect(log.state.policies[.builtin]?.policy == Policy(retrieval: retrieval))
        // What is set whole is replaced whole.
        let whole = PolicySet(scope: .everywhere, policy: Policy(retrieval: retrieval))
        try log.append(Samples.batch("e", [.setPolicy(whole)]))
        #expect(log.state.policies[.everywhere]?.policy.llm == nil)
    }
}

/// A ledger that says one thing of one exemplar, whatever the log holds.
private struct FixedLedger: ExemplarLedger {
    let known: LiveExemplar

    func exemplar(_ id: ExemplarID) throws(SwitchboardError) -> LiveExemplar? { id == known.id ? known : nil }

    func upsert(at sequence: LogSequence) throws(SwitchboardError) -> ExemplarUpserted {
        throw SwitchboardError(.internal, "no upsert at \(sequence)")
    }

    func vector(at sequence: LogSequence) throws(SwitchboardError) -> VectorSet {
        throw SwitchboardError(.internal, "no vector at \(sequence)")
    }

    func description(at sequence: LogSequence) throws(SwitchboardError) -> IntentSet {
        throw SwitchboardError(.internal, "nothing set at \(sequence)")
    }

    func policy(at sequence: LogSequence) throws(SwitchboardError) -> PolicySet {
        throw SwitchboardError(.internal, "no policy at \(sequence)")
    }
}

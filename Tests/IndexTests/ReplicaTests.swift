import Core
import Testing

@testable import Index

@Suite struct ReplicaTests {
    private let settings = IndexSettings(dimension: 4)

    private func replica() -> Replica { Replica(log: LogWriter.log, settings: settings) }

    private func search(
        _ replica: Replica,
        _ vector: [Float],
        k: Int = 10,
        verticals: [Vertical] = [.default],
        within: [IntentPath] = [],
        excluding: Set<ExemplarID> = [],
    ) throws -> [String] {
        try replica.snapshot.search(
            SearchQuery(vector: vector, k: k, verticals: verticals, within: within, excluding: excluding)
        ).map(\.text)
    }

    @Test func findsAnExemplarTheMomentItIsApplied() throws {
        let replica = replica()
        var log = LogWriter()
        #expect(try search(replica, [1, 0, 0, 0]).isEmpty)
        try replica.apply([log.upsert("where is my parcel", "orders/late", [1, 0, 0, 0], origin: [9])])
        let hit = try #require(
            try replica.snapshot.search(SearchQuery(vector: [0.6, 0.8, 0, 0], k: 3, verticals: [.default])).first
        )
        #expect(hit.text == "where is my parcel")
        #expect(hit.similarity == 0.6)
        #expect(replica.snapshot.taxonomy[hit.intent]?.path.description == "orders/late")
        let stored = try #require(replica.snapshot.exemplar(hit.exemplar))
        #expect(stored.vector == [1, 0, 0, 0])
        #expect(stored.origin == [9])
        #expect(stored.encoder == LogWriter.encoder)
        #expect(stored.firstSequence == LogSequence(1))
    }

    @Test func aSnapshotStaysAsItWas() throws {
        let replica = replica()
        var log = LogWriter()
        try replica.apply([log.upsert("a", "x", [1, 0, 0, 0])])
        let before = replica.snapshot
        try replica.apply([log.upsert("b", "y", [1, 0, 0, 0]), log.remove("a")])
        #expect(before.position.sequence == LogSequence(1))
        #expect(before.count == 1)
        #expect(try before.search(SearchQuery(vector: [1, 0, 0, 0], k: 5, verticals: [.default])).map(\.text) == ["a"])
        #expect(try search(replica, [1, 0, 0, 0]) == ["b"])
    }

    @Test func relabelsAndRemovesAtOnce() throws {
        let replica = replica()
        var log = LogWriter()
        try replica.apply([log.upsert("a", "x", [1, 0, 0, 0]), log.upsert("b", "x", [0, 1, 0, 0])])
        try replica.apply([log.upsert("a", "y/z", [1, 0, 0, 0])])
        let id = ExemplarID(vertical: .default, text: try UtteranceText("a"))
        let stored = try #require(replica.snapshot.exemplar(id))
        #expect(replica.snapshot.taxonomy[stored.intent]?.path.description == "y/z")
        #expect(stored.firstSequence == LogSequence(1))
        #expect(replica.snapshot.count == 2)
        try replica.apply([log.remove("a")])
        #expect(replica.snapshot.exemplar(id) == nil)
        #expect(try search(replica, [1, 0, 0, 0]) == ["b"])
    }

    @Test func aNewVectorReplacesTheOld() throws {
        let replica = replica()
        var log = LogWriter()
        try replica.apply([log.upsert("a", "x", [1, 0, 0, 0]), log.upsert("a", "x", [0, 1, 0, 0])])
        let hits = try replica.snapshot.search(SearchQuery(vector: [1, 0, 0, 0], k: 5, verticals: [.default]))
        #expect(hits.map(\.similarity) == [0])
        #expect(replica.snapshot.count(in: .default) == 1)
        #expect(replica.snapshot.exemplar(hits[0].exemplar)?.firstSequence == LogSequence(1))
    }

    @Test func breaksTiesByID() throws {
        let replica = replica()
        var log = LogWriter()
        let texts = (0..<50).map { "text \($0)" }
        try replica.apply(texts.map { try log.upsert($0, "x", [1, 0, 0, 0]) })
        let byID = try texts.sorted {
            try ExemplarID(vertical: .default, text: UtteranceText($0)).bits
                < ExemplarID(vertical: .default, text: UtteranceText($1)).bits
        }
        #expect(try search(replica, [1, 0, 0, 0], k: 7) == Array(byID.prefix(7)))
        #expect(try search(replica, [1, 0, 0, 0], k: 100) == byID)
    }

    @Test func disabledIntentsNeverHit() throws {
        let replica = replica()
        var log = LogWriter()
        try replica.apply([
            log.upsert("a", "orders/late", [1, 0, 0, 0]), log.upsert("b", "account", [0, 1, 0, 0]),
            log.enable("orders", false),
        ])
        #expect(try search(replica, [1, 0, 0, 0]) == ["b"])
        // Named under a disabled intent, so disabled from the start.
        try replica.apply([log.upsert("c", "orders/lost", [1, 0, 0, 0])])
        #expect(try search(replica, [1, 0, 0, 0]) == ["b"])
        try replica.apply([log.upsert("b", "orders/lost", [0, 1, 0, 0])])
        #expect(try search(replica, [1, 0, 0, 0]).isEmpty)
        try replica.apply([log.enable("orders", true)])
        #expect(Set(try search(replica, [1, 0, 0, 0])) == ["a", "b", "c"])
    }

    @Test func searchesWithinPathsAndWithoutTheExcluded() throws {
        let replica = replica()
        var log = LogWriter()
        try replica.apply([
            log.upsert("a", "orders/late", [1, 0, 0, 0]), log.upsert("b", "orders/lost", [0.8, 0.6, 0, 0]),
            log.upsert("c", "account", [0.6, 0.8, 0, 0]),
        ])
        #expect(try search(replica, [1, 0, 0, 0], within: [IntentPath("orders")]) == ["a", "b"])
        #expect(
            try search(replica, [1, 0, 0, 0], within: [IntentPath("account"), IntentPath("orders/lost")]) == ["b", "c"]
        )
        #expect(try search(replica, [1, 0, 0, 0], within: [IntentPath("order")]).isEmpty)
        let excluded = ExemplarID(vertical: .default, text: try UtteranceText("a"))
        #expect(try search(replica, [1, 0, 0, 0], excluding: [excluded]) == ["b", "c"])
    }

    @Test func takesTheNearestOverAllVerticalsTogether() throws {
        let replica = replica()
        var log = LogWriter()
        let retail = try Vertical("retail")
        try replica.apply([
            log.upsert("a", "x", [1, 0, 0, 0]), log.upsert("b", "x", [0, 1, 0, 0], in: retail),
            log.upsert("c", "x", [0.8, 0.6, 0, 0], in: retail),
        ])
        #expect(try search(replica, [1, 0, 0, 0], k: 2, verticals: [.default, retail]) == ["a", "c"])
        #expect(try search(replica, [1, 0, 0, 0], k: 2, verticals: [retail]) == ["c", "b"])
        #expect(try search(replica, [1, 0, 0, 0], verticals: [Vertical("unknown")]).isEmpty)
        #expect(try search(replica, [1, 0, 0, 0], verticals: []).isEmpty)
    }

    @Test func refusesGapsAndRepeatsAndHoldsWhatItHad() throws {
        let replica = replica()
        var log = LogWriter()
        let first = try log.upsert("a", "x", [1, 0, 0, 0])
        let second = try log.upsert("b", "x", [0, 1, 0, 0])
        let third = try log.upsert("c", "x", [0, 0, 1, 0])
        try replica.apply([first])
        let digest = replica.snapshot.digest
        for (records, code) in [
            ([third], StatusCode.failedPrecondition), ([first], .failedPrecondition),
            ([second, second], .failedPrecondition),
        ] {
            #expect { try replica.apply(records) } throws: { ($0 as? SwitchboardError)?.code == code }
            #expect(replica.snapshot.digest == digest)
            #expect(replica.snapshot.position.sequence == LogSequence(1))
        }
        try replica.apply([second, third])
        #expect(Set(try search(replica, [1, 0, 0, 0])) == ["a", "b", "c"])
    }

    @Test func refusesVectorsOfAnotherLengthAndRecordsWithoutText() throws {
        let replica = replica()
        var log = LogWriter()
        let short = try log.upsert("a", "x", [1, 0, 0])
        #expect { try replica.apply([short]) } throws: { ($0 as? SwitchboardError)?.code == .invalidArgument }
        let namesOnly = ExemplarUpserted(
            vertical: .default,
            text: nil,
            path: try IntentPath("x"),
            vector: [],
            encoder: LogWriter.encoder
        )
        let record = LogRecord(sequence: LogSequence(1), stamp: short.stamp, fact: .exemplarUpserted(namesOnly))
        #expect { try replica.apply([record]) } throws: { ($0 as? SwitchboardError)?.code == .invalidArgument }
        #expect(throws: SwitchboardError.self) {
            try replica.snapshot.search(SearchQuery(vector: [1], k: 1, verticals: []))
        }
        #expect(throws: SwitchboardError.self) { try search(replica, [1, 0, 0, 0], k: 0) }
        #expect(replica.snapshot.position.sequence == .start)
    }

    @Test func looksPoliciesUpFromTheVerticalOutwards() throws {
        let replica = replica()
        var log = LogWriter()
        let retail = try Vertical("retail")
        func standing(_ verticals: [Vertical]) -> EffectivePolicy {
            replica.snapshot.policy(for: verticals, encoder: LogWriter.encoder)
        }
        func k(_ verticals: [Vertical]) -> Int? { standing(verticals).policy.retrieval?.k }
        func policy(_ k: Int) -> Policy { Policy(retrieval: RetrievalPolicy(k: k)) }
        #expect(standing([retail]).sequence == .start)
        try replica.apply([log.set(policy(3), for: .builtin)])
        #expect(k([retail]) == 3)
        try replica.apply([log.set(policy(4), for: .everywhere), log.set(policy(5), for: .vertical(retail))])
        #expect(k([retail]) == 5)
        #expect(k([.default]) == 4)
        #expect(k([retail, .default]) == 4)
        #expect(k([]) == 4)
        #expect(standing([retail]).sequence == LogSequence(3))
        try replica.apply([log.set(nil, for: .vertical(retail))])
        #expect(k([retail]) == 4)
    }

    @Test func eachPartOfAPolicyHoldsByItself() throws {
        let replica = replica()
        var log = LogWriter()
        let other = try #require(ModelID(bytes: [UInt8](repeating: 9, count: 32)))
        let llm = LLMPolicy(baseModel: other, adapter: nil, prompt: other, evidenceWeight: 1, llmWeight: 2)
        try replica.apply([
            log.set(Policy(retrieval: RetrievalPolicy(encoder: LogWriter.encoder, k: 3), llm: llm), for: .builtin),
            log.set(Policy(retrieval: RetrievalPolicy(encoder: LogWriter.encoder, k: 4)), for: .everywhere),
            log.set(Policy(retrieval: RetrievalPolicy(encoder: other, k: 5)), for: .vertical(.default)),
        ])
        let standing = replica.snapshot.policy(for: [.default], encoder: LogWriter.encoder)
        #expect(standing.policy.retrieval?.k == 4)
        #expect(standing.policy.llm == llm)
        #expect(standing.sequence == LogSequence(2))
        #expect(standing.ignored.isEmpty)
        #expect(replica.snapshot.policy(for: [.default], encoder: other).policy.retrieval?.k == 5)
    }

    @Test func aPartForTheModelCountsWhereSomeScorerHasItsModels() throws {
        let replica = replica()
        var log = LogWriter()
        func models(_ byte: UInt8) throws -> ScoringModels {
            let id = try #require(ModelID(bytes: [UInt8](repeating: byte, count: 32)))
            return ScoringModels(base: id, adapter: nil, prompt: id)
        }
        func policy(_ byte: UInt8, k: Int) throws -> Policy {
            let models = try models(byte)
            return Policy(
                retrieval: RetrievalPolicy(k: k),
                llm: LLMPolicy(
                    baseModel: models.base,
                    adapter: nil,
                    prompt: models.prompt,
                    evidenceWeight: 1,
                    llmWeight: 1
                )
            )
        }
        try replica.apply([
            log.set(try policy(1, k: 3), for: .builtin), log.set(try policy(2, k: 4), for: .everywhere),
            log.set(try policy(3, k: 5), for: .vertical(.default)),
        ])
        func standing(_ scorers: UInt8...) throws -> EffectivePolicy {
            replica.snapshot.policy(for: [.default], encoder: nil, scorers: try scorers.map(models))
        }
        // Whoever does not say what could be asked gets the nearest.
        #expect(try standing().policy == policy(3, k: 5))
        #expect(try standing(3, 1).policy == policy(3, k: 5))
        let outer = try standing(2, 1)
        #expect(try outer.policy == Policy(retrieval: RetrievalPolicy(k: 5), llm: policy(2, k: 4).llm))
        #expect(outer.ignored == [LogSequence(3)])
        #expect(try standing(1).policy.llm == policy(1, k: 3).llm)
        #expect(try standing(1).ignored == [LogSequence(3), LogSequence(2)])
        let none = try standing(9)
        #expect(none.policy == Policy(retrieval: RetrievalPolicy(k: 5)))
        #expect(none.ignored == [LogSequence(3), LogSequence(2), LogSequence(1)])
        // The retrieval part's own record is named all the same.
        #expect(none.sequence == LogSequence(3))
        // Another adapter is another model.
        var adapted = try models(3)
        adapted.adapter = adapted.base
        #expect(replica.snapshot.policy(for: [.default], encoder: nil, scorers: [adapted]).policy.llm == nil)
    }
}

import Core
import Testing

@testable import Discovering

@Suite struct TaxonomyComparisonTests {
    /// Vectors around an axis, drawn to another one.
    private static func vectors(
        _ axis: Int,
        _ name: String,
        count: Int,
        spread: Float = 0.4,
        toward other: Int? = nil,
    ) throws -> [[Float]] {
        try (0..<count).map { number in
            var vector = Planted.vector(around: axis, spread: spread, of: try UtteranceText("\(name) \(number)"))
            if let other { vector[other] += 0.8 }
            return Planted.unit(vector)
        }
    }

    private static func comparison(_ members: [[Float]], _ path: String?, others: Int = 0) throws -> TaxonomyComparison
    {
        let path = try path.map { try IntentPath($0) }
        let other = try IntentPath("other")
        return TaxonomyComparison(
            members: members,
            nearest: members.indices.map { $0 < others ? other : path }
        )
    }

    @Test func noExemplarsMeansNew() throws {
        let comparison = try Self.comparison(try Self.vectors(0, "said", count: 8), nil)
        #expect(comparison.leading == nil)
        #expect(comparison.relation(exemplars: []) == .new)
    }

    @Test func betweenIntentsMeansNew() throws {
        let members = try Self.vectors(0, "said", count: 8)
        let nearest = try (0..<8).map { try IntentPath("intent-\($0 % 3)") }
        let comparison = TaxonomyComparison(members: members, nearest: nearest)
        #expect(comparison.leading == nil)
    }

    @Test func amongAnIntentsExemplarsMeansAVariant() throws {
        let comparison = try Self.comparison(try Self.vectors(0, "said", count: 16), "orders/cancel", others: 2)
        let relation = comparison.relation(exemplars: try Self.vectors(0, "known", count: 20, spread: 0.8))
        #expect(relation == .variant(of: try IntentPath("orders/cancel"), share: 0.875))
    }

    @Test func nearestButFarFromAllExemplarsMeansNew() throws {
        let comparison = try Self.comparison(try Self.vectors(1, "said", count: 16), "orders/cancel")
        #expect(comparison.relation(exemplars: try Self.vectors(0, "known", count: 20)) == .new)
    }

    @Test func onOneSideOfAnIntentInTwoPiecesMeansASplit() throws {
        // The intent's exemplars lie around two directions that have a third one in common; the cluster is around one.
        let members = try Self.vectors(0, "said", count: 16, toward: 2)
        let exemplars =
            try Self.vectors(0, "first", count: 12, toward: 2) + Self.vectors(1, "second", count: 12, toward: 2)
        let relation = try Self.comparison(members, "orders/cancel").relation(exemplars: exemplars)
        #expect(relation == .split(of: try IntentPath("orders/cancel"), share: 1))
    }

    @Test func silhouetteOfGroupsThatStandApart() {
        let apart = TaxonomyComparison.silhouette([[1, 0], [1, 0]], [[0, 1], [0, 1]])
        #expect(apart == 1)
        let mixed = TaxonomyComparison.silhouette([[1, 0], [0, 1]], [[1, 0], [0, 1]])
        #expect(mixed < 0)
    }

    @Test(.timeLimit(.minutes(1))) func runsLookTheirClustersUp() async throws {
        let planted = try Planted(intents: 2, each: 12)
        let known = try Planted(intents: 1, each: 20, spread: 0.9, role: .agent)
        let cancel = try IntentPath("orders/cancel")
        let exemplars = known.utterances.map { utterance in
            FixedTaxonomy.Exemplar(
                vertical: .default,
                path: cancel,
                text: utterance.text,
                vector: known.vectors[utterance.text] ?? []
            )
        }
        let run = DiscoveryRun(
            settings: .planted(clusters: 2),
            engines: FakeEngines(planted, known),
            taxonomy: FixedTaxonomy(exemplars).view,
            previous: []
        )
        let outcome = try await run.run(planted.utterances)
        let relations = Dictionary(
            uniqueKeysWithValues: outcome.proposals.map { (planted.intents(of: $0), $0.relation) }
        )
        #expect(relations[[0]] == .variant(of: cancel, share: 1))
        #expect(relations[[1]] == .new)
    }

    @Test func placesAreSpreadEvenly() {
        #expect(TaxonomyComparer.spread(3, over: 5) == [0, 1, 2])
        #expect(TaxonomyComparer.spread(10, over: 5) == [0, 2, 4, 6, 8])
        #expect(TaxonomyComparer.spread(0, over: 5) == [])
    }
}

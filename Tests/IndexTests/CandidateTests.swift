import Core
import Testing

@testable import Index

/// The leading intents' own exemplars, against a sort of all that there are.
@Suite struct CandidateTests {
    private let settings = IndexSettings(dimension: 12, upsertsPerSegment: 64)

    @Test func findsEachIntentsNearestWhereverTheyLie() throws {
        var random = SeededGenerator(seed: 21)
        var vectors = VectorSource(dimension: 12, seed: 3)
        var log = LogWriter()
        var records: [LogRecord] = []
        var exemplars: [(id: ExemplarID, intent: String, vector: [Float])] = []
        // Sealed segments with and without a graph, and a growing one.
        for number in 0..<200 {
            let intent = "intent \(Int.random(in: 0..<7, using: &random))"
            let vector = vectors.next()
            let text = "text \(number)"
            records.append(try log.upsert(text, intent, vector))
            exemplars.append((ExemplarID(vertical: .default, text: try UtteranceText(text)), intent, vector))
        }
        let replica = Replica(log: LogWriter.log, settings: settings)
        try replica.apply(records)
        replica.buildGraphs()
        let snapshot = replica.snapshot
        let wanted = try ["intent 1", "intent 4", "intent 6"].map { name in
            try #require(snapshot.taxonomy.id(of: try IntentPath(name), in: .default))
        }
        for _ in 0..<20 {
            var query = SearchQuery(vector: vectors.next(), k: 1, verticals: [.default])
            query.excluding = [exemplars[Int.random(in: 0..<200, using: &random)].id]
            let found = try snapshot.nearest(of: wanted, each: 3, to: query)
            #expect(Set(found.keys) == Set(wanted))
            for (intent, hits) in found {
                let name = try #require(snapshot.taxonomy[intent]?.path.description)
                let expected = exemplars.filter { $0.intent == name && !query.excluding.contains($0.id) }
                    .map { ($0.id, zip($0.vector, query.vector).reduce(0) { $0 + $1.0 * $1.1 }) }
                    .sorted { $0.1 > $1.1 }.prefix(3)
                #expect(hits.map(\.exemplar) == expected.map(\.0))
                #expect(hits.allSatisfy { $0.intent == intent })
            }
        }
    }

    @Test func anIntentWithoutExemplarsOrDisabledHasNone() throws {
        var vectors = VectorSource(dimension: 12, seed: 5)
        var log = LogWriter()
        let records = [
            try log.upsert("one", "a", vectors.next()), try log.upsert("two", "b", vectors.next()),
            try log.enable("b", false), try log.enable("c", true),
        ]
        let replica = Replica(log: LogWriter.log, settings: settings)
        try replica.apply(records)
        let snapshot = replica.snapshot
        let all = try ["a", "b", "c"].compactMap { snapshot.taxonomy.id(of: try IntentPath($0), in: .default) }
        #expect(all.count == 3)
        let query = SearchQuery(vector: vectors.next(), k: 1, verticals: [.default])
        let found = try snapshot.nearest(of: all, each: 2, to: query)
        #expect(found.mapValues { $0.map(\.text) } == [all[0]: ["one"]])
    }
}

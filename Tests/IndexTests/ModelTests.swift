import Core
import Foundation
import Testing

@testable import Index

/// Random operations on a replica and on a plain model of it, with restarts; every difference is a fault.
///
/// `SWITCHBOARD_MODEL_OPERATIONS` sets how many records (20,000), `SWITCHBOARD_MODEL_SEED` repeats a run.
@Suite struct ModelTests {
    // Small segments and narrow searches, so that graphs are many and walked often.
    private let settings = IndexSettings(
        dimension: 16,
        upsertsPerSegment: 256,
        segmentsPerTier: 3,
        graphBreadth: 60,
        searchBreadth: 20,
    )

    @Test func aReplicaAnswersAsTheLogSays() throws {
        let environment = ProcessInfo.processInfo.environment
        let operations = environment["SWITCHBOARD_MODEL_OPERATIONS"].flatMap { Int($0) } ?? 20_000
        let seed = environment["SWITCHBOARD_MODEL_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        print("model test: \(operations) operations, SWITCHBOARD_MODEL_SEED=\(seed)")

        var random = try RandomOperations(dimension: settings.dimension, texts: 4_000, seed: seed)
        var model = IndexModel()
        var log: [LogRecord] = []
        var replica = Replica(log: LogWriter.log, settings: settings)
        var graphSearches = Tally()
        while log.count < operations {
            let batch = try random.batch()
            try replica.apply(batch)
            for record in batch { model.apply(record) }
            log += batch

            if random.oneIn(12) { _ = replica.buildNextGraph(isAbandoned: { false }) }
            if random.oneIn(3) { try check(replica.snapshot, model, random.query(), &graphSearches) }
            if random.oneIn(max(operations / 80, 1)) {
                replica = try restarted(replica, log, &random)
                try checkAll(replica.snapshot, model)
            }
        }
        replica = try restarted(replica, log, &random)
        try checkAll(replica.snapshot, model)
        print("\(graphSearches.searches) searches by graph found \(graphSearches.found) of \(graphSearches.expected)")
        #expect(graphSearches.searches > operations / 500)
        #expect(graphSearches.found * 100 >= graphSearches.expected * 98)
    }

    private struct Tally {
        var searches = 0
        var found = 0
        var expected = 0
    }

    /// Whether some segment's graph is walked to answer the query.
    private func walksAGraph(_ snapshot: ReplicaSnapshot, _ query: SearchQuery) -> Bool {
        let breadth = max(settings.searchBreadth, 2 * query.k)
        return query.within.isEmpty
            && snapshot.state.verticals.contains { index in
                query.verticals.contains(index.vertical)
                    && index.segments.contains { segment in
                        segment.awaited == nil
                            && VerticalSearch.walkPays(
                                candidates: segment.searchable,
                                of: segment.members,
                                breadth: breadth,
                            )
                    }
            }
    }

    private func check(
        _ snapshot: ReplicaSnapshot,
        _ model: IndexModel,
        _ query: SearchQuery,
        _ graphSearches: inout Tally,
    ) throws {
        let expected = model.search(query)
        let hits = try snapshot.search(query)
        try #require(snapshot.position.sequence == model.sequence)
        try #require(snapshot.count == model.exemplars.count)
        if query.isExact {
            try #require(hits == expected, "at \(model.sequence)")
            return
        }
        // What a graph finds may be less than the nearest, but it must be true.
        for hit in hits {
            try #require(model.answers(hit.exemplar, to: query), "at \(model.sequence)")
            let exemplar = try #require(model.exemplars[hit.exemplar])
            try #require(hit.text == exemplar.text && hit.intent == model.intent(of: exemplar))
            try #require(hit.similarity == VectorKernels.dot(query.vector, exemplar.vector))
        }
        try #require(zip(hits, hits.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
        try #require(Set(hits.map(\.exemplar)).count == hits.count)
        guard walksAGraph(snapshot, query) else {
            if snapshot.segments.allSatisfy({ $0.kind == .growing }) { try #require(hits == expected) }
            return
        }
        graphSearches.searches += 1
        graphSearches.expected += expected.count
        // Of equally near ones any is as good.
        graphSearches.found += zip(hits, expected).count { $0.similarity == $1.similarity }
    }

    /// A fresh replica that was given the same log, in batches of another size.
    private func restarted(
        _ replica: Replica,
        _ log: [LogRecord],
        _ random: inout RandomOperations,
    ) throws -> Replica {
        let fresh = Replica(log: LogWriter.log, settings: settings)
        for first in stride(from: 0, to: log.count, by: 700) {
            try fresh.apply(Array(log[first..<min(first + 700, log.count)]))
        }
        #expect(fresh.snapshot.digest == replica.snapshot.digest)
        #expect(fresh.snapshot.position == replica.snapshot.position)
        for _ in 0..<5 {
            var query = try random.query()
            query.isExact = true
            try #require(try fresh.snapshot.search(query) == replica.snapshot.search(query))
        }
        // With the same graphs published, answers are the same without `exact` too.
        fresh.buildGraphs()
        replica.buildGraphs()
        for _ in 0..<20 {
            var query = try random.query()
            query.isExact = false
            try #require(try fresh.snapshot.search(query) == replica.snapshot.search(query))
        }
        return fresh
    }

    private func checkAll(_ snapshot: ReplicaSnapshot, _ model: IndexModel) throws {
        #expect(snapshot.digest == model.digest)
        var seen: Set<ExemplarID> = []
        for index in snapshot.state.verticals {
            for row in 0..<index.table.count where index.live[row] {
                #expect(seen.insert(index.table[row].exemplar).inserted)
            }
        }
        #expect(seen == Set(model.exemplars.keys))
        for (id, exemplar) in model.exemplars {
            let stored = try #require(snapshot.exemplar(id))
            try #require(stored.vector == exemplar.vector && stored.text == exemplar.text)
            try #require(stored.intent == model.intent(of: exemplar) && stored.encoder == exemplar.encoder)
            try #require(stored.vertical == exemplar.vertical && stored.firstSequence == exemplar.firstSequence)
        }
    }
}

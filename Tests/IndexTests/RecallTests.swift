import Core
import Foundation
import Testing

@testable import Index

/// Of the ten nearest by exact search a search through graphs finds 99 in a hundred, in every state of an index.
///
/// `SWITCHBOARD_RECALL_VECTORS` sets how many vectors of 384 dimensions (20,000); `bench search` measures
/// recall among 50,000.
@Suite struct RecallTests {
    private static let size =
        ProcessInfo.processInfo.environment["SWITCHBOARD_RECALL_VECTORS"].flatMap { Int($0) } ?? 20_000

    @Test(.timeLimit(.minutes(20))) func holdsInEveryState() throws {
        // Six segments, as 50,000 exemplars have with the defaults: one of four merged, two of their own.
        let settings = IndexSettings(upsertsPerSegment: Self.size * 8_192 / 50_000)
        let sealed = 6 * settings.upsertsPerSegment
        var source = VectorSource(dimension: settings.dimension, seed: 21)
        let queries = (0..<100).map { _ in source.next() }
        var log = LogWriter()
        func upserts(_ numbers: Range<Int>) throws -> [LogRecord] {
            try numbers.map { try log.upsert("text \($0)", "intent \($0 % 77)", source.next()) }
        }
        func check(_ state: String, _ replica: Replica, _ kinds: Set<SegmentStatistics.Kind>) throws {
            let found = try recall(replica.snapshot, queries)
            print("recall@10 of \(replica.snapshot.count), \(state): \(found)")
            #expect(found >= 0.99, "\(state)")
            #expect(Set(replica.snapshot.segments.filter { $0.vectors > 0 }.map(\.kind)) == kinds, "\(state)")
        }

        let records = try upserts(0..<sealed)
        let growing = Replica(
            log: LogWriter.log,
            settings: IndexSettings(upsertsPerSegment: .max),
        )
        try growing.apply(records)
        try check("all growing", growing, [.growing])

        let replica = Replica(log: LogWriter.log, settings: settings)
        try replica.apply(records)
        try check("no graph yet", replica, [.awaitingGraph])
        #expect(replica.buildNextGraph { false })
        try check("some graphs", replica, [.graph, .awaitingGraph])
        replica.buildGraphs()
        try check("all sealed", replica, [.graph])

        try replica.apply(try upserts(sealed..<(sealed + settings.upsertsPerSegment - 1)))
        try check("mixed", replica, [.graph, .growing])

        // Every third of those sealed, in the order in which they came.
        try replica.apply(try stride(from: 0, to: sealed, by: 3).map { try log.remove("text \($0)") })
        try check("a third removed", replica, [.graph, .growing])

        let last = sealed + settings.upsertsPerSegment - 1
        try replica.apply(try upserts(last..<(last + 1)))
        try check("compacting, by the old graphs", replica, [.awaitingGraph])
        #expect(replica.buildNextGraph { false })
        #expect(replica.buildNextGraph { false })
        try check("compacting, in part", replica, [.graph, .awaitingGraph])
        replica.buildGraphs()
        try check("compacted", replica, [.graph])
        #expect(replica.snapshot.segments.reduce(0) { $0 + $1.vectors } == replica.snapshot.count)
    }

    @Test(.timeLimit(.minutes(10))) func holdsAmongFewAllowed() throws {
        let settings = IndexSettings(dimension: 64, upsertsPerSegment: 6_000)
        var source = VectorSource(dimension: 64, clusters: 100, seed: 22)
        var log = LogWriter()
        let replica = Replica(log: LogWriter.log, settings: settings)
        // Intents of very different sizes, on either side of where a walk pays.
        try replica.apply(
            try (0..<6_000).map { number in
                let path = number % 100 == 0 ? "rare" : number % 3 == 0 ? "frequent" : "most"
                return try log.upsert("text \(number)", path, source.next())
            }
        )
        replica.buildGraphs()
        for path in ["rare", "frequent", "most"] {
            var hits = 0
            for _ in 0..<50 {
                var query = SearchQuery(
                    vector: source.next(),
                    k: 10,
                    verticals: [.default],
                    within: [try IntentPath(path)]
                )
                let found = try replica.snapshot.search(query)
                query.isExact = true
                hits += try Set(replica.snapshot.search(query)).intersection(found).count
            }
            #expect(hits >= 495, "\(path)")
        }
    }

    private func recall(_ snapshot: ReplicaSnapshot, _ queries: [[Float]]) throws -> Double {
        var found = 0
        for vector in queries {
            var query = SearchQuery(vector: vector, k: 10, verticals: [.default])
            let hits = try snapshot.search(query)
            query.isExact = true
            found += try Set(snapshot.search(query).map(\.exemplar)).intersection(hits.map(\.exemplar)).count
        }
        return Double(found) / Double(10 * queries.count)
    }
}

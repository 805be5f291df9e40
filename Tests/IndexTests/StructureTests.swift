import Core
import Testing

@testable import Index

/// Which segments there are is decided by the log's position alone.
@Suite struct StructureTests {
    private let settings = IndexSettings(dimension: 4, upsertsPerSegment: 10, segmentsPerTier: 4)

    private func upserts(_ texts: Range<Int>, _ log: inout LogWriter) throws -> [LogRecord] {
        try texts.map { try log.upsert("text \($0)", "x", [1, 0, 0, 0]) }
    }

    private func tiers(_ replica: Replica) -> [Int] { replica.snapshot.state.verticals[0].segments.map(\.tier) }

    @Test func sealsAtEachTenthUpsertAndMergesFours() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        var log = LogWriter()
        try replica.apply(try upserts(0..<9, &log))
        #expect(tiers(replica) == [])
        try replica.apply(try upserts(9..<10, &log))
        #expect(tiers(replica) == [0])
        try replica.apply(try upserts(10..<39, &log))
        #expect(tiers(replica) == [0, 0, 0])
        try replica.apply(try upserts(39..<40, &log))
        #expect(tiers(replica) == [1])
        try replica.apply(try upserts(40..<159, &log))
        #expect(tiers(replica) == [1, 1, 1, 0, 0, 0])
        try replica.apply(try upserts(159..<160, &log))
        #expect(tiers(replica) == [2])
        #expect(replica.snapshot.state.verticals[0].segments[0].rows == 0..<160)
    }

    @Test func countsUpsertsThatMakeNoRow() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        var log = LogWriter()
        try replica.apply(try upserts(0..<5, &log))
        // Again, then with another intent: no further rows.
        try replica.apply(try (0..<5).map { try log.upsert("text \($0)", "y", [1, 0, 0, 0]) })
        let index = replica.snapshot.state.verticals[0]
        #expect(index.segments.map(\.rows) == [0..<5])
        // A segment's worth of records without a row seals nothing.
        try replica.apply(try (0..<10).map { try log.upsert("text \($0 % 5)", "z", [1, 0, 0, 0]) })
        #expect(replica.snapshot.state.verticals[0].segments.map(\.rows) == [0..<5])
    }

    @Test func doesNotDependOnBatches() throws {
        var log = LogWriter()
        var random = SeededGenerator(seed: 17)
        var records: [LogRecord] = []
        for _ in 0..<2_000 {
            let text = Int.random(in: 0..<400, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                records.append(try log.remove("text \(text)"))
            } else {
                records.append(try log.upsert("text \(text)", "x", [Float(text), 0, 0, 0]))
            }
        }
        func structure(batch: Int) throws -> [String] {
            let replica = Replica(log: LogWriter.log, settings: settings)
            for first in stride(from: 0, to: records.count, by: batch) {
                try replica.apply(Array(records[first..<min(first + batch, records.count)]))
                if batch == 7 { replica.buildGraphs() }
            }
            return replica.snapshot.state.verticals[0].segments.map {
                "\($0.number) \($0.tier) \($0.rows) \($0.members) \($0.live)"
            }
        }
        let expected = try structure(batch: 1)
        #expect(expected.count > 3)
        for batch in [7, 100, 2_000] { #expect(try structure(batch: batch) == expected) }
    }

    @Test func compactsAtASealPointWhenAFifthIsDead() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        var log = LogWriter()
        try replica.apply(try upserts(0..<10, &log))
        replica.buildGraphs()
        try replica.apply([log.remove("text 0")])
        try replica.apply(try upserts(10..<20, &log))
        #expect(replica.snapshot.state.verticals[0].segments.map(\.members) == [10, 10])
        try replica.apply([log.remove("text 5")])
        #expect(replica.snapshot.state.verticals[0].segments.map(\.members) == [10, 10])
        try replica.apply(try upserts(20..<30, &log))
        #expect(replica.snapshot.state.verticals[0].segments.map(\.members) == [8, 10, 10])
        replica.buildGraphs()
        #expect(replica.snapshot.segments.map(\.vectors) == [8, 10, 10, 0])
        #expect(!replica.snapshot.awaitsGraphs)
    }

    @Test func dropsASegmentOfTheDead() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        var log = LogWriter()
        try replica.apply(try upserts(0..<20, &log))
        try replica.apply((0..<10).map { try log.remove("text \($0)") })
        try replica.apply(try upserts(20..<30, &log))
        #expect(replica.snapshot.state.verticals[0].segments.map(\.rows) == [10..<20, 20..<30])
        replica.buildGraphs()
        #expect(
            try replica.snapshot.search(SearchQuery(vector: [1, 0, 0, 0], k: 50, verticals: [.default])).count == 20
        )
    }

    @Test func aGraphOfAMergedSegmentServesUntilTheMergedOneIsThere() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        var log = LogWriter()
        try replica.apply(try upserts(0..<10, &log))
        let order = try #require(replica.snapshot.state.nextGraph())
        try replica.apply(try upserts(10..<40, &log))
        var state = replica.snapshot.state
        let graph = try #require(order.build(settings, isAbandoned: { false }))
        state.install(graph)
        let merged = state.verticals[0].segments[0]
        #expect(merged.awaited != nil)
        #expect(merged.parts.map(\.rows) == [0..<10, 10..<20, 20..<30, 30..<40])
        #expect(merged.rowsWithoutGraph == 30)
        let found = try ReplicaSnapshot(state).search(
            SearchQuery(vector: [1, 0, 0, 0], k: 50, verticals: [.default])
        )
        #expect(found.count == 40)
        let next = try #require(state.nextGraph()?.build(settings, isAbandoned: { false }))
        state.install(next)
        #expect(state.verticals[0].segments[0].parts.map(\.rows) == [0..<40])
        #expect(state.nextGraph() == nil)
    }

    @Test func anAbandonedGraphLeavesNothing() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        var log = LogWriter()
        try replica.apply(try upserts(0..<10, &log))
        var asked = 0
        let built = try #require(replica.snapshot.state.nextGraph()).build(settings) {
            asked += 1
            return asked > 5
        }
        #expect(built == nil)
        #expect(replica.snapshot.awaitsGraphs)
    }
}

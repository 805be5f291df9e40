import Core
import Testing

@testable import Index

/// A replica that began from a snapshot beside one that has followed the log from its beginning: through upserts,
/// removals, new labels, policies, disabled intents and sealed, merged and compacted segments they are the same.
@Suite struct SnapshotEqualityTests {
    private static let settings = IndexSettings(
        dimension: 16,
        upsertsPerSegment: 32,
        segmentsPerTier: 2,
        graphBreadth: 40,
        searchBreadth: 16,
    )

    private static func restored(_ replica: Replica, settings: IndexSettings = Self.settings) throws -> Replica {
        try Replica(restoring: SnapshotContainer(replica.snapshot.fileBytes()), settings: settings)
    }

    /// A replica after some batches, and what draws the next ones.
    private static func filled(batches: Int, seed: UInt64) throws -> (Replica, RandomOperations) {
        var random = try RandomOperations(dimension: settings.dimension, texts: 150, seed: seed)
        let replica = Replica(log: LogWriter.log, settings: settings)
        for _ in 0..<batches { try replica.apply(random.batch()) }
        return (replica, random)
    }

    /// Whatever one answers the other has to answer, to the bit.
    private static func expectSame(
        _ left: Replica,
        _ right: Replica,
        _ random: inout RandomOperations,
        queries: Int,
    ) throws {
        let (left, right) = (left.snapshot, right.snapshot)
        #expect(left.position == right.position)
        #expect(left.digest == right.digest)
        #expect(left.taxonomy.all == right.taxonomy.all)
        #expect(left.encoder == right.encoder)
        for _ in 0..<queries {
            var query = try random.query()
            query.isExact = true
            #expect(try left.search(query) == right.search(query))
        }
        for _ in 0..<(queries / 20) {
            let query = try random.query()
            #expect(try left.classEvidence(for: query) == right.classEvidence(for: query))
            let one = left.policy(for: query.verticals, encoder: LogWriter.encoder)
            let other = right.policy(for: query.verticals, encoder: LogWriter.encoder)
            #expect(one.policy == other.policy)
            #expect(one.sequence == other.sequence)
        }
    }

    @Test(arguments: [(3, 11), (40, 12), (260, 13)] as [(Int, UInt64)])
    func answersAThousandQueriesLikeOneFromTheLog(batches: Int, seed: UInt64) throws {
        let (replica, drawn) = try Self.filled(batches: batches, seed: seed)
        var random = drawn
        // Some graphs serve, some are awaited.
        if batches > 40 { _ = replica.buildNextGraph(isAbandoned: { false }) }
        let copy = try Self.restored(replica)
        try Self.expectSame(replica, copy, &random, queries: 400)
        for _ in 0..<40 {
            for _ in 0..<3 {
                let batch = try random.batch()
                try replica.apply(batch)
                try copy.apply(batch)
            }
            try Self.expectSame(replica, copy, &random, queries: 15)
        }
        // Segments, members, counters and factors too, of which the answers to come depend.
        #expect(try replica.snapshot.fileBytes() == copy.snapshot.fileBytes())
    }

    /// While factors are narrow, nothing but the sums is made anew from what an older program wrote.
    @Test(arguments: [(3, 14), (120, 15)] as [(Int, UInt64)])
    func oneOfVersion1GoesOnLikeItsOwn(batches: Int, seed: UInt64) throws {
        let (replica, drawn) = try Self.filled(batches: batches, seed: seed)
        var random = drawn
        let old = try SnapshotContainer(try replica.snapshot.fileBytesOfVersion1())
        let copy = try Replica(restoring: old, settings: Self.settings)
        try Self.expectSame(replica, copy, &random, queries: 100)
        for _ in 0..<20 {
            let batch = try random.batch()
            try replica.apply(batch)
            try copy.apply(batch)
        }
        try Self.expectSame(replica, copy, &random, queries: 40)
        #expect(try replica.snapshot.fileBytes() == copy.snapshot.fileBytes())
    }

    /// On the way to the first wide factor, while it is computed, and afterwards.
    @Test(arguments: [1_000, 1_100, 1_290, 1_600])
    func wideFactorsGoOnInIt(count: Int) throws {
        var source = VectorSource(dimension: Self.settings.dimension, seed: 47)
        var log = LogWriter()
        let replica = Replica(log: LogWriter.log, settings: Self.settings)
        try replica.apply((0..<count).map { try log.upsert("text \($0)", "x/\($0 % 7)", source.next()) })
        let copy = try Self.restored(replica)
        let query = SearchQuery(vector: source.next(), k: 5, verticals: [.default])
        #expect(try replica.snapshot.classEvidence(for: query) == copy.snapshot.classEvidence(for: query))
        let rest = try (0..<700).map { try log.upsert("text \(count + $0)", "x/\($0 % 7)", source.next()) }
        try replica.apply(rest)
        try copy.apply(rest)
        #expect(replica.snapshot.state.verticals[0].classes.factor?.wide != nil)
        #expect(try replica.snapshot.classEvidence(for: query) == copy.snapshot.classEvidence(for: query))
        #expect(try replica.snapshot.fileBytes() == copy.snapshot.fileBytes())
    }

    @Test func theSameGraphsAreBuiltFromIt() throws {
        let (replica, drawn) = try Self.filled(batches: 120, seed: 21)
        var random = drawn
        let copy = try Self.restored(replica)
        #expect(copy.snapshot.segments.allSatisfy { $0.kind != .graph })
        replica.buildGraphs()
        copy.buildGraphs()
        #expect(replica.snapshot.segments.contains { $0.kind == .graph })
        #expect(replica.snapshot.segments == copy.snapshot.segments)
        for _ in 0..<200 {
            let query = try random.query()
            #expect(try replica.snapshot.search(query) == copy.snapshot.search(query))
        }
    }

    @Test func aSnapshotOfACopyIsTheSameFile() throws {
        let (replica, _) = try Self.filled(batches: 200, seed: 31)
        let bytes = try replica.snapshot.fileBytes()
        #expect(try Self.restored(replica).snapshot.fileBytes() == bytes)
        // Built graphs are no part of it, since they can be made again.
        replica.buildGraphs()
        #expect(try replica.snapshot.fileBytes() == bytes)
    }

    @Test func aChangeOfEncodersGoesOnInIt() throws {
        var source = VectorSource(dimension: Self.settings.dimension, seed: 41)
        var log = LogWriter()
        let replica = Replica(log: LogWriter.log, settings: Self.settings)
        try replica.apply((0..<80).map { try log.upsert("text \($0)", "x/\($0 % 5)", source.next()) })
        try replica.apply((0..<50).map { try log.prepare("text \($0)", source.next()) })
        let copy = try Self.restored(replica)
        #expect(copy.snapshot.nextEncoder == LogWriter.otherEncoder)
        var rest = try (50..<80).map { try log.prepare("text \($0)", source.next()) }
        rest.append(log.switchModels())
        try replica.apply(rest)
        try copy.apply(rest)
        #expect(copy.snapshot.encoder == LogWriter.otherEncoder)
        #expect(copy.snapshot.digest == replica.snapshot.digest)
        #expect(try replica.snapshot.fileBytes() == copy.snapshot.fileBytes())
        let query = SearchQuery(vector: source.next(), k: 80, verticals: [.default], isExact: true)
        #expect(try replica.snapshot.search(query) == copy.snapshot.search(query))
    }

    @Test func keysGoOnInIt() throws {
        var source = VectorSource(dimension: Self.settings.dimension, seed: 43)
        var log = LogWriter()
        let replica = Replica(log: LogWriter.log, settings: Self.settings)
        let (web, desk) = (try LogWriter.key("web", 1), try LogWriter.key("desk", 2))
        try replica.apply([log.upsert("text", "x", source.next()), log.set(web), log.set(desk), log.set(desk.revoked)])
        let copy = try Self.restored(replica)
        #expect(copy.snapshot.state.keys == replica.snapshot.state.keys)
        #expect(copy.snapshot.state.keys.all == [desk.revoked, web])
        #expect(copy.snapshot.digest == replica.snapshot.digest)
        let rest = [log.set(web.revoked)]
        try replica.apply(rest)
        try copy.apply(rest)
        #expect(copy.snapshot.digest == replica.snapshot.digest)
        #expect(try replica.snapshot.fileBytes() == copy.snapshot.fileBytes())
    }

    @Test func anEmptyIndexHasOneToo() throws {
        let replica = Replica(log: LogWriter.log, settings: Self.settings)
        let copy = try Self.restored(replica)
        #expect(copy.snapshot.position == replica.snapshot.position)
        #expect(copy.snapshot.count == 0)
    }

    @Test func whatWasRemovedIsInNoSnapshotAsText() throws {
        var log = LogWriter()
        let replica = Replica(log: LogWriter.log, settings: Self.settings)
        let vector = [1] + [Float](repeating: 0, count: 15)
        try replica.apply([log.upsert("moonlight sonata", "x", vector), log.upsert("other", "x", vector)])
        #expect(String(decoding: try replica.snapshot.fileBytes(), as: UTF8.self).contains("moonlight"))
        try replica.apply([log.remove("moonlight sonata")])
        #expect(!String(decoding: try replica.snapshot.fileBytes(), as: UTF8.self).contains("moonlight"))
    }

    @Test func oneOfAnotherLayoutIsRefused() throws {
        let (replica, _) = try Self.filled(batches: 5, seed: 51)
        var other = Self.settings
        other.upsertsPerSegment = 64
        #expect {
            _ = try Self.restored(replica, settings: other)
        } throws: {
            ($0 as? SwitchboardError)?.code == .failedPrecondition
        }
    }
}

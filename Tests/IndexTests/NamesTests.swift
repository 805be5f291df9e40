import Core
import Testing

@testable import Index

/// Renames and merges in a replica: names change at once, and no row moves.
@Suite struct NamesTests {
    private let settings = IndexSettings(dimension: 8, upsertsPerSegment: 64)
    private var source = VectorSource(dimension: 8, clusters: 4, seed: 9)
    private var writer = LogWriter()

    private mutating func load(_ replica: Replica, _ path: String, _ count: Int) throws {
        for number in 0..<count {
            try replica.apply([writer.upsert("\(path) \(number)", path, source.next())])
        }
    }

    private func id(_ path: String, _ replica: Replica) throws -> IntentID {
        try #require(replica.snapshot.taxonomy.id(of: try IntentPath(path), in: .default))
    }

    private func rows(_ replica: Replica) -> [Int] {
        replica.snapshot.state.verticals.map(\.table.count)
    }

    @Test mutating func aRenameMovesNoRowAndKeepsTheDigestOfExemplars() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        try load(replica, "orders/late", 20)
        let (before, exemplars) = (rows(replica), replica.snapshot.state.serving.digest)
        let orders = try id("orders", replica)
        try replica.apply([writer.rename(orders, to: "parcels")])
        #expect(rows(replica) == before)
        #expect(replica.snapshot.state.serving.digest == exemplars)
        let query = SearchQuery(vector: source.next(), k: 20, verticals: [.default])
        let hits = try replica.snapshot.search(query)
        let paths = Set(hits.map { replica.snapshot.taxonomy[$0.intent]?.path.description })
        #expect(paths == ["parcels/late"])
    }

    @Test mutating func aMergedIntentsExemplarsCountForTheOtherOne() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        try load(replica, "late", 30)
        try load(replica, "delayed", 30)
        let (late, delayed) = (try id("late", replica), try id("delayed", replica))
        try replica.apply([writer.merge(delayed, into: late)])
        var query = SearchQuery(vector: source.next(), k: 60, verticals: [.default])
        let snapshot = replica.snapshot
        #expect(Set(try snapshot.search(query).map(\.intent)) == [late])
        #expect(try snapshot.classEvidence(for: query, listed: 9)?.figures.map(\.intent) == [late])
        #expect(try snapshot.nearest(of: [late], each: 60, to: query)[late]?.count == 60)
        query.within = [try IntentPath("late")]
        #expect(try snapshot.search(query).count == 60)
        query.within = [try IntentPath("delayed")]
        #expect(try snapshot.search(query).isEmpty)
    }

    /// Sums are exact, so that how they came about cannot be seen in them.
    @Test mutating func aMergeAndItsUndoLeaveNoTraceInClassEvidence() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        let plain = Replica(log: LogWriter.log, settings: settings)
        var records: [LogRecord] = []
        for number in 0..<40 {
            records.append(try writer.upsert("a \(number)", number % 2 == 0 ? "late" : "delayed", source.next()))
        }
        try replica.apply(records)
        try plain.apply(records)
        let query = SearchQuery(vector: source.next(), k: 5, verticals: [.default])
        let before = try plain.snapshot.classEvidence(for: query, listed: 9)
        let (late, delayed) = (try id("late", replica), try id("delayed", replica))
        try replica.apply([writer.merge(delayed, into: late)])
        let joined = try #require(try replica.snapshot.classEvidence(for: query, listed: 9))
        #expect(joined.figures.count == 1)
        try replica.apply([writer.restore(delayed, "delayed")])
        #expect(try replica.snapshot.classEvidence(for: query, listed: 9) == before)
        let digest = plain.snapshot.digest
        #expect(replica.snapshot.digest == digest)
    }

    @Test mutating func disabledIntentsOfAMergeFollowTheOneTheyBecame() throws {
        let replica = Replica(log: LogWriter.log, settings: settings)
        try load(replica, "late", 3)
        try load(replica, "gone", 3)
        try replica.apply([writer.enable("gone", false)])
        let query = SearchQuery(vector: source.next(), k: 9, verticals: [.default])
        #expect(try replica.snapshot.search(query).count == 3)
        let (late, gone) = (try id("late", replica), try id("gone", replica))
        try replica.apply([writer.merge(gone, into: late)])
        #expect(try replica.snapshot.search(query).count == 6)
        try replica.apply([writer.restore(gone, "gone")])
        #expect(try replica.snapshot.search(query).count == 3)
    }
}

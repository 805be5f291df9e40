import Core
import Testing

@testable import Index

/// What a replica is after exemplars were erased.
@Suite struct PurgeTests {
    private let settings = IndexSettings(dimension: 16, upsertsPerSegment: 16, segmentsPerTier: 3, graphBreadth: 60)
    private static let verticals = ["a", "b", "c"]

    private func replica() -> Replica { Replica(log: LogWriter.log, settings: settings) }

    /// Random records over three verticals, and the exemplars that are erased after them: of two.
    private func history(
        _ seed: UInt64,
        preparing: Bool
    ) throws -> (records: [LogRecord], erased: Set<ExemplarID>, log: LogWriter) {
        var random = SeededGenerator(seed: seed)
        var source = VectorSource(dimension: 16, seed: seed)
        var log = LogWriter()
        var records: [LogRecord] = []
        var living: Set<String> = []
        func vertical(of text: String) throws -> Vertical { try Vertical(String(text.prefix(1))) }
        for step in 0..<300 {
            let text =
                "\(Self.verticals[Int.random(in: 0..<3, using: &random)]) \(Int.random(in: 0..<60, using: &random))"
            if Int.random(in: 0..<5, using: &random) == 0, living.contains(text) {
                records.append(try log.remove(text, in: vertical(of: text)))
                living.remove(text)
            } else {
                let path = "i/\(Int.random(in: 0..<6, using: &random))"
                let origin = Array("step \(step)".utf8)
                records.append(try log.upsert(text, path, source.next(), in: vertical(of: text), origin: origin))
                living.insert(text)
            }
        }
        if preparing {
            for text in living.sorted() { records.append(try log.prepare(text, source.next(), in: vertical(of: text))) }
        }
        var erased: Set<ExemplarID> = []
        for number in 0..<20 {
            for name in ["a", "c"] {
                erased.insert(ExemplarID(vertical: try Vertical(name), text: try UtteranceText("\(name) \(number)")))
            }
        }
        return (records, erased, log)
    }

    private func blanked(_ records: [LogRecord], without erased: Set<ExemplarID>) -> (
        records: [LogRecord], fact: Purged
    ) {
        var places: [LogSequence] = []
        var verticals: Set<Vertical> = []
        let rest = records.map { record -> LogRecord in
            guard let id = record.fact.exemplar, erased.contains(id), let fact = record.fact.blanked else {
                return record
            }
            places.append(record.sequence)
            verticals.insert(fact.vertical)
            return LogRecord(sequence: record.sequence, stamp: record.stamp, fact: .exemplarBlanked(fact))
        }
        return (rest, Purged(blanked: places, verticals: verticals.sorted { $0.name < $1.name }))
    }

    private func query(_ vector: [Float], isExact: Bool) throws -> SearchQuery {
        SearchQuery(vector: vector, k: 10, verticals: try Self.verticals.map { try Vertical($0) }, isExact: isExact)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4], [false, true])
    func whoHeldItAndWhoNeverDidAreAlike(seed: UInt64, preparing: Bool) throws {
        let (records, erased, writer) = try history(seed, preparing: preparing)
        var log = writer
        let (rest, fact) = blanked(records, without: erased)
        #expect(fact.blanked.count > 40)
        let purge = log.record(.purged(fact))
        var model = IndexModel()
        for record in records + [purge] { model.apply(record) }

        let (held, never) = (replica(), replica())
        for record in records { try held.apply([record]) }
        held.buildGraphs()
        let before = held.snapshot
        try held.apply([purge])
        try never.apply(rest + [purge])
        let (one, other) = (held.snapshot, never.snapshot)
        #expect(one.position.sequence == purge.sequence)
        #expect(one.digest == model.digest, "seed \(seed)")
        #expect(other.digest == model.digest, "seed \(seed)")
        #expect(one.count == model.exemplars.count)
        #expect(one.count < before.count)
        for id in erased {
            #expect(one.exemplar(id) == nil && other.exemplar(id) == nil)
        }
        held.buildGraphs()
        never.buildGraphs()
        var source = VectorSource(dimension: 16, seed: seed + 100)
        for _ in 0..<40 {
            let vector = source.next()
            for isExact in [true, false] {
                let asked = try query(vector, isExact: isExact)
                let hits = try held.snapshot.search(asked)
                let others = try never.snapshot.search(asked)
                #expect(hits == others, "seed \(seed)")
                if isExact { #expect(hits == model.search(asked), "seed \(seed)") }
                #expect(!hits.contains { erased.contains($0.exemplar) })
            }
            let exact = try query(vector, isExact: true)
            #expect(
                try held.snapshot.classEvidence(for: exact) == never.snapshot.classEvidence(for: exact),
                "seed \(seed)"
            )
        }
        // Who read before goes on with what he had.
        let dropped = erased.filter { before.exemplar($0) != nil }
        #expect(before.count == one.count + dropped.count)
    }

    @Test func theSwitchAfterItTakesWhatIsLeft() throws {
        let (records, erased, writer) = try history(9, preparing: true)
        var log = writer
        let (rest, fact) = blanked(records, without: erased)
        let tail = [log.record(.purged(fact)), log.switchModels()]
        let (held, never) = (replica(), replica())
        try held.apply(records + tail)
        try never.apply(rest + tail)
        #expect(held.snapshot.encoder == LogWriter.otherEncoder)
        #expect(held.snapshot.digest == never.snapshot.digest)
        #expect(held.snapshot.encoders == [LogWriter.otherEncoder])
    }

    /// A graph that was begun before does not come in after: its rows have other numbers now.
    @Test func aGraphFromBeforeIsDropped() throws {
        let (records, erased, writer) = try history(5, preparing: false)
        var log = writer
        let (_, fact) = blanked(records, without: erased)
        let replica = replica()
        try replica.apply(records)
        let state = replica.snapshot.state
        let order = try #require(state.nextGraph())
        let graph = try #require(order.build(settings) { false })
        var after = state
        try after.apply([log.record(.purged(fact))])
        let segments = after.verticals.map(\.segments.count)
        after.install(graph)
        #expect(after.verticals.map(\.segments.count) == segments)
        #expect(after.verticals.allSatisfy { $0.segments.allSatisfy { $0.awaited != nil } })
    }
}

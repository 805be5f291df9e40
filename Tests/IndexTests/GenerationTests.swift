import Core
import Testing

@testable import Index

/// A change of models: what serves, what is to serve next, and the record that puts one in the place of the other.
@Suite struct GenerationTests {
    private let settings = IndexSettings(dimension: 16, upsertsPerSegment: 16, segmentsPerTier: 3, graphBreadth: 60)

    private func replica() -> Replica { Replica(log: LogWriter.log, settings: settings) }

    private func hits(_ snapshot: ReplicaSnapshot, _ vector: [Float], k: Int = 10) throws -> [Hit] {
        try snapshot.search(SearchQuery(vector: vector, k: k, verticals: [.default], isExact: true))
    }

    @Test func theOldVectorsServeUntilTheSwitch() throws {
        var source = VectorSource(dimension: 16, seed: 3)
        let (old, new) = (source.next(), source.next())
        let replica = replica()
        var log = LogWriter()
        try replica.apply([log.upsert("a", "x", old), log.upsert("b", "x", new)])
        try replica.apply([log.prepare("a", new), log.prepare("b", old)])
        let before = replica.snapshot
        #expect(before.encoder == LogWriter.encoder)
        #expect(before.nextEncoder == LogWriter.otherEncoder)
        #expect(before.encoders == [LogWriter.encoder])
        #expect(try hits(before, old, k: 1).map(\.text) == ["a"])
        try replica.apply([log.switchModels()])
        let after = replica.snapshot
        #expect(after.encoder == LogWriter.otherEncoder)
        #expect(after.nextEncoder == nil)
        #expect(after.encoders == [LogWriter.otherEncoder])
        #expect(try hits(after, old, k: 1).map(\.text) == ["b"])
        #expect(try hits(before, old, k: 1).map(\.text) == ["a"])
        let id = ExemplarID(vertical: .default, text: try UtteranceText("a"))
        #expect(after.exemplar(id)?.firstSequence == LogSequence(1))
        #expect(after.exemplar(id)?.vector == new)
        #expect(after.digest != before.digest)
    }

    @Test func aSwitchThatLeavesAnExemplarWithoutVectorIsRefused() throws {
        var source = VectorSource(dimension: 16, seed: 4)
        let replica = replica()
        var log = LogWriter()
        try replica.apply([log.upsert("a", "x", source.next()), log.upsert("b", "x", source.next())])
        try replica.apply([log.prepare("a", source.next())])
        let before = replica.snapshot
        let record = log.switchModels()
        #expect { try replica.apply([record]) } throws: { ($0 as? SwitchboardError)?.code == .invalidArgument }
        #expect(replica.snapshot.position == before.position)
        #expect(replica.snapshot.encoder == LogWriter.encoder)
    }

    @Test func aThirdEncoderTakesThePlaceOfTheSecondAndTheFirstGivesUpBoth() throws {
        let third = try #require(ModelID(bytes: [UInt8](repeating: 3, count: 32)))
        var source = VectorSource(dimension: 16, seed: 5)
        let replica = replica()
        var log = LogWriter()
        try replica.apply([log.upsert("a", "x", source.next()), log.upsert("b", "x", source.next())])
        let digest = replica.snapshot.digest
        try replica.apply([log.prepare("a", source.next()), log.prepare("b", source.next(), encoder: third)])
        #expect(replica.snapshot.nextEncoder == third)
        #expect(replica.snapshot.digest == digest)
        try replica.apply([log.switchModels(to: LogWriter.encoder)])
        #expect(replica.snapshot.nextEncoder == nil)
        #expect(replica.snapshot.encoder == LogWriter.encoder)
        #expect(replica.snapshot.digest == digest)
    }

    @Test func anEmptyIndexMayBeSwitched() throws {
        let replica = replica()
        var log = LogWriter()
        try replica.apply([log.switchModels()])
        #expect(replica.snapshot.encoder == LogWriter.otherEncoder)
        #expect(replica.snapshot.count == 0)
    }

    /// Labels, removals and new pairs go on while vectors are set; all is compared with the plain model.
    @Test(arguments: [UInt64(1), 2, 3, 4]) func whatHappensMeanwhileCounts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var source = VectorSource(dimension: 16, seed: seed)
        var log = LogWriter()
        var model = IndexModel()
        let (stepwise, whole) = (replica(), replica())
        var records: [LogRecord] = []
        func apply(_ record: LogRecord) throws {
            try stepwise.apply([record])
            model.apply(record)
            records.append(record)
            #expect(stepwise.snapshot.digest == model.digest)
        }
        for number in 0..<60 { try apply(log.upsert("text \(number)", "x\(number % 4)", source.next())) }
        var prepared: Set<Int> = []
        var live = Set(0..<60)
        while prepared != live {
            let number = Int.random(in: 0..<80, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where live.contains(number):
                try apply(log.remove("text \(number)"))
                live.remove(number)
                prepared.remove(number)
            case 1 where !live.contains(number):
                try apply(log.upsert("text \(number)", "x\(number % 4)", source.next()))
                live.insert(number)
            case 2 where live.contains(number):
                let id = ExemplarID(vertical: .default, text: try UtteranceText("text \(number)"))
                let vector = try #require(stepwise.snapshot.exemplar(id)).vector
                try apply(log.upsert("text \(number)", "y\(number % 3)", vector))
            case 3: try apply(log.enable("x\(number % 4)", number % 2 == 0))
            default:
                // The next that has none, as the work on them goes.
                guard let missing = live.subtracting(prepared).min() else { break }
                try apply(log.prepare("text \(missing)", source.next()))
                prepared.insert(missing)
            }
            if number % 9 == 0 { _ = stepwise.buildNextGraph(isAbandoned: { false }) }
        }
        try apply(log.switchModels())
        try apply(log.upsert("after", "x0", source.next(), encoder: LogWriter.otherEncoder))
        // A follower that starts anew applies the same records all at once.
        try whole.apply(records)
        #expect(whole.snapshot.digest == model.digest)
        let structure = { (replica: Replica) -> [[Int]] in
            replica.snapshot.state.verticals.flatMap {
                $0.segments.map { [$0.rows.lowerBound, $0.rows.upperBound, $0.tier] }
            }
        }
        #expect(structure(stepwise) == structure(whole))
        for _ in 0..<10 {
            let query = SearchQuery(vector: source.next(), k: 7, verticals: [.default], isExact: true)
            #expect(try stepwise.snapshot.search(query) == model.search(query))
            #expect(try whole.snapshot.search(query) == model.search(query))
            #expect(
                try stepwise.snapshot.classEvidence(for: query) == whole.snapshot.classEvidence(for: query)
            )
        }
    }

    @Test func graphsAreThereAtTheSwitch() throws {
        var source = VectorSource(dimension: 16, seed: 6)
        let replica = replica()
        var log = LogWriter()
        try replica.apply((0..<64).map { try log.upsert("text \($0)", "x", source.next()) })
        try replica.apply((0..<64).map { try log.prepare("text \($0)", source.next()) })
        replica.buildGraphs()
        let record = log.switchModels()
        try replica.apply([record])
        #expect(!replica.snapshot.segments.isEmpty)
        #expect(!replica.snapshot.awaitsGraphs)
    }

    @Test func aGraphThatIsBuiltDuringTheSwitchServesAfterIt() throws {
        var source = VectorSource(dimension: 16, seed: 7)
        let replica = replica()
        var log = LogWriter()
        try replica.apply((0..<16).map { try log.upsert("text \($0)", "x", source.next()) })
        replica.buildGraphs()
        try replica.apply((0..<16).map { try log.prepare("text \($0)", source.next()) })
        let record = log.switchModels()
        var isSwitched = false
        let isDue = replica.buildNextGraph(isAbandoned: {
            if !isSwitched { isSwitched = (try? replica.apply([record])) != nil }
            return false
        })
        #expect(isDue && isSwitched)
        #expect(!replica.snapshot.awaitsGraphs)
        #expect(replica.snapshot.encoder == LogWriter.otherEncoder)
    }

    @Test func aGraphOfWhatServedBeforeIsNotTakenForOneOfWhatServesNow() throws {
        var source = VectorSource(dimension: 16, seed: 8)
        let replica = replica()
        var log = LogWriter()
        try replica.apply((0..<16).map { try log.upsert("text \($0)", "x", source.next()) })
        let records = try (0..<16).map { try log.prepare("text \($0)", source.next()) } + [log.switchModels()]
        var isSwitched = false
        _ = replica.buildNextGraph(isAbandoned: {
            if !isSwitched { isSwitched = (try? replica.apply(records)) != nil }
            return false
        })
        #expect(isSwitched)
        #expect(replica.snapshot.awaitsGraphs)
        let query = SearchQuery(vector: source.next(), k: 16, verticals: [.default])
        let found = try replica.snapshot.search(query)
        #expect(found.count == 16)
        replica.buildGraphs()
        #expect(!replica.snapshot.awaitsGraphs)
    }
}

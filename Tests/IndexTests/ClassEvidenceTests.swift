import Core
import Foundation
import Testing

@testable import Index

/// Class statistics against a plain computation in double precision from the live exemplars.
@Suite struct ClassEvidenceTests {
    private let settings = IndexSettings(dimension: 12, upsertsPerSegment: 128)

    @Test func agreesWithAPlainComputation() throws {
        var fixture = try Fixture(settings, seed: 11)
        try fixture.add(intents: 6, each: 40)
        let query = fixture.query()
        let found = try #require(try fixture.replica.snapshot.classEvidence(for: query, listed: 100))
        #expect(found.figures.count == 6)
        #expect(found.others == -.infinity)
        // In use: the factor that was decided on at the 64th change; the next, of the 256th, is not decided on yet.
        let expected = fixture.plain(query, factorFrom: 64)
        for figure in found.figures {
            let wanted = try #require(expected[figure.intent])
            #expect(abs(figure.cosine - wanted.cosine) < 1e-5)
            #expect(abs(try #require(figure.logDensity) - wanted.density) < 1e-3 * max(1, abs(wanted.density)))
        }
    }

    @Test func doesNotDependOnTheOrderOrOnWhatHasGone() throws {
        var fixture = try Fixture(settings, seed: 5)
        try fixture.add(intents: 5, each: 30)
        let before = try fixture.replica.snapshot.classEvidence(for: fixture.query(), listed: 100)
        let position = fixture.replica.snapshot.position.sequence
        try fixture.addAndRemove(30)
        let after = try fixture.replica.snapshot.classEvidence(for: fixture.query(), listed: 100)
        #expect(fixture.replica.snapshot.position.sequence > position)
        // Cosines follow each record, and nothing of the removed is left in a mean.
        #expect(before?.figures.map(\.cosine).sorted() == after?.figures.map(\.cosine).sorted())
    }

    @Test func isTheSameWhateverTheBatches() throws {
        var fixture = try Fixture(settings, seed: 7)
        try fixture.add(intents: 9, each: 80)
        try fixture.addAndRemove(100)
        for size in [1, 7, 64, 10_000] {
            let replica = Replica(log: LogWriter.log, settings: settings)
            if size == 7 { replica.start() }
            for first in stride(from: 0, to: fixture.records.count, by: size) {
                try replica.apply(Array(fixture.records[first..<min(first + size, fixture.records.count)]))
            }
            #expect(
                try replica.snapshot.classEvidence(for: fixture.query(), listed: 100)
                    == fixture.replica.snapshot.classEvidence(for: fixture.query(), listed: 100)
            )
            replica.shutdown()
        }
    }

    @Test(.timeLimit(.minutes(1))) func factorsAreComputedBesideTheWriter() async throws {
        var fixture = try Fixture(settings, seed: 13)
        try fixture.add(intents: 4, each: 32)
        let replica = Replica(log: LogWriter.log, settings: settings)
        replica.start()
        defer { replica.shutdown() }
        var seen = 0
        for record in fixture.records {
            try replica.apply([record])
            for order in replica.snapshot.state.verticals.flatMap(\.classes.factorsAhead) {
                // The thread takes it without being asked again.
                while !order.isPrepared { try await Task.sleep(for: .milliseconds(1)) }
                seen += 1
            }
        }
        #expect(seen > 0)
    }

    @Test func anExcludedExemplarIsTakenOutOfMeanAndCovariance() throws {
        var fixture = try Fixture(settings, seed: 3)
        try fixture.add(intents: 4, each: 32)
        var query = fixture.query()
        let excluded = try #require(fixture.exemplars.first { $0.isInFactor })
        query.excluding = [excluded.id]
        query.vector = excluded.vector
        let found = try #require(try fixture.replica.snapshot.classEvidence(for: query, listed: 100))
        let expected = fixture.plain(query, factorFrom: 64, without: excluded.id)
        for figure in found.figures {
            let wanted = try #require(expected[figure.intent])
            #expect(abs(figure.cosine - wanted.cosine) < 1e-5)
            // The factor keeps the count and the trace that it had with the exemplar.
            let density = try #require(figure.logDensity)
            let plain = wanted.density - (expected.values.map(\.density).max() ?? 0)
            let best = found.figures.compactMap(\.logDensity).max() ?? 0
            #expect(abs(density - best - plain) < 0.05 * max(1, abs(plain)))
        }
    }

    @Test func aNewIntentCountsFromItsFirstPair() throws {
        var fixture = try Fixture(settings, seed: 9)
        try fixture.add(intents: 3, each: 60)
        let vector = try fixture.add("brand new", intent: "new/intent")
        let query = SearchQuery(vector: vector, k: 5, verticals: [.default])
        let found = try #require(try fixture.replica.snapshot.classEvidence(for: query))
        let leader = try #require(found.figures.first)
        #expect(fixture.replica.snapshot.taxonomy[leader.intent]?.path == (try IntentPath("new/intent")))
        #expect(abs(leader.cosine - 1) < 1e-5)
    }

    @Test func whatIsLeftOutIsSummedUp() throws {
        var fixture = try Fixture(settings, seed: 21)
        try fixture.add(intents: 12, each: 20)
        let query = fixture.query()
        let all = try #require(try fixture.replica.snapshot.classEvidence(for: query, listed: 100))
        let some = try #require(try fixture.replica.snapshot.classEvidence(for: query, listed: 4))
        #expect(some.figures == Array(all.figures.prefix(4)))
        let temperature = all.weights.temperature
        let rest = temperature * log(all.figures.dropFirst(4).reduce(0) { $0 + exp(all.term($1) / temperature) })
        #expect(abs(some.others - rest) <= 1e-9 * max(1, abs(rest)))
        let last = all.figures[11].intent
        let including = try fixture.replica.snapshot.classEvidence(for: query, listed: 4, including: [last])
        #expect(including?.figures.map(\.intent) == some.figures.map(\.intent) + [last])
    }

    @Test(
        arguments: [
            ClassWeights(density: 1, cosine: 1, temperature: 1e308),
            ClassWeights(density: 1e308, cosine: 1, temperature: 1),
            ClassWeights(density: 1e308, cosine: -1e308, temperature: 1e308),
            ClassWeights(density: -1e308, cosine: 1e308, temperature: 1e-308),
        ]
    )
    func everyFigureIsFiniteWhateverTheWeights(weights: ClassWeights) throws {
        var fixture = try Fixture(settings, seed: 17)
        try fixture.add(intents: 12, each: 20)
        let snapshot = fixture.replica.snapshot
        let found = try #require(try snapshot.classEvidence(for: fixture.query(), weights: weights, listed: 4))
        #expect(found.figures.count == 4)
        #expect(found.figures.allSatisfy { $0.cosine.isFinite && $0.logDensity?.isFinite == true })
        #expect(found.others.isFinite)
        #expect(found.distance?.isFinite == true)
    }

    @Test func intentsOfWhichNothingFiniteCanBeSaidAreLeftOut() throws {
        var fixture = try Fixture(settings, seed: 19)
        try fixture.add(intents: 3, each: 60)
        var query = fixture.query()
        query.vector[0] = .greatestFiniteMagnitude
        #expect(try fixture.replica.snapshot.classEvidence(for: query) == nil)
    }

    /// However few the exemplars are beside the dimensions: what is told is the distance of one that none of it was made of.
    @Test(arguments: [(2, 80), (4, 40), (16, 80), (60, 40), (80, 5)])
    func whatIsLikeTheExemplarsIsAsFarAsTheyAre(intents: Int, each: Int) throws {
        var random = SeededGenerator(seed: 3)
        let dimension = 96
        let settings = IndexSettings(dimension: dimension)
        let replica = Replica(log: LogWriter.log, settings: settings)
        // Close to a normal distribution: twelve draws together.
        func spread() -> [Float] {
            (0..<dimension).map { _ in (0..<12).reduce(-0.3) { sum, _ in sum + .random(in: 0..<0.05, using: &random) } }
        }
        let centres = (0..<intents).map { _ in spread().map { $0 * 3 } }
        func near(_ intent: Int) -> [Float] { zip(centres[intent], spread()).map { $0 + $1 } }
        var writer = LogWriter()
        // One intent after the other, as files are: the first covariances are made of one or two.
        for intent in 0..<intents {
            for number in 0..<each {
                try replica.apply([try writer.upsert("\(intent) \(number)", "intent \(intent)", near(intent))])
            }
        }
        let distances = try (0..<intents * 4).map { number in
            let query = SearchQuery(vector: near(number % intents), k: 5, verticals: [.default])
            return try #require(try replica.snapshot.classEvidence(for: query)?.distance)
        }
        let mean = distances.reduce(0, +) / Double(distances.count)
        #expect(mean > 0.6 && mean < 1.6, "\(mean)")
    }

    @Test func isLimitedToPathsAndEnabledIntents() throws {
        var fixture = try Fixture(settings, seed: 2)
        try fixture.add(intents: 4, each: 10)
        var query = fixture.query()
        query.within = [try IntentPath("group 1")]
        let found = try #require(try fixture.replica.snapshot.classEvidence(for: query))
        #expect(found.figures.count == 1)
        query.within = [try IntentPath("nowhere")]
        #expect(try fixture.replica.snapshot.classEvidence(for: query) == nil)
        query.vector = [1]
        #expect(throws: SwitchboardError.self) { try fixture.replica.snapshot.classEvidence(for: query) }
    }

    private struct Fixture {
        struct Known {
            let id: ExemplarID
            let intent: IntentID
            let vector: [Float]
            let sequence: Int
            var isInFactor: Bool { sequence <= 64 }
        }

        let settings: IndexSettings
        let replica: Replica
        private(set) var records: [LogRecord] = []
        private(set) var exemplars: [Known] = []
        private var writer = LogWriter()
        private var source: VectorSource
        private let question: [Float]

        init(_ settings: IndexSettings, seed: UInt64) throws {
            self.settings = settings
            replica = Replica(log: LogWriter.log, settings: settings)
            source = VectorSource(dimension: settings.dimension, clusters: 8, seed: seed)
            question = source.next()
        }

        func query() -> SearchQuery { SearchQuery(vector: question, k: 5, verticals: [.default]) }

        mutating func add(intents: Int, each: Int) throws {
            for number in 0..<(intents * each) {
                try add("text \(number)", intent: "group \(number % intents)/leaf")
            }
        }

        @discardableResult
        mutating func add(_ text: String, intent: String) throws -> [Float] {
            let vector = source.next()
            try apply(try writer.upsert(text, intent, vector))
            let id = ExemplarID(vertical: .default, text: try UtteranceText(text))
            let stored = try #require(replica.snapshot.exemplar(id))
            exemplars.append(Known(id: id, intent: stored.intent, vector: vector, sequence: records.count))
            return vector
        }

        mutating func addAndRemove(_ count: Int) throws {
            for number in 0..<count {
                try apply(try writer.upsert("passing \(number)", "group 0/leaf", source.next()))
                try apply(try writer.remove("passing \(number)"))
            }
        }

        private mutating func apply(_ record: LogRecord) throws {
            records.append(record)
            try replica.apply([record])
        }

        /// From the definition: means of all live exemplars, covariance of the first `factorFrom`, full inverse.
        func plain(
            _ query: SearchQuery,
            factorFrom: Int,
            without: ExemplarID? = nil,
        ) -> [IntentID: (cosine: Double, density: Double)] {
            let live = exemplars.filter { $0.id != without }
            let held = Dictionary(grouping: live.filter { $0.sequence <= factorFrom }, by: \.intent)
            let dimension = settings.dimension
            var covariance = [[Double]](repeating: [Double](repeating: 0, count: dimension), count: dimension)
            let count = Double(held.values.reduce(0) { $0 + $1.count })
            for members in held.values {
                let mean = Self.mean(members.map(\.vector))
                for member in members {
                    let difference = zip(member.vector, mean).map { Double($0) - $1 }
                    for row in 0..<dimension {
                        for column in 0..<dimension {
                            covariance[row][column] += difference[row] * difference[column] / count
                        }
                    }
                }
            }
            let trace = (0..<dimension).reduce(0) { $0 + covariance[$1][$1] }
            let shrinkage = ClassFactor.shrinkage(
                exemplars: Int(count),
                intents: held.count,
                dimension: dimension
            )
            for row in 0..<dimension {
                for column in 0..<dimension { covariance[row][column] *= 1 - shrinkage }
                covariance[row][row] += shrinkage * trace / Double(dimension)
            }
            let (inverse, logDeterminant) = Self.inverse(covariance)
            var figures: [IntentID: (cosine: Double, density: Double)] = [:]
            for (intent, members) in Dictionary(grouping: live, by: \.intent) {
                let mean = Self.mean(members.map(\.vector))
                let difference = zip(query.vector, mean).map { Double($0) - $1 }
                var distance = 0.0
                for row in 0..<dimension {
                    for column in 0..<dimension {
                        distance += difference[row] * inverse[row][column] * difference[column]
                    }
                }
                let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
                let cosine = zip(query.vector, mean).reduce(0) { $0 + Double($1.0) * $1.1 } / length
                figures[intent] = (cosine, -distance / 2 - logDeterminant / 2)
            }
            return figures
        }

        private static func mean(_ vectors: [[Float]]) -> [Double] {
            vectors[0].indices.map { place in
                vectors.reduce(0) { $0 + Double($1[place]) } / Double(vectors.count)
            }
        }

        /// Gauss and Jordan.
        private static func inverse(_ matrix: [[Double]]) -> (inverse: [[Double]], logDeterminant: Double) {
            let size = matrix.count
            var left = matrix
            var right = (0..<size).map { row in (0..<size).map { $0 == row ? 1.0 : 0 } }
            var logDeterminant = 0.0
            for pivot in 0..<size {
                let divisor = left[pivot][pivot]
                logDeterminant += Foundation.log(divisor)
                for column in 0..<size {
                    left[pivot][column] /= divisor
                    right[pivot][column] /= divisor
                }
                for row in 0..<size where row != pivot {
                    let factor = left[row][pivot]
                    for column in 0..<size {
                        left[row][column] -= factor * left[pivot][column]
                        right[row][column] -= factor * right[pivot][column]
                    }
                }
            }
            return (right, logDeterminant)
        }
    }
}

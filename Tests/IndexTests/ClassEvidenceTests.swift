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

    /// From 1,024 exemplars on classes are told apart among lifted vectors.
    @Test func agreesWithAPlainComputationWhereVectorsAreLifted() throws {
        var fixture = try Fixture(settings, seed: 23)
        try fixture.add(intents: 6, each: 240)
        let query = fixture.query()
        let statistics = fixture.replica.snapshot.state.verticals[0].classes
        #expect(statistics.factor?.narrow.dimension == 12 && statistics.factor?.wide?.dimension == 28)
        let found = try #require(try fixture.replica.snapshot.classEvidence(for: query, listed: 100))
        // Decided on at the 1,024th change, in use from the 1,280th on.
        let expected = fixture.plain(query, factorFrom: 1_024, figures: 28)
        let leading = fixture.plain(query, factorFrom: 1_024, figures: 28, leading: 12)
        // A vertical that is too small for it has all others compared in the vectors' own figures.
        try fixture.add("small", intent: "other/leaf", in: try Vertical("small"))
        var both = query
        both.verticals.append(try Vertical("small"))
        let beside = try #require(try fixture.replica.snapshot.classEvidence(for: both, listed: 100))
        #expect(found.figures.count == 6 && beside.figures.count == 7)
        for figure in found.figures {
            let wanted = try #require(expected[figure.intent])
            #expect(abs(figure.cosine - wanted.cosine) < 1e-5)
            #expect(abs(try #require(figure.logDensity) - wanted.density) < 1e-3 * max(1, abs(wanted.density)))
            let other = try #require(beside.figures.first { $0.intent == figure.intent }?.logDensity)
            let narrow = try #require(leading[figure.intent]).density
            #expect(abs(other - narrow) < 1e-3 * max(1, abs(narrow)))
        }
    }

    @Test func whatIsLiftedIsOrthogonalProjections() {
        let space = ClassSpace(dimension: 16)
        #expect(space.width == 32)
        let widths = [1: 2, 12: 28, 384: 896, 768: 1_024, 1_024: 1_024, 1_536: 1_536]
        for (dimension, width) in widths { #expect(ClassSpace(dimension: dimension).width == width) }
        var source = VectorSource(dimension: 16, clusters: 8, seed: 1)
        var sums = [Float](repeating: 0, count: 16)
        for _ in 0..<50 {
            let vector = source.next()
            let lifted = space.lift(vector)
            #expect(lifted == space.lift(vector) && Array(lifted.prefix(16)) == vector)
            let projections = lifted.dropFirst(16)
            #expect(projections.allSatisfy { $0 >= 0 })
            #expect(abs(projections.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            // Of one direction and its opposite there is the same.
            #expect(space.lift(vector.map { -$0 }).dropFirst(16).elementsEqual(projections))
            for (place, projection) in projections.enumerated() { sums[place] += projection }
        }
        #expect(sums.allSatisfy { $0 > 1 }, "no direction is left out")
    }

    /// What is nearer to one intent than to their centre is below 0, what is as far from all of them about 0.
    @Test(arguments: [40, 300])
    func aStrangerIsAsFarFromEveryMeanAsFromTheirCentre(each: Int) throws {
        let dimension = 24
        let replica = Replica(log: LogWriter.log, settings: IndexSettings(dimension: dimension))
        var random = SeededGenerator(seed: 5)
        func noise(_ size: Float) -> [Float] { (0..<dimension).map { _ in size * random.nearlyNormal() } }
        func unit(_ vector: [Float]) -> [Float] {
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
        let centres = (0..<6).map { _ in unit(noise(1)) }
        var writer = LogWriter()
        for number in 0..<(6 * each) {
            let vector = unit(zip(centres[number % 6], noise(0.1)).map { $0 + $1 })
            try replica.apply([try writer.upsert("text \(number)", "intent \(number % 6)", vector)])
        }
        func distance(_ vector: [Float]) throws -> Double {
            let query = SearchQuery(vector: vector, k: 5, verticals: [.default])
            return try #require(try replica.snapshot.classEvidence(for: query)?.relativeDistance)
        }
        let known = try centres.map { try distance(unit(zip($0, noise(0.1)).map { $0 + $1 })) }
        let strangers = try (0..<20).map { _ in try distance(unit(noise(1))) }
        #expect(try #require(known.max()) < -1, "\(known)")
        let nearest = try #require(strangers.min())
        #expect(try #require(known.max()) < nearest, "\(known) \(strangers)")
        // With all the others there is nothing to be nearer to than to an only intent.
        let alone = Replica(log: LogWriter.log, settings: IndexSettings(dimension: dimension))
        var log = LogWriter()
        for number in 0..<200 {
            let vector = unit(zip(centres[0], noise(0.1)).map { $0 + $1 })
            try alone.apply([try log.upsert("text \(number)", "only", vector)])
        }
        let query = SearchQuery(vector: unit(noise(1)), k: 5, verticals: [.default])
        #expect(abs(try #require(try alone.snapshot.classEvidence(for: query)?.relativeDistance)) < 1e-3)
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

    @Test(arguments: [80, 150])
    func isTheSameWhateverTheBatches(each: Int) throws {
        var fixture = try Fixture(settings, seed: 7)
        try fixture.add(intents: 9, each: each)
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

    @Test(arguments: [(32, 64, 12), (330, 1_024, 28)])
    func anExcludedExemplarIsTakenOutOfMeanAndCovariance(each: Int, factorFrom: Int, figures: Int) throws {
        var fixture = try Fixture(settings, seed: 3)
        try fixture.add(intents: 4, each: each)
        var query = fixture.query()
        let excluded = try #require(fixture.exemplars.first { $0.isInFactor })
        query.excluding = [excluded.id]
        query.vector = excluded.vector
        let found = try #require(try fixture.replica.snapshot.classEvidence(for: query, listed: 100))
        let expected = fixture.plain(query, factorFrom: factorFrom, without: excluded.id, figures: figures)
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
        #expect(found.relativeDistance?.isFinite == true)
    }

    @Test func intentsOfWhichNothingFiniteCanBeSaidAreLeftOut() throws {
        var fixture = try Fixture(settings, seed: 19)
        try fixture.add(intents: 3, each: 60)
        var query = fixture.query()
        query.vector[0] = .greatestFiniteMagnitude
        #expect(try fixture.replica.snapshot.classEvidence(for: query) == nil)
    }

    /// However few the exemplars are beside the dimensions: what is told is the distance of one that none of it was made of.
    @Test(arguments: [(2, 80), (4, 40), (12, 80), (30, 60), (80, 5)])
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
            let densities = try replica.snapshot.classEvidence(for: query)?.figures.compactMap(\.logDensity)
            let factor = try #require(replica.snapshot.state.verticals[0].classes.factor).widest
            return try -2 * (#require(densities?.max()) + factor.halfLogDeterminant) / factor.meanDistance
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
            /// Each factor that any of these tests has in use holds them.
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
        mutating func add(_ text: String, intent: String, in vertical: Vertical = .default) throws -> [Float] {
            let vector = source.next()
            try apply(try writer.upsert(text, intent, vector, in: vertical))
            let id = ExemplarID(vertical: vertical, text: try UtteranceText(text))
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
        ///
        /// - Parameters:
        ///   - figures: of a lifted vector.
        ///   - leading: so many of which densities are told.
        func plain(
            _ query: SearchQuery,
            factorFrom: Int,
            without: ExemplarID? = nil,
            figures: Int? = nil,
            leading: Int? = nil,
        ) -> [IntentID: (cosine: Double, density: Double)] {
            let live = exemplars.filter { $0.id != without }
            let dimension = figures ?? settings.dimension
            let space = ClassSpace(dimension: settings.dimension)
            func lifted(_ vector: [Float]) -> [Float] { Array(space.lift(vector).prefix(dimension)) }
            let question = lifted(query.vector)
            let held = Dictionary(grouping: live.filter { $0.sequence <= factorFrom }, by: \.intent)
            var covariance = [[Double]](repeating: [Double](repeating: 0, count: dimension), count: dimension)
            let count = Double(held.values.reduce(0) { $0 + $1.count })
            for members in held.values {
                let mean = Self.mean(members.map { lifted($0.vector) })
                for member in members {
                    let difference = zip(lifted(member.vector), mean).map { Double($0) - $1 }
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
            let size = leading ?? dimension
            let (inverse, logDeterminant) = Self.inverse(covariance.prefix(size).map { Array($0.prefix(size)) })
            var figures: [IntentID: (cosine: Double, density: Double)] = [:]
            for (intent, members) in Dictionary(grouping: live, by: \.intent) {
                let mean = Self.mean(members.map { lifted($0.vector) })
                let difference = zip(question, mean).map { Double($0) - $1 }
                var distance = 0.0
                for row in 0..<size {
                    for column in 0..<size {
                        distance += difference[row] * inverse[row][column] * difference[column]
                    }
                }
                let length = mean.prefix(settings.dimension).reduce(0) { $0 + $1 * $1 }.squareRoot()
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

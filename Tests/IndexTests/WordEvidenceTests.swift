import Core
import Foundation
import Testing

@testable import Index

/// What words say of intents, against a plain computation from the live exemplars' texts.
@Suite struct WordEvidenceTests {
    private static let settings = IndexSettings(dimension: 4, upsertsPerSegment: 32)
    private static let vocabulary = ["my", "card", "is", "lost", "where", "parcel", "late", "a", "refund", "please"]

    /// Texts with intents, through new labels, removals and a merge, in two verticals.
    private struct Fixture {
        let replica = Replica(log: LogWriter.log, settings: WordEvidenceTests.settings)
        private(set) var live: [ExemplarID: (text: String, vertical: Vertical, path: String)] = [:]
        private var writer = LogWriter()
        private var random: SeededGenerator
        private var source: VectorSource

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            source = VectorSource(dimension: 4, clusters: 3, seed: seed)
        }

        mutating func text() -> String {
            (0..<Int.random(in: 1...5, using: &random)).compactMap { _ in
                WordEvidenceTests.vocabulary.randomElement(using: &random)
            }.joined(separator: " ")
        }

        mutating func add(_ text: String, _ path: String, in vertical: Vertical) throws {
            try replica.apply([try writer.upsert(text, path, source.next(), in: vertical)])
            live[ExemplarID(vertical: vertical, text: try UtteranceText(text))] = (text, vertical, path)
        }

        mutating func draw(_ count: Int, in verticals: [Vertical]) throws {
            for _ in 0..<count {
                let vertical = verticals[Int.random(in: 0..<verticals.count, using: &random)]
                try add(text(), "i\(Int.random(in: 0..<4, using: &random))/leaf", in: vertical)
                guard Int.random(in: 0..<4, using: &random) == 0,
                    let (id, gone) = live.min(by: { $0.key.bits < $1.key.bits })
                else { continue }
                try replica.apply([try writer.remove(gone.text, in: gone.vertical)])
                live[id] = nil
            }
        }

        mutating func merge(_ from: String, into: String, in vertical: Vertical) throws {
            let taxonomy = replica.snapshot.taxonomy
            let ids = try [from, into].map { try #require(taxonomy.id(of: IntentPath($0), in: vertical)) }
            try replica.apply([writer.merge(ids[0], into: ids[1])])
            for (id, exemplar) in live where exemplar.vertical == vertical && exemplar.path == from {
                live[id]?.path = into
            }
        }

        mutating func query(_ text: String, in verticals: [Vertical]) -> SearchQuery {
            SearchQuery(vector: source.next(), text: text, k: 5, verticals: verticals)
        }

        /// Features as strings, and the formula as it is written: by vertical and path.
        func plain(_ text: String, in verticals: [Vertical], without: Set<ExemplarID> = []) -> [String: Double] {
            func features(_ text: String) -> Set<String> {
                let words = text.lowercased().components(separatedBy: CharacterSet.alphanumerics.inverted)
                    .filter { !$0.isEmpty }
                let whole = ["<"] + words + [">"]
                return Set(words.map { "1 \($0)" })
                    .union(whole.indices.dropLast().map { "2 \(whole[$0]) \(whole[$0 + 1])" })
                    .union(whole.indices.dropLast(2).map { "3 \(whole[$0]) \(whole[$0 + 2])" })
            }
            let searched = live.filter { verticals.contains($0.value.vertical) && !without.contains($0.key) }.values
                .map { (features: features($0.text), name: "\($0.vertical) \($0.path)") }
            let known = features(text).filter { feature in searched.contains { $0.features.contains(feature) } }
            var lifts: [String: Double] = [:]
            for (name, members) in Dictionary(grouping: searched, by: \.name) {
                lifts[name] = known.reduce(0) { sum, feature in
                    let share = Double(searched.count { $0.features.contains(feature) }) / Double(searched.count)
                    let having = Double(members.count { $0.features.contains(feature) })
                    return sum + log((having + share) / Double(members.count + 1) / share)
                }
            }
            return lifts
        }

        func found(_ query: SearchQuery) throws -> [String: Double] {
            let snapshot = replica.snapshot
            let figures = try snapshot.classEvidence(for: query, listed: 100)?.figures ?? []
            return Dictionary(
                uniqueKeysWithValues: try figures.map {
                    let intent = try #require(snapshot.taxonomy.resolved($0.intent))
                    return ("\(intent.vertical) \(intent.path)", $0.words)
                }
            )
        }
    }

    private static func expectSame(_ found: [String: Double], _ wanted: [String: Double]) {
        #expect(Set(found.keys) == Set(wanted.keys))
        for (name, lift) in found { #expect(abs(lift - (wanted[name] ?? .infinity)) < 1e-9, "\(name)") }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func agreesWithAPlainComputation(seed: UInt64) throws {
        let (first, second) = (try Vertical("a"), try Vertical("b"))
        var fixture = Fixture(seed: seed)
        try fixture.draw(150, in: [first, second])
        func compare() throws {
            for verticals in [[first], [first, second]] {
                for _ in 0..<10 {
                    let text = fixture.text()
                    let query = fixture.query(text + " never said", in: verticals)
                    Self.expectSame(try fixture.found(query), fixture.plain(text + " never said", in: verticals))
                }
            }
        }
        try compare()
        try fixture.merge("i0/leaf", into: "i1/leaf", in: first)
        try compare()
        // What came before the merge and after it counts for the same intent.
        try fixture.draw(20, in: [second])
        try fixture.add("where is my parcel", "i1/leaf", in: first)
        try compare()
    }

    @Test func excludedExemplarsDoNotCount() throws {
        var fixture = Fixture(seed: 9)
        try fixture.draw(60, in: [.default])
        for exemplar in fixture.live {
            var query = fixture.query(exemplar.value.text, in: [.default])
            // One that is not there does not matter.
            query.excluding = [exemplar.key, ExemplarID(Bits128(1))]
            let wanted = fixture.plain(exemplar.value.text, in: [.default], without: [exemplar.key])
            Self.expectSame(try fixture.found(query), wanted)
        }
        // Without all but one there is nothing to compare with.
        var query = fixture.query("my card", in: [.default])
        query.excluding = Set(fixture.live.keys.sorted { $0.bits < $1.bits }.dropFirst())
        #expect(try fixture.found(query).count == 1)
    }

    /// As if there were only the searched intents: of others nothing is known.
    @Test func whatIsNotSearchedDoesNotCount() throws {
        var fixture = Fixture(seed: 6)
        try fixture.draw(80, in: [.default])
        let others = Set(fixture.live.filter { !["i1/leaf", "i2/leaf"].contains($0.value.path) }.map(\.key))
        for _ in 0..<10 {
            let text = fixture.text()
            var query = fixture.query(text, in: [.default])
            query.within = [try IntentPath("i1"), try IntentPath("i2")]
            // One that is not searched cannot be missing.
            query.excluding = [try #require(others.first)]
            Self.expectSame(try fixture.found(query), fixture.plain(text, in: [.default], without: others))
        }
    }

    @Test func withoutTextOrKnownWordsItSaysNothing() throws {
        var fixture = Fixture(seed: 4)
        try fixture.draw(40, in: [.default])
        for text in [nil, "", "?! …", "xylophone zither"] {
            var query = fixture.query("", in: [.default])
            query.text = text
            #expect(try fixture.found(query).values.allSatisfy { $0 == 0 })
        }
    }

    /// By all words and pairs of an utterance, so that those which nobody said count against it.
    @Test func theGreatestLiftIsToldByWord() throws {
        var fixture = Fixture(seed: 4)
        try fixture.draw(60, in: [.default])
        func lift(_ text: String) throws -> Double? {
            try fixture.replica.snapshot.classEvidence(for: fixture.query(text, in: [.default]))?.wordLift
        }
        let known = try #require(try lift("where is my parcel"))
        let plain = try #require(fixture.plain("where is my parcel", in: [.default]).values.max())
        // Four words, five pairs with the ends, four with a word between.
        #expect(abs(known - plain / 13) < 1e-9)
        let strange = try #require(try lift("where is my parcel xylophone zither quagga"))
        #expect(abs(strange) < abs(known))
        #expect(try lift("xylophone zither") == 0)
        #expect(try lift("?!") == nil)
    }

    /// Case and punctuation do not tell words apart, their order does.
    @Test func theOrderOfWordsCounts() throws {
        var fixture = Fixture(seed: 4)
        for number in 0..<3 {
            try fixture.add("from paris to rome \(number)", "out", in: .default)
            try fixture.add("from rome to paris \(number)", "back", in: .default)
        }
        let out = try fixture.found(fixture.query("From Paris, to Rome!", in: [.default]))
        let back = try fixture.found(fixture.query("from rome to paris", in: [.default]))
        #expect(try #require(out["default out"]) > 0.5 + (try #require(out["default back"])))
        #expect(try #require(back["default back"]) > 0.5 + (try #require(back["default out"])))
    }

    @Test func aLongTextCountsAsOneOfTwentyWords() throws {
        var fixture = Fixture(seed: 4)
        let words = (0..<80).map { "word\($0)" }
        try fixture.add(words.joined(separator: " "), "long", in: .default)
        try fixture.add("something else", "other", in: .default)
        let brief = try fixture.found(fixture.query(words.prefix(20).joined(separator: " "), in: [.default]))
        let long = try fixture.found(fixture.query(words.joined(separator: " "), in: [.default]))
        let (little, much) = (try #require(brief["default long"]), try #require(long["default long"]))
        #expect(little > 0 && abs(much / little - 1) < 0.2)
        // By word it says as much as a brief one.
        func lift(_ count: Int) throws -> Double {
            let query = fixture.query(words.prefix(count).joined(separator: " "), in: [.default])
            return try #require(try fixture.replica.snapshot.classEvidence(for: query)?.wordLift)
        }
        #expect(abs(try lift(80) / lift(20) - 1) < 0.1)
    }

    /// Texts that share words share what is kept of them.
    @Test func ofALongTextASampleIsKept() {
        let words = (0..<2_000).map { "word\($0)" }
        let long = WordSet(words.joined(separator: " ")).features
        #expect(long.count == WordSet.most && long == long.sorted() && Set(long).count == long.count)
        let most = WordSet(words.dropLast(100).joined(separator: " ")).features
        #expect(Set(most).intersection(long).count > WordSet.most * 8 / 10)
    }

    @Test func whatHasGoneLeavesNothing() throws {
        var statistics = WordStatistics()
        let texts = ["my card is lost", "my card", "card card card"]
        for (slot, text) in texts.enumerated() { statistics.add(text, to: UInt32(slot)) }
        let card = FeatureHash.hash("card"[...].utf8, kind: .word)
        #expect(statistics.counts(of: card).map(\.slot) == [0, 1, 2])
        #expect(statistics.bytes > 0)
        for (slot, text) in texts.enumerated() { statistics.remove(text, from: UInt32(slot)) }
        #expect(statistics.bytes == 0)
        for text in texts {
            for feature in WordSet(text).features { #expect(statistics.counts(of: feature).isEmpty) }
        }
    }
}

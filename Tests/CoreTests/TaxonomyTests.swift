import Testing

@testable import Core

@Suite struct TaxonomyTests {
    @Test func namingAPathNamesItsAncestors() throws {
        var taxonomy = Taxonomy()
        let (id, created) = taxonomy.name(try IntentPath("a/b/c"), in: .default, at: LogSequence(5))
        #expect(created.map(\.path.description) == ["a", "a/b", "a/b/c"])
        #expect(created.map(\.id.number) == [40, 41, 42])
        #expect(id == IntentID(42))
        let again = taxonomy.name(try IntentPath("a/b"), in: .default, at: LogSequence(9))
        #expect(again.created.isEmpty)
        #expect(again.id == IntentID(41))
    }

    @Test func childrenInheritWhatTheyLack() throws {
        var taxonomy = Taxonomy()
        _ = taxonomy.set(
            IntentSet(
                vertical: .default,
                path: try IntentPath("a"),
                description: nil,
                phrase: "top",
                attributes: ["queue": "q1", "lang": "en"],
                isEnabled: true
            ),
            at: LogSequence(1)
        )
        _ = taxonomy.set(
            IntentSet(
                vertical: .default,
                path: try IntentPath("a/b"),
                description: nil,
                phrase: nil,
                attributes: ["queue": "q2"],
                isEnabled: true
            ),
            at: LogSequence(2)
        )
        let id = try #require(taxonomy.id(of: try IntentPath("a/b"), in: .default))
        let intent = try #require(taxonomy.resolved(id))
        #expect(intent.phrase == "top")
        #expect(intent.attributes == ["queue": "q2", "lang": "en"])
        #expect(taxonomy.lineage(of: id).count == 2)
    }

    @Test func whatIsInheritedIsBoundedAndTheNearestLevelComesFirst() throws {
        var taxonomy = Taxonomy()
        func set(_ path: String, _ attributes: [String: String]) throws {
            let fact = IntentSet(
                vertical: .default,
                path: try IntentPath(path),
                description: nil,
                phrase: nil,
                attributes: attributes,
                isEnabled: true
            )
            _ = taxonomy.set(fact, at: LogSequence(UInt64(taxonomy.count + 1)))
        }
        func attributes(_ prefix: String, _ count: Int, _ value: String) -> [String: String] {
            Dictionary(uniqueKeysWithValues: (100..<100 + count).map { ("\(prefix)\($0)", value) })
        }
        try set("a", attributes("top", 64, "t").merging(["queue": "far"]) { $1 })
        try set("a/b", attributes("middle", 40, "m").merging(["queue": "near"]) { $1 })
        try set("a/b/c", attributes("own", 20, "o"))
        let many = try #require(taxonomy.id(of: try IntentPath("a/b/c"), in: .default).flatMap(taxonomy.resolved))
        #expect(many.attributes.count == ContentLimits.attributes)
        #expect(many.attributes.filter { $0.value == "o" }.count == 20)
        #expect(many.attributes.filter { $0.value == "m" }.count == 40)
        #expect(many.attributes["queue"] == "near")
        #expect(Set(many.attributes.keys.filter { $0.hasPrefix("top") }) == ["top100", "top101", "top102"])

        // The nearest level's value is too large for what is left, and the one above does not take its place.
        try set("x", ["note": "short"])
        try set("x/y", ["note": String(repeating: "n", count: 1_000)])
        try set("x/y/z", attributes("own", 8, String(repeating: "o", count: 1_000)))
        let large = try #require(taxonomy.id(of: try IntentPath("x/y/z"), in: .default).flatMap(taxonomy.resolved))
        #expect(large.attributes.count == 8)
        #expect(large.attributes["note"] == nil)
    }

    @Test func aDisabledParentDisablesItsChildren() throws {
        var taxonomy = Taxonomy()
        let (id, _) = taxonomy.name(try IntentPath("a/b"), in: .default, at: LogSequence(1))
        _ = taxonomy.set(
            IntentSet(
                vertical: .default,
                path: try IntentPath("a"),
                description: nil,
                phrase: nil,
                attributes: [:],
                isEnabled: false
            ),
            at: LogSequence(2)
        )
        #expect(taxonomy.resolved(id)?.isEnabled == false)
        #expect(taxonomy[id]?.isEnabled == true)
    }
}

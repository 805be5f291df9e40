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

import Core
import Testing

/// Renames, merges and names put back, as a value.
@Suite struct TaxonomyNamesTests {
    private func taxonomy(_ paths: [String]) throws -> Taxonomy {
        var taxonomy = Taxonomy()
        for (index, path) in paths.enumerated() {
            _ = taxonomy.name(try IntentPath(path), in: .default, at: LogSequence(UInt64(index + 1)))
        }
        return taxonomy
    }

    private func id(_ path: String, _ taxonomy: Taxonomy) throws -> IntentID {
        try #require(taxonomy.id(of: try IntentPath(path), in: .default))
    }

    private func paths(_ taxonomy: Taxonomy) -> [String] {
        taxonomy.standing(in: .default).map(\.path.description).sorted()
    }

    @Test func aRenameTakesTheSubtreeAlongAndNamesWhatIsMissingAbove() throws {
        var names = try taxonomy(["a/b/c", "a/d"])
        let (b, c) = (try id("a/b", names), try id("a/b/c", names))
        let change = names.rename(IntentRenamed(intent: b, newPath: try IntentPath("x/y")), at: LogSequence(9))
        #expect(paths(names) == ["a", "a/d", "x", "x/y", "x/y/c"])
        #expect(try id("x/y", names) == b && id("x/y/c", names) == c)
        #expect(change.created.map(\.path.description) == ["x"])
        #expect(change.created.first?.id == IntentID(namedAt: LogSequence(9), depth: 1))
        #expect(change.changed.map(\.after.path.description) == ["x/y", "x/y/c"])
    }

    @Test func aMergeJoinsWhatHasTheSamePlaceAndMovesTheRest() throws {
        var names = try taxonomy(["a/same/deep", "a/own", "b/same"])
        let (a, b) = (try id("a", names), try id("b", names))
        let (same, into) = (try id("a/same", names), try id("b/same", names))
        let (deep, own) = (try id("a/same/deep", names), try id("a/own", names))
        _ = names.merge(IntentsMerged(from: a, into: b), at: LogSequence(9))
        #expect(paths(names) == ["b", "b/own", "b/same", "b/same/deep"])
        #expect(names.current(a) == b && names.current(same) == into)
        #expect(names.current(deep) == deep && names.current(own) == own)
        #expect(names[a]?.path.description == "a" && names[a]?.aliasOf == b)
        #expect(names.resolved(same)?.path.description == "b/same")
    }

    @Test func aMergeIntoTheIntentAboveLiftsWhatLiesBelow() throws {
        var names = try taxonomy(["a/a/a/x"])
        let (top, middle, low) = (try id("a", names), try id("a/a", names), try id("a/a/a", names))
        _ = names.merge(IntentsMerged(from: middle, into: top), at: LogSequence(9))
        #expect(paths(names) == ["a", "a/a", "a/a/x"])
        #expect(try id("a/a", names) == low)
        #expect(names.current(middle) == top)
    }

    @Test func aFreedPathMayBeNamedAnewAndIsAnotherIntent() throws {
        var names = try taxonomy(["a", "b"])
        let (a, b) = (try id("a", names), try id("b", names))
        _ = names.merge(IntentsMerged(from: a, into: b), at: LogSequence(9))
        let again = names.name(try IntentPath("a"), in: .default, at: LogSequence(10))
        #expect(again.id != a)
        #expect(names.current(a) == b && names.current(again.id) == again.id)
    }

    @Test func aSnapshotsIntentsGiveTheSameNames() throws {
        var names = try taxonomy(["a/x", "b", "c"])
        _ = names.merge(IntentsMerged(from: try id("a", names), into: try id("b", names)), at: LogSequence(9))
        _ = names.rename(IntentRenamed(intent: try id("c", names), newPath: try IntentPath("d")), at: LogSequence(10))
        let again = Taxonomy(intents: names.all)
        #expect(again.all == names.all)
        #expect(paths(again) == paths(names))
    }

    // MARK: - Putting names back

    /// Names as they were when the taxonomy had `count` intents.
    private func restored(
        _ names: Taxonomy,
        to before: Taxonomy,
        displaces: Bool = true,
    ) -> (names: Taxonomy, restoration: NameRestoration) {
        var wanted: [IntentID: NameRestoration.Name] = [:]
        for intent in before.all where names[intent.id].map(NameRestoration.Name.init) != NameRestoration.Name(intent) {
            wanted[intent.id] = NameRestoration.Name(intent)
        }
        let since = Set(names.all.map(\.id)).subtracting(before.all.map(\.id))
        // All of `before` was named by then.
        let restoration = NameRestoration(
            names,
            wanted: wanted,
            since: LogSequence(7),
            displaceable: displaces ? since : []
        )
        var after = names
        for record in restoration.records { _ = after.restore(record) }
        return (after, restoration)
    }

    @Test func namesThatWereExchangedGoBack() throws {
        let before = try taxonomy(["a/x", "b/y"])
        var names = before
        let (a, b) = (try id("a", names), try id("b", names))
        _ = names.rename(IntentRenamed(intent: a, newPath: try IntentPath("c")), at: LogSequence(7))
        _ = names.rename(IntentRenamed(intent: b, newPath: try IntentPath("a")), at: LogSequence(8))
        _ = names.rename(IntentRenamed(intent: a, newPath: try IntentPath("b")), at: LogSequence(9))
        #expect(paths(names) == ["a", "a/y", "b", "b/x"])
        #expect(restored(names, to: before).names.all == before.all)
    }

    @Test func whatWasNamedSinceGoesAlongOrBecomesAnAlias() throws {
        let before = try taxonomy(["a/x", "b"])
        var names = before
        let (a, b) = (try id("a", names), try id("b", names))
        _ = names.rename(IntentRenamed(intent: a, newPath: try IntentPath("c")), at: LogSequence(7))
        let along = names.name(try IntentPath("c/new"), in: .default, at: LogSequence(8)).id
        let inTheWay = names.name(try IntentPath("a/x"), in: .default, at: LogSequence(9)).id
        _ = names.merge(IntentsMerged(from: b, into: a), at: LogSequence(10))
        let after = restored(names, to: before).names
        #expect(paths(after) == ["a", "a/new", "a/x", "b"])
        #expect(after[along]?.path.description == "a/new")
        #expect(after.current(inTheWay) == (try id("a/x", before)))
        #expect(before.all.allSatisfy { after[$0.id] == $0 })
    }

    @Test func aMergeThatWasUndoneIsDoneAgain() throws {
        var before = try taxonomy(["a/x", "b/x"])
        let (a, b) = (try id("a", before), try id("b", before))
        _ = before.merge(IntentsMerged(from: a, into: b), at: LogSequence(7))
        var names = before
        _ = names.restore(IntentRestored(intent: a, path: try IntentPath("a")))
        let x = try #require(before.all.first { $0.path.description == "a/x" })
        _ = names.restore(IntentRestored(intent: x.id, path: x.path))
        #expect(paths(names) == ["a", "a/x", "b", "b/x"])
        #expect(restored(names, to: before).names.all == before.all)
    }

    @Test func nobodyIsDisplacedWhereThatIsNotWanted() throws {
        let before = try taxonomy(["a", "b"])
        var names = before
        let a = try id("a", names)
        _ = names.rename(IntentRenamed(intent: a, newPath: try IntentPath("c")), at: LogSequence(7))
        _ = names.name(try IntentPath("a"), in: .default, at: LogSequence(8))
        let (after, restoration) = restored(names, to: before, displaces: false)
        #expect(restoration.records.isEmpty && restoration.conflicts == [a])
        #expect(after.all == names.all)
    }
}

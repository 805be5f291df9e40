import Core
import Testing

@testable import UpdateStore

/// Undo and rollback in real files.
@Suite(.timeLimit(.minutes(2))) struct ReversalTests {
    private let folder: TemporaryFolder
    private let log: UpdateLog

    init() throws {
        folder = try TemporaryFolder()
        log = try UpdateLog(in: DataDirectory(folder.path))
    }

    private func append(_ change: String, _ commands: [LogCommand]) async throws {
        _ = try await log.append(Samples.batch(change, commands))
    }

    private func paths() async throws -> [String: String] {
        let pairs = try await log.contents().map { ($0.text, $0.path.description) }
        return Dictionary(pairs) { first, _ in first }
    }

    private func undo(_ change: String) async throws -> Reversal {
        try await log.undo(.change(Array(change.utf8))).reversal
    }

    /// The digest at a place, with what has been named since as it stands now.
    private func expectedDigest(at place: LogSequence) async throws -> StateDigest {
        var digest = try #require(try await log.digest(at: place))
        for intent in log.taxonomy.all where intent.id.number / 8 > place.number {
            digest.add(StateDigest.term(intent: intent))
        }
        return digest
    }

    // MARK: - Undo

    @Test func anUndoRevertsItsChangeAndLeavesWhatLaterOnesTouched() async throws {
        try await append("first", [try Samples.upsert("one", "a"), try Samples.upsert("two", "a")])
        try await append(
            "load",
            [
                try Samples.upsert("one", "b"), try Samples.upsert("two", "b"), try Samples.upsert("three", "c"),
                try Samples.set("a", phrase: "the a"),
                .setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 5))),
            ]
        )
        try await append("later", [try Samples.upsert("two", "d")])
        let reversal = try await undo("load")
        #expect(try await paths() == ["one": "a", "two": "d"])
        let id = ExemplarID(vertical: .default, text: try UtteranceText("two"))
        #expect(reversal.left == [LeftThing(.exemplar(id), "changed since by change later")])
        #expect(reversal.counts.relabelled == 1 && reversal.counts.removed == 1)
        #expect(log.policies.isEmpty)
        let a = try #require(log.taxonomy.id(of: try IntentPath("a"), in: .default))
        #expect(log.taxonomy[a]?.phrase == nil)
        // What the load named stays.
        #expect(log.taxonomy.id(of: try IntentPath("c"), in: .default) != nil)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func anUndoOfAnUndoDoesItAgain() async throws {
        try await append("first", [try Samples.upsert("one", "a/x"), try Samples.upsert("two", "b")])
        try await append(
            "merge",
            [try Samples.merge("a", "b"), try Samples.remove("two"), try Samples.upsert("six", "a")]
        )
        let (contents, digest) = (try await log.contents(), log.head.digest)
        let (_, change) = try await log.undo(.change(Array("merge".utf8)))
        #expect(try await paths() == ["one": "a/x", "two": "b"])
        try await log.undo(.change(change))
        #expect(try await log.contents() == contents)
        // What the merge had freed and named anew is an alias meanwhile, and stands again.
        #expect(log.head.digest == digest)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func aRenameThatIsUndoneTakesBackWhatWasNamedBelowSince() async throws {
        try await append("first", [try Samples.upsert("one", "a/x")])
        try await append("rename", [try Samples.rename("a", "b")])
        try await append("later", [try Samples.upsert("two", "b/new")])
        _ = try await undo("rename")
        #expect(try await paths() == ["one": "a/x", "two": "a/new"])
        try await log.close()
    }

    @Test func namesStayWhereAnotherIntentHasTakenThePlace() async throws {
        try await append("first", [try Samples.upsert("one", "a/x")])
        try await append("rename", [try Samples.rename("a", "b")])
        try await append("later", [try Samples.upsert("two", "a")])
        let reversal = try await undo("rename")
        #expect(reversal.operations.isEmpty && reversal.left.count == 2)
        #expect(try await paths() == ["one": "b/x", "two": "a"])
        try await log.close()
    }

    @Test func whatCannotBeUndoneIsSaid() async throws {
        try await append("first", [try Samples.upsert("one", "a"), try Samples.upsert("two", "a")])
        let log = log
        func code(_ target: ReversalTarget) async -> StatusCode? {
            await SwitchboardError.code { _ = try await log.reversal(of: target) }
        }
        #expect(await code(.change([7])) == .notFound)
        #expect(await code(.after(LogSequence(1), in: nil)) == .invalidArgument)
        #expect(await code(.after(LogSequence(3), in: nil)) == .outOfRange)
        #expect(await code(.after(LogSequence(.max), in: nil)) == .outOfRange)
        #expect(await code(.after(LogSequence(2), in: nil)) == nil)
        let missing = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        let sets = missing.map {
            VectorSet(vertical: $0.vertical, exemplar: $0.id, vector: Samples.vector(9), encoder: Samples.otherEncoder)
        }
        _ = try await log.append(.setVectors(sets), change: [9], source: "tests")
        #expect(await code(.after(LogSequence(2), in: nil)) == nil)
        let next = EncoderShape(encoder: Samples.otherEncoder, dimensions: 8)
        _ = try await log.append(.switchModels(next), change: [9], source: "tests")
        #expect(await code(.after(LogSequence(2), in: nil)) == .failedPrecondition)
        #expect(await code(.change([9])) == .failedPrecondition)
        try await log.close()
    }

    /// Across a switch of models a label goes back without its old vector; what was removed cannot come back.
    @Test func anUndoAfterASwitchOfModelsKeepsTheVectorsThatServe() async throws {
        try await append("first", [try Samples.upsert("one", "a"), try Samples.upsert("two", "a")])
        try await append("change", [try Samples.upsert("one", "b"), try Samples.remove("two")])
        let missing = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        let sets = missing.map {
            VectorSet(vertical: $0.vertical, exemplar: $0.id, vector: Samples.vector(9), encoder: Samples.otherEncoder)
        }
        _ = try await log.append(.setVectors(sets), change: [9], source: "tests")
        let next = EncoderShape(encoder: Samples.otherEncoder, dimensions: 8)
        _ = try await log.append(.switchModels(next), change: [9], source: "tests")
        let reversal = try await undo("change")
        #expect(reversal.left.count == 1)
        let contents = try await log.contents()
        #expect(contents.map(\.path.description) == ["a"])
        #expect(contents.map(\.vector) == [Samples.vector(9)])
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    // MARK: - Rollback

    @Test func aRollbackOfOneVerticalLeavesTheOthers() async throws {
        try await append("first", [try Samples.upsert("one", "a"), try Samples.upsert("two", "a", vertical: "v")])
        let place = log.head.position.sequence
        try await append("later", [try Samples.upsert("one", "b"), try Samples.upsert("two", "b", vertical: "v")])
        try await append("policy", [.setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 5)))])
        try await log.undo(.after(place, in: try Vertical("v")))
        #expect(try await paths() == ["one": "b", "two": "a"])
        #expect(log.policies.count == 1)
        try await log.close()
    }

    private func ship(_ operation: String, k: Int) async throws {
        let set = PolicySet(scope: .builtin, policy: Samples.policy(k: k))
        var batch = Samples.batch(operation, [.setPolicy(set)])
        batch.source = AppendBatch.shippedSource
        _ = try await log.append(batch)
    }

    @Test func thePolicyThatShippedStaysWhereNoOtherOneStood() async throws {
        try await ship("start", k: 5)
        let place = log.head.position.sequence
        try await append("own", [.setPolicy(PolicySet(scope: .everywhere, policy: Samples.policy(k: 6)))])
        try await append("fitted", [.setPolicy(PolicySet(scope: .builtin, policy: Samples.policy(k: 7)))])
        try await ship("newer program", k: 8)
        let reversal = try await log.undo(.after(.start, in: nil)).reversal
        #expect(reversal.counts.policies == 1, "that of '*' goes")
        #expect(log.policies[.everywhere] == nil)
        #expect(log.policies[.builtin]?.policy == Samples.policy(k: 8))
        // Another one is taken back to what ships now.
        try await append("fitted again", [.setPolicy(PolicySet(scope: .builtin, policy: Samples.policy(k: 9)))])
        try await log.undo(.after(place, in: nil))
        #expect(log.policies[.builtin]?.policy == Samples.policy(k: 8))
        #expect(try await undo("start").operations.isEmpty)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func aBuiltInPolicyThatDidNotShipGoesWithARollback() async throws {
        try await append("fitted", [.setPolicy(PolicySet(scope: .builtin, policy: Samples.policy(k: 7)))])
        try await log.undo(.after(.start, in: nil))
        #expect(log.policies.isEmpty)
        try await log.close()
    }

    @Test func oneThatEndedHalfWayGoesOnUnderTheSameChange() async throws {
        try await append("first", [try Samples.upsert("kept", "a")])
        let place = log.head.position.sequence
        for part in 0..<3 {
            let commands = try (0..<800).map { try Samples.upsert("text \(part) \($0)", "b") }
            try await append("load-\(part)", commands)
        }
        let (reversal, change) = try await log.undo(.after(place, in: nil), limit: 1)
        #expect(reversal.operations.map(\.count) == [1_000, 1_000, 400])
        #expect(try await log.contents().count == 1_401)
        let (rest, again) = try await log.undo(.after(place, in: nil))
        #expect(again == change && rest.operations.map(\.count) == [1_000, 400])
        #expect(try await paths() == ["kept": "a"])
        #expect(log.head.digest == (try await expectedDigest(at: place)))
        let nothing = try await log.undo(.after(place, in: nil)).reversal
        #expect(nothing.operations.isEmpty)
        try await log.close()
    }

    @Test func anOldHeadIsNotWrittenUpon() async throws {
        try await append("first", [try Samples.upsert("one", "a")])
        let reversal = try await log.reversal(of: .after(.start, in: nil))
        try await append("second", [try Samples.upsert("two", "a")])
        let restoration = Restoration(
            head: reversal.head,
            trims: reversal.trims,
            steps: reversal.operations[0],
            bytes: reversal.bytes[0]
        )
        let log = log
        let code = await SwitchboardError.code {
            _ = try await log.append(.restore(restoration), change: [1], source: "tests")
        }
        #expect(code == .aborted)
        try await log.close()
    }

    /// Whatever was done: rolled back to the end of any operation, the log holds what it held then.
    @Test(arguments: [1, 2, 3, 4]) func aRollbackGivesWhatWasThere(_ seed: UInt64) async throws {
        var draws = RandomChanges(seed: seed)
        var places: [(place: LogSequence, contents: [UpdateLog.Content], names: [Intent], policies: [PolicyScope])] = []
        for round in 0..<6 {
            for number in 0..<15 {
                let batch = Samples.batch("op-\(round)-\(number)", try draws.commands(log.taxonomy))
                do {
                    _ = try await log.append(batch)
                } catch {
                    // A name that is taken, or a merge into itself: nothing was appended.
                    #expect([StatusCode.alreadyExists, .invalidArgument, .notFound].contains(error.code), "\(error)")
                }
                places.append(
                    (
                        log.head.position.sequence, try await log.contents(), log.taxonomy.all,
                        log.policies.keys.sorted { $0.description < $1.description }
                    )
                )
            }
            let chosen = places[Int.random(in: 0..<places.count, using: &draws.random)]
            try await log.undo(.after(chosen.place, in: nil))
            #expect(try await log.contents() == chosen.contents, "seed \(seed), back to \(chosen.place)")
            for intent in chosen.names {
                #expect(log.taxonomy[intent.id]?.path == intent.path, "seed \(seed), back to \(chosen.place)")
                #expect(log.taxonomy[intent.id]?.aliasOf == intent.aliasOf)
                // What rests with an alias counts in no answer.
                if intent.aliasOf == nil { #expect(log.taxonomy[intent.id] == intent) }
            }
            #expect(log.policies.keys.sorted { $0.description < $1.description } == chosen.policies)
            #expect(log.head.digest == (try await expectedDigest(at: chosen.place)))
            #expect(try await log.check().fault == nil)
        }
        try await log.close()
    }

    /// The last change undone, and that undone again.
    @Test(arguments: [5, 6]) func anUndoOfTheLastChangeGivesWhatWasThereBefore(_ seed: UInt64) async throws {
        var draws = RandomChanges(seed: seed)
        for number in 0..<40 {
            let (place, before) = (log.head.position.sequence, try await log.contents())
            let name = "op-\(number)"
            guard (try? await log.append(Samples.batch(name, try draws.commands(log.taxonomy)))) != nil,
                log.head.position.sequence > place
            else { continue }
            let (after, digest) = (try await log.contents(), log.head.digest)
            let (reversal, change) = try await log.undo(.change(Array(name.utf8)))
            #expect(reversal.left.isEmpty, "seed \(seed), \(name)")
            #expect(try await log.contents() == before, "seed \(seed), \(name)")
            #expect(log.head.digest == (try await expectedDigest(at: place)))
            guard !reversal.operations.isEmpty else { continue }
            try await log.undo(.change(change))
            #expect(try await log.contents() == after, "seed \(seed), \(name)")
            #expect(log.head.digest == digest, "seed \(seed), \(name)")
        }
        #expect(try await log.check().fault == nil)
        try await log.close()
    }
}

/// Changes of a small index, drawn from a seed.
private struct RandomChanges {
    var random: SeededGenerator
    private static let paths = ["a", "a/x", "a/y", "b", "b/x", "b/x/deep", "c/z"]
    private static let verticals = ["default", "shop"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func commands(_ taxonomy: Taxonomy) throws -> [LogCommand] {
        // Names by themselves, since one that is refused takes its batch with it.
        if Int.random(in: 0..<4, using: &random) == 0, let command = try name(taxonomy) { return [command] }
        return try (0..<Int.random(in: 1...4, using: &random)).map { _ in try command() }
    }

    private mutating func name(_ taxonomy: Taxonomy) throws -> LogCommand? {
        let vertical = pick(Self.verticals)
        guard let from = taxonomy.standing(in: try Vertical(vertical)).randomElement(using: &random) else { return nil }
        let to = pick(Self.paths + ["n\(Int.random(in: 0..<4, using: &random))/m"])
        return Bool.random(using: &random)
            ? try Samples.rename(from.path.description, to, vertical: vertical)
            : try Samples.merge(from.path.description, to, vertical: vertical)
    }

    private mutating func command() throws -> LogCommand {
        let (text, path, vertical) = (
            "text \(Int.random(in: 0..<12, using: &random))", pick(Self.paths), pick(Self.verticals)
        )
        switch Int.random(in: 0..<12, using: &random) {
        case ..<7:
            let vector = Samples.vector(Int.random(in: 0..<50, using: &random))
            return try Samples.upsert(text, path, vertical: vertical, vector: vector)
        case ..<9: return try Samples.remove(text, vertical: vertical)
        case ..<11:
            return try Samples.set(
                path,
                vertical: vertical,
                description: pick(["one", "two", ""]),
                attributes: ["queue": pick(["1", "2", ""])],
                isEnabled: Bool.random(using: &random)
            )
        default:
            let scopes: [PolicyScope] = [.everywhere, .builtin, .vertical(try Vertical(vertical))]
            let policy = Samples.policy(k: Int.random(in: 1...4, using: &random))
            return .setPolicy(
                PolicySet(
                    scope: scopes[Int.random(in: 0..<3, using: &random)],
                    policy: Bool.random(using: &random) ? policy : nil
                )
            )
        }
    }

    private mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}

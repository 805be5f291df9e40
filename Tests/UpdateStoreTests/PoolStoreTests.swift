import Core
import Foundation
import GRDB
import Testing

@testable import UpdateStore

@Suite(.timeLimit(.minutes(2))) struct PoolStoreTests {
    private static let day: Int64 = 24 * 3_600 * 1_000_000
    private static let start: Int64 = 1_700_000_000_000_000

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open(
        limits: PoolLimits = PoolLimits(),
        masks: MaskRules = MaskRules(),
        now: @escaping @Sendable () -> Int64 = { PoolStoreTests.start },
    ) throws -> PoolStore {
        try PoolStore(in: DataDirectory(folder.path), limits: limits, masks: masks, now: now)
    }

    private func entry(
        _ text: String,
        _ request: String = "",
        in conversation: String = "",
        role: Role? = .caller,
        reason: PoolReason = .unknown,
        vertical: Vertical = .default,
        origin: String = "",
        time: Int64 = PoolStoreTests.start,
    ) throws -> PoolEntry {
        PoolEntry(
            requestID: Array(request.utf8),
            text: try UtteranceText(text),
            vertical: vertical,
            role: role,
            conversationID: Array(conversation.utf8),
            origin: Array(origin.utf8),
            reason: reason,
            timeMicroseconds: time
        )
    }

    @Test func keepsEachDifferentUtteranceOnceAndCountsItsCalls() async throws {
        var store = try open()
        let bank = try Vertical("bank")
        let receipt = try await store.add([
            try entry("where is order 12", "a", in: "c1"), try entry("where is order 99", "b", in: "c2"),
            try entry("where is order 7", "c", in: "c2"), try entry("where is order 7", "d", vertical: bank),
            try entry("where is order 7", "e", role: .agent),
        ])
        #expect(receipt == PoolReceipt(added: 5))
        try await store.close()
        store = try open()
        let utterances = try await store.utterances()
        #expect(utterances.map(\.text.value) == [String](repeating: "where is order <number>", count: 3))
        #expect(utterances.map(\.calls) == [3, 1, 1])
        #expect(utterances.map(\.conversations) == [2, 0, 0])
        #expect(utterances.map(\.vertical) == [.default, bank, .default])
        #expect(utterances.map(\.role) == [.caller, .caller, .agent])
        #expect(try await store.utterances(of: PoolQuery(verticals: [bank])).count == 1)
        let counts = try await store.counts()
        #expect(counts.utterances == [.unknown: 3])
        #expect(counts.calls == 5 && counts.total == 3 && counts.bytes > 3 * 23)
        try await store.close()
    }

    @Test func nothingUnmaskedComesToTheDisk() async throws {
        let store = try open()
        _ = try await store.add([try entry("card 4111 1111 1111 1111 of jane@example.com")])
        try await store.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("pool") {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
            #expect(bytes.range(of: Data("4111".utf8)) == nil)
            #expect(bytes.range(of: Data("jane".utf8)) == nil)
        }
    }

    @Test func theSameRequestAgainAddsNothing() async throws {
        let store = try open()
        #expect(try await store.add([try entry("a", "1"), try entry("a", "1")]) == PoolReceipt(added: 1, repeated: 1))
        #expect(try await store.add([try entry("a", "1")]) == PoolReceipt(repeated: 1))
        // Ids are the clients' own: another text under the same one is another call.
        #expect(try await store.add([try entry("b", "1")]) == PoolReceipt(added: 1))
        #expect(try await store.utterances().map(\.calls) == [1, 1])
        try await store.close()
    }

    @Test func whatIsSentAlongWithEachTurnCountsOnce() async throws {
        let store = try open()
        _ = try await store.add([try entry("hello", "r1", in: "c")])
        _ = try await store.add([
            try entry("hello", in: "c"), try entry("how can I help", in: "c", role: .agent),
            try entry("it is broken", "r2", in: "c"),
        ])
        let second = try await store.add([
            try entry("hello", in: "c"), try entry("how can I help", in: "c", role: .agent),
            try entry("it is broken", in: "c"), try entry("which one", in: "c", role: .agent),
            try entry("the red one", "r3", in: "c"),
        ])
        #expect(second == PoolReceipt(added: 2, repeated: 3))
        let utterances = try await store.utterances()
        #expect(utterances.map(\.calls) == [1, 1, 1, 1, 1])
        #expect(utterances.map { $0.places.map(\.turn) } == [[0], [1], [2], [3], [4]])
        // Without a conversation nobody can tell.
        #expect(try await store.add([try entry("hello"), try entry("hello")]).added == 2)
        try await store.close()
    }

    @Test func aCorrectionOfWhatTheConversationBroughtIsNoOtherCall() async throws {
        let store = try open()
        _ = try await store.add([try entry("late", "request", in: "c")])
        #expect(try await store.add([try entry("late", "reply", in: "c", reason: .corrected)]).repeated == 1)
        #expect(try await store.add([try entry("late", "other", reason: .corrected)]).added == 1)
        #expect(try await store.counts().utterances == [.corrected: 1])
        try await store.close()
    }

    @Test func turnsStayInTheOrderInWhichTheyCameWhenTheClockJumpsBack() async throws {
        let time = CurrentValue(Self.start + Self.day)
        let now: @Sendable () -> Int64 = { time.value }
        let store = try open(now: now)
        _ = try await store.add([try entry("first", "1", in: "c", time: now())])
        time.set(Self.start)
        _ = try await store.add([try entry("second", "2", in: "c", time: now())])
        #expect(try await store.utterances().map { $0.places.map(\.turn) } == [[0], [1]])
        // What seems to come from the future is not kept any longer for that.
        time.set(Self.start + 2)
        #expect(try await store.forgetOld() == 0)
        time.set(Self.start + 90 * Self.day + 3)
        #expect(try await store.forgetOld() == 2)
        #expect(try await store.counts().left == [.expired: 2])
        try await store.close()
    }

    @Test func whatWasSaidByAClockThatIsBehindDoesNotExpireForThat() async throws {
        let time = CurrentValue(Self.start)
        let store = try open(now: { time.value })
        _ = try await store.add([try entry("a", "1", time: Self.start - 200 * Self.day)])
        // It may have been on its way for an hour, and is kept no longer than that.
        let hour = Self.day / 24
        time.set(Self.start + 90 * Self.day - hour)
        #expect(try await store.forgetOld() == 0)
        time.set(Self.start + 90 * Self.day - hour + 1)
        #expect(try await store.forgetOld() == 1)
        try await store.close()
    }

    @Test func aClockThatIsWrongForAWhileForgetsNothing() async throws {
        let (time, passed, begin) = (CurrentValue(Self.start), CurrentValue(Duration.zero), ContinuousClock.now)
        let store = try open(now: SteadyDate.clock({ time.value }, steadily: { begin + passed.value }))
        _ = try await store.add([try entry("a", "1")])
        for wrong in [Self.start + 200 * Self.day, Self.start - 200 * Self.day] {
            time.set(wrong)
            #expect(try await store.forgetOld() == 0)
        }
        time.set(Self.start)
        #expect(try await store.forgetOld() == 0)
        #expect(try await store.utterances().count == 1)
        // What is old by both goes.
        passed.set(.seconds(91 * 24 * 3_600))
        time.set(Self.start + 91 * Self.day)
        #expect(try await store.forgetOld() == 1)
        try await store.close()
    }

    @Test func forgetsOldCallsAndThenTheUtterance() async throws {
        let time = CurrentValue(Self.start)
        let store = try open(now: { time.value })
        _ = try await store.add([try entry("a", "1", in: "c1"), try entry("b", "2", in: "c1")])
        time.set(Self.start + 60 * Self.day)
        _ = try await store.add([try entry("a", "3", in: "c2", time: Self.start + 60 * Self.day)])
        time.set(Self.start + 91 * Self.day)
        #expect(try await store.forgetOld() == 1)
        let left = try await store.utterances()
        #expect(left.map(\.text.value) == ["a"])
        #expect(left.map(\.calls) == [1] && left.map(\.conversations) == [1])
        #expect(try await store.counts().calls == 1)
        time.set(Self.start + 200 * Self.day)
        #expect(try await store.forgetOld() == 1)
        #expect(try await store.counts() == PoolCounts(left: [.expired: 2]))
        try await store.close()
    }

    @Test func theOldestOfTheCommonestReasonMakesRoom() async throws {
        var limits = PoolLimits()
        limits.utterances = 5
        let store = try open(limits: limits)
        _ = try await store.add([try entry("wrong", "w", reason: .corrected, time: 1)])
        for index in 0..<8 {
            let word = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index)))
            _ = try await store.add([try entry(word, word, time: Self.start - 100 + Int64(index))])
        }
        #expect(try await store.utterances().map(\.text.value) == ["wrong", "e", "f", "g", "h"])
        #expect(try await store.counts().left == [.full: 4])
        #expect(try await store.counts().utterances == [.corrected: 1, .unknown: 4])
        try await store.close()
    }

    @Test func staysWithinItsBytesWhateverTheTextsAre() async throws {
        var limits = PoolLimits()
        limits.bytes = 40_000
        let store = try open(limits: limits)
        for index in 0..<20 {
            let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index)))
            let huge = String(repeating: letter, count: UtteranceText.maximumBytes)
            #expect(try await store.add([try entry(huge, letter)]).added == 1)
        }
        let counts = try await store.counts()
        #expect(counts.bytes <= 40_000 && counts.total == 4)
        #expect(counts.left[.full] == 16)
        try await store.close()
    }

    @Test func beyondTheCallsThatAreToldApartItCounts() async throws {
        var limits = PoolLimits()
        limits.callsPerUtterance = 3
        let time = CurrentValue(Self.start)
        let store = try open(limits: limits, now: { time.value })
        for index in 0..<10 { _ = try await store.add([try entry("a", "\(index)", in: "c\(index)")]) }
        var utterance = try #require(try await store.utterances().first)
        #expect(utterance.calls == 10 && utterance.conversations == 10 && utterance.places.count == 3)
        // The latest are those that are told apart.
        #expect(try await store.add([try entry("a", "9", in: "c9")]).repeated == 1)
        time.set(Self.start + 80 * Self.day)
        _ = try await store.add([try entry("a", "new", in: "c10", time: Self.start + 80 * Self.day)])
        time.set(Self.start + 91 * Self.day)
        #expect(try await store.forgetOld() == 0)
        utterance = try #require(try await store.utterances().first)
        #expect(utterance.calls == 1 && utterance.conversations == 1)
        try await store.close()
    }

    @Test func aFileHasAPoolOfItsOwn() async throws {
        var limits = PoolLimits()
        limits.utterances = 3
        limits.namedPools = 2
        let time = CurrentValue(Self.start)
        let store = try open(limits: limits, now: { time.value })
        // Rows may be from long ago.
        _ = try await store.add([try entry("a", reason: .file, time: 5), try entry("b", reason: .file)], to: "one")
        _ = try await store.add([try entry("live", "1")])
        #expect(try await store.forgetOld() == 0)
        #expect(try await store.utterances(of: PoolQuery(pool: "one")).count == 2)
        #expect(try await store.utterances().map(\.text.value) == ["live"])
        // Nothing of a file is forgotten silently.
        #expect(
            await SwitchboardError.code {
                _ = try await store.add([try entry("c", reason: .file), try entry("d", reason: .file)], to: "one")
            } == .resourceExhausted
        )
        #expect(try await store.utterances(of: PoolQuery(pool: "one")).count == 2)
        for (index, name) in ["two", "three"].enumerated() {
            time.set(Self.start + Int64(index) + 1)
            _ = try await store.add([try entry("x", reason: .file)], to: name)
        }
        #expect(try await store.namedPools() == ["two", "three"])
        try await store.drop("two")
        #expect(try await store.namedPools() == ["three"])
        #expect(try await store.counts(of: "two") == PoolCounts())
        try await store.close()
    }

    @Test func aFilesPoolIsTheLatestAlsoWhereTheClockWasAheadBefore() async throws {
        var limits = PoolLimits()
        limits.namedPools = 2
        let time = CurrentValue(Self.start + Self.day)
        let store = try open(limits: limits, now: { time.value })
        _ = try await store.add([try entry("x", reason: .file)], to: "one")
        time.set(Self.start)
        for name in ["two", "three"] { _ = try await store.add([try entry("x", reason: .file)], to: name) }
        #expect(try await store.namedPools() == ["two", "three"])
        try await store.close()
    }

    @Test func refusesTooMuchAtOnceAndNamesThatAreNone() async throws {
        let store = try open()
        let many = [PoolEntry](repeating: try entry("a"), count: PoolStore.maximumEntries + 1)
        #expect(await SwitchboardError.code { _ = try await store.add(many) } == .invalidArgument)
        for name in [String(repeating: "n", count: 256), "a\0b"] {
            #expect(
                await SwitchboardError.code { _ = try await store.add([try entry("a")], to: name) } == .invalidArgument
            )
        }
        #expect(try await store.add([]) == PoolReceipt())
        try await store.close()
    }

    @Test func vectorsStayBesideTheirTextsAndLeaveWithThem() async throws {
        let store = try open()
        let texts = try ["a", "b", "c"].map { try UtteranceText($0) }
        _ = try await store.add([try entry("a", "1"), try entry("b", "2"), try entry("a", "3", role: .agent)])
        let before = try await store.counts().bytes
        #expect(try await store.vectors(of: texts, by: Samples.encoder) == [nil, nil, nil])
        let vectors = (0..<3).map { Samples.vector($0) }
        try await store.keep(vectors, of: texts, by: Samples.encoder)
        #expect(try await store.vectors(of: texts, by: Samples.encoder) == [vectors[0], vectors[1], nil])
        #expect(try await store.vectors(of: texts, by: Samples.otherEncoder) == [nil, nil, nil])
        #expect(try await store.counts().bytes == before + 3 * 8 * 4)
        // Another encoder's take their place.
        try await store.keep([vectors[2]], of: [texts[0]], by: Samples.otherEncoder)
        #expect(try await store.vectors(of: texts, by: Samples.encoder) == [nil, vectors[1], nil])
        #expect(try await store.counts().bytes == before + 3 * 8 * 4)
        let numbers = try await store.utterances().map(\.number)
        #expect(try await store.remove(numbers) == 3)
        #expect(try await store.counts() == PoolCounts(left: [.explained: 3]))
        #expect(try await store.vectors(of: texts, by: Samples.otherEncoder) == [nil, nil, nil])
        try await store.close()
    }

    @Test func whatWasHeldAgainstTheIndexIsNotAskedForAgain() async throws {
        let store = try open()
        _ = try await store.add([
            try entry("a", "1"), try entry("b", "2", role: .agent), try entry("c", "3", reason: .file),
            try entry("d", "4"), try entry("e", "5", role: nil),
        ])
        let here = LogPosition(log: LogID(7), sequence: LogSequence(3))
        let first = try await store.unchecked(at: nil, limit: 10)
        #expect(first.map(\.text.value) == ["a", "d", "e"])
        let left = try await store.settle(explained: [first[0].number], unexplained: [first[1].number], at: here)
        #expect(left == 1)
        #expect(try await store.unchecked(at: here, limit: 10).map(\.text.value) == ["e"])
        let later = LogPosition(log: LogID(7), sequence: LogSequence(4))
        #expect(try await store.unchecked(at: later, limit: 10).map(\.text.value) == ["d", "e"])
        #expect(try await store.unchecked(at: later, after: first[1].number, limit: 1).map(\.text.value) == ["e"])
        try await store.close()
    }

    @Test func aPurgeLeavesNoTraceInTheFile() async throws {
        let store = try open()
        let shop = try Vertical("shop")
        _ = try await store.add([
            try entry("said by two", "1", in: "c1", origin: "jane"),
            try entry("said by two", "2", in: "c2", origin: "joe"),
            try entry("verysecretwords", "3", origin: "jane"), try entry("kept", "4"),
            try entry("of the shop", "5", vertical: shop),
        ])
        try await store.keep([Samples.vector(1)], of: [try UtteranceText("verysecretwords")], by: Samples.encoder)
        let jane = PurgeSelection.origin(Array("jane".utf8), in: nil)
        #expect(try await store.count(of: PurgeRule(jane)) == 2)
        #expect(try await store.purge(PurgeRule(jane), as: jane) == 2)
        #expect(try await store.utterances().map(\.text.value) == ["said by two", "kept", "of the shop"])
        #expect(try await store.utterances().map(\.calls) == [1, 1, 1])
        #expect(try await store.purge(PurgeRule(.vertical(shop))) == 1)
        let kept = ExemplarID(vertical: .default, text: try UtteranceText("kept"))
        #expect(try await store.purge(PurgeRule(.exemplars([kept]))) == 1)
        let counts = try await store.counts()
        #expect(counts.left == [.purged: 3] && counts.calls == 1 && counts.total == 1)
        #expect(!store.hasTraces)
        for name in ["pool.sqlite", "pool.sqlite-wal"] {
            let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data()
            #expect(bytes.range(of: Data("verysecretwords".utf8)) == nil)
            #expect(bytes.range(of: Data("jane".utf8)) == nil)
        }
        #expect(try PurgeList(in: folder.path).entries().map(\.kind) == [.origin])
        try await store.close()
    }

    @Test func whatWasAddedSurvivesATornWAL() async throws {
        let store = try open()
        for index in 0..<6 { _ = try await store.add([try entry("text", "\(index)"), try entry("more", "\(index)")]) }
        let copy = try folder.copied()
        let wal = copy.path + "/pool.sqlite-wal"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: wal))
        try (bytes + Data(repeating: 0xA5, count: 3_000)).write(to: URL(fileURLWithPath: wal))
        let reopened = try PoolStore(in: DataDirectory(copy.path))
        #expect(try await reopened.utterances().map(\.calls) == [6, 6])
        try await reopened.close()
        // The end of the last transaction is missing: both of its calls are, and the counts with them.
        try bytes.dropLast(100).write(to: URL(fileURLWithPath: wal))
        try? FileManager.default.removeItem(atPath: copy.path + "/pool.sqlite")
        try FileManager.default.copyItem(atPath: folder.path + "/pool.sqlite", toPath: copy.path + "/pool.sqlite")
        try? FileManager.default.removeItem(atPath: copy.path + "/pool.sqlite-shm")
        let torn = try PoolStore(in: DataDirectory(copy.path))
        #expect(try await torn.utterances().map(\.calls) == [5, 5])
        #expect(try await torn.counts().calls == 10)
        try await torn.close()
        try await store.close()
    }

    @Test func aFileThatIsNoneOfOursIsRefused() async throws {
        try Data(repeating: 0x41, count: 8_192).write(to: URL(fileURLWithPath: folder.path + "/pool.sqlite"))
        #expect(await SwitchboardError.code { _ = try open() } == .dataLoss)
    }

    @Test func aFullDiskIsToldAndNothingIsHalfAdded() async throws {
        let store = try open()
        _ = try await store.add([try entry("before", "1")])
        // SQLite answers a file that may not grow as it does a full disk.
        try await store.pool.write { db in try db.execute(sql: "PRAGMA max_page_count = 1") }
        let many = try (0..<500).map { try entry("text " + String(repeating: "x", count: $0 * 16), "\($0)") }
        #expect(await SwitchboardError.code { _ = try await store.add(many) } == .resourceExhausted)
        #expect(try await store.counts().total == 1)
        try await store.pool.write { db in try db.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(try await store.add([try entry("after", "2")]).added == 1)
        try await store.close()
    }
}

import Core
import Foundation
import GRDB
import Testing

@testable import UpdateStore

/// Erasing for good.
@Suite(.timeLimit(.minutes(2))) struct PurgeTests {
    private static let needle = "my number is 0123 456789"
    private static let vector = ownVector(0.1234)
    private static let nextVector = ownVector(0.4321)
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> UpdateLog { try UpdateLog(in: DataDirectory(folder.path)) }

    /// Not one of those that `Samples` gives to all texts in turn.
    private static func ownVector(_ first: Float) -> [Float] {
        let figures = (0..<8).map { first + Float($0) * 0.0371 }
        let length = figures.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return figures.map { $0 / length }
    }

    private static func id(_ text: String, vertical: String = "default") throws -> ExemplarID {
        ExemplarID(vertical: try Vertical(vertical), text: try UtteranceText(text))
    }

    private static func upsert(_ text: String, _ path: String, origin: String, vertical: String = "default") throws
        -> LogCommand
    {
        .upsert(
            UpsertCommand(
                vertical: try Vertical(vertical),
                text: try UtteranceText(text),
                path: try IntentPath(path),
                vector: Samples.vector(text.utf8.count),
                encoder: Samples.encoder,
                origin: Array(origin.utf8)
            )
        )
    }

    /// A log in which the needle was added, re-labelled, removed, added again and prepared for another encoder, among 600
    /// others, so that SQLite has had to split pages that hold it.
    ///
    /// - Returns: its head, and places at which something about the needle stands.
    private func write(_ log: UpdateLog) async throws -> [UInt64] {
        let needle = try Samples.upsert(Self.needle, "orders/late", vector: Self.vector)
        func others(_ name: String) throws -> [LogCommand] {
            try (0..<200).map { try Samples.upsert("\(name) \($0)", "orders/\($0 % 7)") }
        }
        _ = try await log.append(Samples.batch("a", try others("a") + [needle]))
        _ = try await log.append(
            Samples.batch("b", [try Samples.upsert(Self.needle, "orders/new", vector: Self.vector)])
        )
        _ = try await log.append(Samples.batch("c", try others("b")))
        _ = try await log.append(Samples.batch("d", [try Samples.remove(Self.needle), try Samples.remove("a 3")]))
        _ = try await log.append(Samples.batch("e", [needle] + (try others("c"))))
        let set = VectorSet(
            vertical: .default,
            exemplar: try Self.id(Self.needle),
            vector: Self.nextVector,
            encoder: Samples.otherEncoder
        )
        _ = try await log.append(.setVectors([set]), change: [1], source: "tests")
        return [201, 202, 403, 405, 606]
    }

    /// The files of the folder in which one of the byte strings stands.
    private func filesHolding(_ wanted: [Data]) throws -> [String] {
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        return names.filter { name in
            guard let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(name)") else { return false }
            return wanted.contains { bytes.range(of: $0) != nil }
        }
    }

    private static func traces() -> [Data] {
        [Data(needle.utf8)] + [vector, nextVector].map { figures in figures.withUnsafeBytes { Data($0) } }
    }

    @Test func nothingOfItIsLeftInAnyFile() async throws {
        var log = try open()
        let feedback = try FeedbackStore(in: DataDirectory(folder.path + "/words"))
        let places = try await write(log)
        for reply in 0..<300 {
            let text = reply == 100 ? Self.needle : "something else \(reply)"
            _ = try await feedback.add(
                Feedback(
                    replyID: Bits128(UInt128(reply + 1)),
                    text: try UtteranceText(text),
                    vertical: .default,
                    answeredIntent: try IntentPath("orders/late"),
                    verdict: .confirmed,
                    source: .caller
                )
            )
        }
        try await log.close()
        #expect(try filesHolding(Self.traces()).contains("log.sqlite"))
        log = try open()
        let before = log.head.position
        let rule = PurgeRule(.exemplars([try Self.id(Self.needle)]))
        let found = try await log.findings(for: rule)
        #expect(found.live == 1)
        #expect(found.records == places.count)
        #expect(!found.isMore)

        #expect(try await feedback.purge(rule) == 1)
        let outcome = try await log.purge(
            found.exemplars,
            as: .exemplars([try Self.id(Self.needle)]),
            change: Array("change".utf8),
            author: "ann"
        )
        #expect(outcome == PurgeOutcome(position: log.head.position, removed: 1, blanked: places.count))
        #expect(log.head.position.sequence == before.sequence.next)
        #expect(log.exemplarCount == 599)
        #expect(try await feedback.counts().total == 299)
        // What was committed last was in memory; nobody gets it from there either.
        let records = try await log.operations(after: .start, limit: ReadLimit(records: .max, bytes: .max)).flatMap(
            \.records
        )
        let id = try Self.id(Self.needle)
        #expect(!records.contains { $0.fact.exemplar == id })
        let blanked = records.compactMap { record -> UInt64? in
            if case .exemplarBlanked = record.fact { record.sequence.number } else { nil }
        }
        #expect(blanked == places)
        #expect(records.last?.fact == .purged(Purged(blanked: places.map { LogSequence($0) }, verticals: [.default])))
        #expect(records.last?.stamp.author == "ann")
        #expect(try await log.check() == LogCheck(operations: 7, records: 607, exemplars: 599, fault: nil))
        try await log.close()
        try await feedback.close()
        #expect(try filesHolding(Self.traces()) == [])
        #expect(try !filesHolding([Data("something else 7".utf8)]).isEmpty)

        log = try open()
        #expect(log.condition == .whole)
        #expect(try await log.digest(at: outcome.position.sequence) == log.head.digest)
        // Sent again, however late: no second effect.
        let again = try await log.append(
            Samples.batch("b", [try Samples.upsert(Self.needle, "orders/new", vector: Self.vector)])
        )
        #expect(again.isRepeated)
        #expect(log.exemplarCount == 599)
        // It may come in again as anything else may.
        let needle = try Samples.upsert(Self.needle, "orders/late", vector: Self.vector)
        #expect(try await log.append(Samples.batch("new", [needle])).added == 1)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func whatIsLeftInATrimmedLogIsErasedToo() async throws {
        let log = try open()
        _ = try await write(log)
        // Of its five records the upsert that it lives by and the vector for the next encoder are left.
        try await log.trim(to: try await log.beginning(ifTrimmedBefore: LogSequence(606)))
        let before = log.head.position.sequence
        let id = try Self.id(Self.needle)
        let rule = PurgeRule(.exemplars([id]))
        let found = try await log.findings(for: rule)
        #expect(found.records == 2)
        #expect(await SwitchboardError.code { _ = try await log.purge([id], as: nil) } == .failedPrecondition)
        // A record of it came behind the snapshot.
        let early = TrimmedPurge(basis: before.previous)
        #expect(await SwitchboardError.code { _ = try await log.purge([id], as: nil, trimmed: early) } == .aborted)
        #expect(!log.hasStaleSnapshots)
        let outcome = try await log.purge([id], as: nil, trimmed: TrimmedPurge(basis: before))
        #expect(outcome == PurgeOutcome(position: log.head.position, removed: 1, blanked: 2))
        #expect(log.hasStaleSnapshots)
        #expect(try await log.lastPurge() == outcome.position.sequence)
        #expect(try filesHolding(Self.traces()) == [])
        let operations = try await log.operations(after: before)
        guard case .purged(let purged) = try #require(operations.first?.records.first).fact else {
            Issue.record("the purge has no record")
            return
        }
        // Replicas know it by the place where it became live.
        #expect(purged.blanked == [405, 606].map { LogSequence($0) })
        #expect(try await log.check().fault == nil)
        try await log.trim(to: outcome.position.sequence)
        try log.snapshotsAreRenewed()
        #expect(!log.hasStaleSnapshots)
        let check = try await log.check()
        #expect(check.fault == nil)
        #expect(check.exemplars == 599)
        try await log.close()
    }

    @Test func historyTellsOfOperationsOfWhichSomethingWasErased() async throws {
        let log = try open()
        let id = try Self.id(Self.needle)
        _ = try await log.append(
            Samples.batch("a", [try Samples.upsert(Self.needle, "x"), try Samples.upsert("other", "x")])
        )
        _ = try await log.append(Samples.batch("b", [try Samples.remove(Self.needle)]))
        _ = try await log.purge([id], as: nil)
        let counts = try await log.history().map(\.counts)
        let both = [RecordKind.exemplarUpserted, .exemplarBlanked]
        #expect(counts.first == both.map { KindCount(kind: $0, count: 1) })
        #expect(counts[1] == [KindCount(kind: .exemplarBlanked, count: 1)])
        #expect(counts.last == [KindCount(kind: .purged, count: 1)])
        try await log.close()
    }

    @Test func anIntentKeepsTheIDThatAnErasedExemplarGaveIt() async throws {
        let log = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert(Self.needle, "only/here")]))
        let intents = log.taxonomy.all
        _ = try await log.purge([try Self.id(Self.needle)], as: nil)
        #expect(log.taxonomy.all == intents)
        try await log.close()
        let again = try open()
        #expect(again.taxonomy.all == intents)
        #expect(try await again.check().fault == nil)
    }

    @Test func anOriginIsErasedFromEveryRecordOfItsExemplars() async throws {
        let log = try open()
        _ = try await log.append(
            Samples.batch(
                "a",
                [
                    try Self.upsert("one", "x", origin: "ann"), try Self.upsert("two", "x", origin: "bob"),
                    try Self.upsert("three", "x", origin: "ann", vertical: "v"),
                ]
            )
        )
        // Another origin labels it anew: the text is the first one's all the same.
        _ = try await log.append(Samples.batch("b", [try Self.upsert("one", "y", origin: "bob")]))
        let ann = Array("ann".utf8)
        let within = try await log.findings(for: PurgeRule(.origin(ann, in: .default)))
        #expect(try within.exemplars == [Self.id("one")])
        #expect(within.records == 2)
        let found = try await log.findings(for: PurgeRule(.origin(ann, in: nil)))
        #expect(try found.exemplars == [Self.id("one"), Self.id("three", vertical: "v")])
        #expect(found.records == 3)
        let outcome = try await log.purge(found.exemplars, as: .origin(ann, in: nil))
        #expect(outcome.removed == 2)
        #expect(log.exemplarCount == 1)
        #expect(try await log.findings(for: PurgeRule(.origin(ann, in: nil))) == PurgeFindings())
        #expect(try await log.check().fault == nil)
        let lines = try PurgeList(in: folder.path).entries()
        #expect(lines.map(\.kind) == [.origin, .exemplar, .exemplar])
        #expect(lines.allSatisfy { $0.sequence == outcome.position.sequence.number })
        try await log.close()
    }

    @Test func aVerticalIsErasedAndTheOthersStay() async throws {
        let log = try open()
        for index in 0..<5 {
            _ = try await log.append(
                Samples.batch(
                    "\(index)",
                    [try Samples.upsert("\(index)", "x"), try Samples.upsert("\(index)", "x", vertical: "gone")]
                )
            )
        }
        _ = try await log.append(Samples.batch("r", [try Samples.remove("2", vertical: "gone")]))
        let found = try await log.findings(for: PurgeRule(.vertical(try Vertical("gone"))))
        #expect(found.live == 4)
        #expect(found.records == 6)
        #expect(try await log.purge(found.exemplars, as: .vertical(try Vertical("gone"))).removed == 4)
        #expect(log.statistics().verticals.map(\.exemplars) == [5, 0])
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    /// Whatever is erased, the records and the tables go on to say the same.
    @Test func randomPurgesLeaveAWholeLog() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("purges: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let log = try open()
        for round in 0..<12 {
            for batch in 0..<6 {
                let commands = try (0..<Int.random(in: 1...5, using: &random)).map { _ -> LogCommand in
                    let text = "t\(Int.random(in: 0..<20, using: &random))"
                    guard Bool.random(using: &random) else { return try Samples.remove(text) }
                    return try Samples.upsert(text, "i/\(Int.random(in: 0..<4, using: &random))")
                }
                _ = try await log.append(Samples.batch("\(round)-\(batch)", commands))
            }
            let missing = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 50)
            if round % 3 == 1, !missing.isEmpty {
                let sets = missing.map {
                    VectorSet(
                        vertical: $0.vertical,
                        exemplar: $0.id,
                        vector: Samples.vector(round),
                        encoder: Samples.otherEncoder
                    )
                }
                _ = try await log.append(.setVectors(sets), change: [1], source: "tests")
            }
            let ids = try (0..<3).map { _ in try Self.id("t\(Int.random(in: 0..<20, using: &random))") }
            _ = try await log.purge(Set(ids), as: nil)
            let check = try await log.check()
            #expect(check.fault == nil, "round \(round), seed \(seed)")
            #expect(check.exemplars == log.exemplarCount, "round \(round), seed \(seed)")
        }
        try await log.close()
    }

    @Test func aDamagedLogIsNotErasedFrom() async throws {
        var log = try open()
        for index in 0..<6 {
            _ = try await log.append(Samples.batch("\(index)", [try Samples.upsert("text \(index)", "x")]))
        }
        try await log.close()
        let path = folder.path + "/log.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data("text 2".utf8)))
        bytes[place.lowerBound] ^= 0x20
        try bytes.write(to: URL(fileURLWithPath: path))
        log = try open()
        let id = try Self.id("text 4")
        #expect(await SwitchboardError.code { _ = try await log.purge([id], as: nil) } == .dataLoss)
        #expect(log.condition == .damaged(at: LogSequence(3), readableTo: LogSequence(2)))
        #expect(log.head.position.sequence == LogSequence(6))
    }

    @Test func whatAKilledNodeLeftIsFinishedAtTheNextStart() async throws {
        var log = try open()
        let mark = folder.path + "/log.sqlite-erasing"
        try StoreFile.beginErasing(from: folder.path + "/log.sqlite")
        #expect(log.hasTraces)
        try await log.close()
        #expect(FileManager.default.fileExists(atPath: mark))
        log = try open()
        #expect(!log.hasTraces)
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test func somebodyWhoReadsAnOlderMomentIsTold() async throws {
        let log = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("two", "x")]))
        var export: LogExport? = try await log.export()
        // Instead of the 5 s that it waits for a reader to end.
        try await log.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA busy_timeout = 20") }
        let id = try Self.id("one")
        #expect(await SwitchboardError.code { _ = try await log.purge([id], as: nil) } == .unavailable)
        #expect(log.exemplarCount == 1)
        #expect(log.hasTraces)
        withExtendedLifetime(export) {}
        export = nil
        try await log.finishErasing()
        #expect(!log.hasTraces)
    }

    @Test func theListGivesNothingAwayAndKnowsWhatItHas() throws {
        _ = try DataDirectory(folder.path)
        let key = try PurgeKey(in: folder.path)
        #expect(try PurgeKey(in: folder.path) == key)
        let id = try Self.id("one")
        let position = LogPosition(log: Bits128(1), sequence: LogSequence(9))
        let origin = PurgeSelection.origin([1, 2], in: nil)
        let list = PurgeList(in: folder.path)
        try list.append(PurgeList.entries(of: origin, [id], key: key, at: position, timeMicroseconds: 3))
        let vertical = PurgeSelection.vertical(try Vertical("gone"))
        try list.append(PurgeList.entries(of: vertical, [id], key: key, at: position, timeMicroseconds: 4))
        let entries = try list.entries()
        #expect(entries.map(\.kind) == [.origin, .exemplar, .vertical])
        #expect(!entries.contains { $0.hash.contains(id.description) })
        let rule = PurgeRule(entries, key: key)
        let (other, place) = (try Self.id("two"), try Vertical("v"))
        #expect(rule.matches(id, origin: [], vertical: place))
        #expect(rule.matches(other, origin: [1, 2], vertical: place))
        #expect(rule.matches(other, origin: [], vertical: try Vertical("gone")))
        #expect(!rule.matches(other, origin: [1], vertical: place))
        let wrong = PurgeRule(entries, key: PurgeKey(bytes: [1]))
        #expect(!wrong.matches(id, origin: [1, 2], vertical: try Vertical("gone")))
    }

    /// - Parameter rest: what stands behind the last whole line.
    @Test(arguments: ["", #"{"hash":"12"#]) func aLineThatWasNotWrittenToItsEndSpoilsNoOther(_ rest: String) throws {
        _ = try DataDirectory(folder.path)
        let key = try PurgeKey(in: folder.path)
        let position = LogPosition(log: Bits128(1), sequence: LogSequence(9))
        func entries(_ text: String) throws -> [PurgeList.Entry] {
            let id = try Self.id(text)
            return PurgeList.entries(of: .exemplars([id]), [id], key: key, at: position, timeMicroseconds: 3)
        }
        let list = PurgeList(in: folder.path)
        try list.append(entries("one"))
        let file = try #require(FileHandle(forWritingAtPath: list.path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(rest.utf8))
        try file.close()
        #expect(try list.entries() == entries("one"))
        try list.append(entries("two"))
        #expect(try list.entries() == entries("one") + entries("two"))
        // One that is whole but for its end counts.
        let size = try #require(FileManager.default.contents(atPath: list.path)).count
        #expect(truncate(list.path, size - 1) == 0)
        #expect(try list.entries().count == 2)
        try list.append(entries("three"))
        #expect(try list.entries() == entries("one") + entries("two") + entries("three"))
    }

    @Test func aKeyThatOthersMayReadIsRefused() throws {
        _ = try DataDirectory(folder.path)
        #expect(chmod(PurgeKey.path(in: folder.path), 0o644) == 0)
        #expect { _ = try PurgeKey(in: folder.path) } throws: { ($0 as? SwitchboardError)?.code == .failedPrecondition }
    }
}

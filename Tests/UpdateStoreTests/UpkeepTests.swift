import Core
import Foundation
import GRDB
import Testing

@testable import UpdateStore

/// The change of a log to another encoder: planned on values, then in real files that are closed, opened and damaged.
@Suite(.timeLimit(.minutes(2))) struct UpkeepTests {
    private static let next = EncoderShape(encoder: Samples.otherEncoder, dimensions: 8)

    private static func id(_ text: String) throws -> ExemplarID {
        ExemplarID(vertical: .default, text: try UtteranceText(text))
    }

    private static func vector(_ text: String) -> [Float] { Samples.vector(500 + text.utf8.count) }

    private static func set(_ texts: String..., encoder: ModelID = Samples.otherEncoder) throws -> LogUpkeep {
        .setVectors(
            try texts.map {
                VectorSet(vertical: .default, exemplar: try id($0), vector: vector($0), encoder: encoder)
            }
        )
    }

    /// Of a log whose exemplars have these intents, with vectors by the other encoder.
    private static func digest(_ exemplars: [String: String], _ taxonomy: Taxonomy) throws -> StateDigest {
        var digest = StateDigest()
        for intent in taxonomy.all { digest.add(StateDigest.term(intent: intent)) }
        for (text, path) in exemplars {
            let intent = try #require(taxonomy.id(of: try IntentPath(path), in: .default))
            digest.add(
                StateDigest.term(
                    exemplar: try id(text),
                    intent: intent,
                    encoder: Samples.otherEncoder,
                    vector: vector(text)
                )
            )
        }
        return digest
    }

    /// Why a log refuses something; nil where it does not. The log stays as it is.
    private static func refusal(
        of log: PlannedLog,
        _ body: (inout PlannedLog) throws -> Void
    ) -> SwitchboardError? {
        var log = log
        do {
            try body(&log)
            return nil
        } catch {
            return error as? SwitchboardError
        }
    }

    // MARK: Values

    @Test func aSwitchNeedsAVectorOfEachExemplar() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("three", "x/y")]))
        let before = log.state.digest
        try log.append(Self.set("one"))
        #expect(log.state.nextEncoder == Samples.otherEncoder)
        #expect(log.state.digest == before)
        let error = Self.refusal(of: log) { _ = try $0.append(.switchModels(Self.next)) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("1 of 2") == true)
        try log.append(Self.set("three"))
        let plan = try log.append(.switchModels(Self.next))
        #expect(plan.records.map(\.fact) == [.modelsSwitched(ModelsSwitched(encoder: Samples.otherEncoder))])
        #expect(log.state.encoder == Self.next)
        #expect(log.state.nextEncoder == nil)
        #expect(log.state.digest == (try Self.digest(["one": "x", "three": "x/y"], log.state.taxonomy)))
    }

    @Test func aNewLabelKeepsTheNextVector() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        try log.append(Self.set("one"))
        try log.append(Samples.batch("b", [try Samples.upsert("one", "y", vector: [])]))
        try log.append(.switchModels(Self.next))
        #expect(log.state.digest == (try Self.digest(["one": "y"], log.state.taxonomy)))
        // From then on a new label takes the new vector along.
        let plan = try log.append(Samples.batch("c", [try Samples.upsert("one", "z", vector: [])]))
        guard case .exemplarUpserted(let fact) = plan.records[0].fact else {
            Issue.record("no upsert was planned")
            return
        }
        #expect(fact.vector == Self.vector("one"))
        #expect(fact.encoder == Samples.otherEncoder)
        #expect(log.state.digest == (try Self.digest(["one": "z"], log.state.taxonomy)))
    }

    @Test func whatIsRemovedAndComesAgainNeedsItsVectorAgain() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("three", "x")]))
        try log.append(Self.set("one", "three"))
        try log.append(Samples.batch("b", [try Samples.remove("one"), try Samples.upsert("one", "x")]))
        #expect(Self.refusal(of: log) { _ = try $0.append(.switchModels(Self.next)) }?.code == .failedPrecondition)
        // One that does not live is passed over.
        let plan = try log.append(Self.set("one", "gone"))
        #expect(plan.records.count == 1)
        try log.append(.switchModels(Self.next))
        #expect(log.state.encoder == Self.next)
    }

    @Test func vectorsThatNoneCanServeWithAreRefused() throws {
        var log = PlannedLog()
        #expect(Self.refusal(of: log) { _ = try $0.append(Self.set("one")) }?.code == .failedPrecondition)
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        #expect(
            Self.refusal(of: log) { _ = try $0.append(Self.set("one", encoder: Samples.encoder)) }?.code
                == .failedPrecondition
        )
        let long = VectorSet(
            vertical: .default,
            exemplar: try Self.id("one"),
            vector: Samples.vector(1, dimensions: 9),
            encoder: Samples.otherEncoder
        )
        #expect(Self.refusal(of: log) { _ = try $0.append(.setVectors([long])) }?.code == .failedPrecondition)
        let short = VectorSet(
            vertical: .default,
            exemplar: try Self.id("one"),
            vector: [Float](repeating: 0, count: 8),
            encoder: Samples.otherEncoder
        )
        #expect(Self.refusal(of: log) { _ = try $0.append(.setVectors([short])) }?.code == .invalidArgument)
        #expect(Self.refusal(of: log) { _ = try $0.append(.setVectors([])) }?.code == .invalidArgument)
        let other = EncoderShape(encoder: Samples.otherEncoder, dimensions: 9)
        #expect(Self.refusal(of: log) { _ = try $0.append(.switchModels(other)) }?.code == .failedPrecondition)
        #expect(log.state.head == LogSequence(1))
        #expect(log.state.nextEncoder == nil)
    }

    @Test func aThirdEncoderTakesThePlaceOfTheSecondAndTheFirstGivesUpBoth() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        let before = log.state.digest
        try log.append(Self.set("one"))
        try log.append(Self.set("one", encoder: Samples.model(3)))
        #expect(log.state.nextEncoder == Samples.model(3))
        #expect(Self.refusal(of: log) { _ = try $0.append(.switchModels(Self.next)) }?.code == .failedPrecondition)
        let own = EncoderShape(encoder: Samples.encoder, dimensions: 8)
        let plan = try log.append(.switchModels(own))
        #expect(plan.records.count == 1)
        #expect(log.state.nextEncoder == nil)
        #expect(log.state.digest == before)
        #expect(log.ledger.all.allSatisfy { $0.next == nil })
        let again = try log.append(.switchModels(own))
        #expect(again.records.isEmpty)
    }

    @Test func afterTheSwitchVectorsOfTheOldEncoderAreRefused() throws {
        var log = PlannedLog()
        try log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        try log.append(Self.set("one"))
        try log.append(.switchModels(Self.next))
        #expect(
            Self.refusal(of: log) { _ = try $0.append(Samples.batch("b", [try Samples.upsert("two", "x")])) }?.code
                == .failedPrecondition
        )
        try log.append(Samples.batch("c", [try Samples.upsert("two", "x", encoder: Samples.otherEncoder)]))
        #expect(log.state.exemplarCount == 2)
    }

    // MARK: Files

    @Test func aChangeThatWasInterruptedGoesOnAfterAStart() async throws {
        let folder = try TemporaryFolder()
        var log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(
            Samples.batch(
                "a",
                [try Samples.upsert("one", "x"), try Samples.upsert("three", "y"), try Samples.upsert("seven", "y")]
            )
        )
        _ = try await log.append(Self.set("three"), change: [9], source: "tests")
        #expect(try await log.check().fault == nil)
        try await log.close()

        log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(log.encoder?.encoder == Samples.encoder)
        #expect(try await log.count(with: Samples.otherEncoder) == 1)
        #expect(try await log.count(with: Samples.model(3)) == 0)
        let page = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        #expect(page.map(\.text.value) == ["one", "seven"])
        #expect(try await log.exemplars(without: Samples.otherEncoder, after: page[0].first, limit: 10).count == 1)
        #expect(try await log.exemplars(without: Samples.model(3), after: .start, limit: 2).count == 2)
        _ = try await log.append(
            Samples.batch("b", [try Samples.upsert("three", "z", vector: []), try Samples.remove("seven")])
        )
        #expect(try await log.check().fault == nil)
        _ = try await log.append(Self.set("one"), change: [9], source: "tests")
        let receipt = try await log.append(.switchModels(Self.next), change: [9], source: "tests")
        #expect(receipt.position.sequence == log.head.position.sequence)
        #expect(log.head.digest == (try Self.digest(["one": "x", "three": "z"], log.taxonomy)))
        #expect(try await log.check() == LogCheck(operations: 5, records: 8, exemplars: 2, fault: nil))
        let digest = log.head.digest
        try await log.close()

        log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(log.encoder == Self.next)
        #expect(log.head.digest == digest)
        let exported = try await log.export().page(after: .start).exemplars
        #expect(exported.map(\.text.value) == ["one", "three"])
        #expect(exported.map(\.vector) == [Self.vector("one"), Self.vector("three")])
        #expect(exported.allSatisfy { $0.encoder == Samples.otherEncoder })
        // A label that is new after that is written with the new vector.
        _ = try await log.append(Samples.batch("c", [try Samples.upsert("one", "w", vector: [])]))
        #expect(log.head.digest == (try Self.digest(["one": "w", "three": "z"], log.taxonomy)))
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func aDamagedVectorIsNeitherExportedNorTakenForWhole() async throws {
        let folder = try TemporaryFolder()
        var log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await log.append(Self.set("one"), change: [9], source: "tests")
        _ = try await log.append(.switchModels(Self.next), change: [9], source: "tests")
        try await log.pool.write { db in
            try db.execute(sql: "UPDATE record SET checksum = checksum + 1 WHERE kind = 17")
        }
        try await log.close()
        log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(try await log.check().fault?.contains("2") == true)
        do {
            // It goes before the log is closed, which waits for whoever reads.
            let export = try await log.export()
            #expect(await SwitchboardError.code { _ = try await export.page(after: .start) } == .dataLoss)
        }
        #expect(log.condition == .damaged(at: LogSequence(2), readableTo: LogSequence(1)))
        let relabel = Samples.batch("b", [try Samples.upsert("one", "y", vector: [])])
        #expect(await SwitchboardError.code { _ = try await log.append(relabel) } == .dataLoss)
        try await log.close()
    }

    @Test func aDamagedExemplarThatIsMetStopsAppends() async throws {
        let folder = try TemporaryFolder()
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await log.append(Samples.batch("b", [try Samples.upsert("three", "x")]))
        try await log.pool.write { db in
            try db.execute(sql: "UPDATE record SET checksum = checksum + 1 WHERE seq = 1")
        }
        let code = await SwitchboardError.code {
            _ = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        }
        #expect(code == .dataLoss)
        #expect(log.condition == .damaged(at: LogSequence(1), readableTo: .start))
        try await log.close()
    }

    @Test func aLedgerThatSaysOtherwiseThanTheRecordsIsAFault() async throws {
        let folder = try TemporaryFolder()
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(
            Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("three", "x")])
        )
        _ = try await log.append(Self.set("one", "three"), change: [9], source: "tests")
        try await log.pool.write { db in
            try db.execute(sql: "UPDATE exemplar_row SET next_seq = 3 WHERE next_seq = 4")
        }
        #expect(try await log.check().fault?.contains("ledger") == true)
        try await log.pool.write { db in
            try db.execute(
                sql: "UPDATE exemplar_row SET next_seq = 4 WHERE first_seq = 2; UPDATE log SET next_count = 3"
            )
        }
        try await log.close()
        let again = try UpdateLog(in: DataDirectory(folder.path))
        #expect(try await again.check().fault?.contains("next vectors") == true)
        try await again.close()
    }

    @Test func aSwitchWritesNoExemplar() async throws {
        let folder = try TemporaryFolder()
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(
            Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("three", "x")])
        )
        _ = try await log.append(Self.set("one", "three"), change: [9], source: "tests")
        func rows() async throws -> [String] {
            try await log.pool.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM exemplar_row").map { $0.description }
            }
        }
        let before = try await rows()
        _ = try await log.append(.switchModels(Self.next), change: [9], source: "tests")
        #expect(try await rows() == before)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func oneChangeFollowsAnother() async throws {
        let folder = try TemporaryFolder()
        var log = try UpdateLog(in: DataDirectory(folder.path))
        let texts = ["one", "three", "seven"]
        _ = try await log.append(Samples.batch("a", try texts.map { try Samples.upsert($0, "x") }))
        // Given up half way, by a third encoder and by the first.
        _ = try await log.append(Self.set("one", encoder: Samples.model(3)), change: [9], source: "tests")
        _ = try await log.append(Self.set("three"), change: [9], source: "tests")
        #expect(try await log.count(with: Samples.otherEncoder) == 1)
        #expect(try await log.count(with: Samples.model(3)) == 0)
        let own = EncoderShape(encoder: Samples.encoder, dimensions: 8)
        _ = try await log.append(.switchModels(own), change: [9], source: "tests")
        #expect(try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 9).count == 3)
        #expect(try await log.check().fault == nil)
        // Then made, and on to the next, with labels changed and exemplars gone and come between.
        _ = try await log.append(Self.set("one", "three", "seven"), change: [9], source: "tests")
        _ = try await log.append(.switchModels(Self.next), change: [9], source: "tests")
        _ = try await log.append(
            Samples.batch(
                "b",
                [
                    try Samples.upsert("one", "y", vector: []), try Samples.remove("seven"),
                    try Samples.upsert("eleven", "y", encoder: Samples.otherEncoder),
                ]
            )
        )
        #expect(try await log.check().fault == nil)
        try await log.close()
        log = try UpdateLog(in: DataDirectory(folder.path))
        let third = EncoderShape(encoder: Samples.model(3), dimensions: 8)
        _ = try await log.append(Self.set("three", "eleven", encoder: third.encoder), change: [9], source: "tests")
        let code = await SwitchboardError.code {
            _ = try await log.append(.switchModels(third), change: [9], source: "tests")
        }
        #expect(code == .failedPrecondition)
        #expect(try await log.check().fault == nil)
        _ = try await log.append(Self.set("one", encoder: third.encoder), change: [9], source: "tests")
        _ = try await log.append(.switchModels(third), change: [9], source: "tests")
        #expect(try await log.check().fault == nil)
        let exported = try await log.export().page(after: .start).exemplars
        #expect(exported.map(\.text.value) == ["one", "three", "eleven"])
        #expect(exported.allSatisfy { $0.encoder == third.encoder })
        try await log.close()
    }
}

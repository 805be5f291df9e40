import Core
import GRDB
import Testing

@testable import UpdateStore

/// Files of `log.sqlite` that another version wrote.
@Suite(.timeLimit(.minutes(1))) struct VersionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Leaves a log with two exemplars as the first version would have.
    ///
    /// - Returns: its head.
    private func writeFirstVersion() async throws -> LogHead {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(
            Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("three", "y")])
        )
        let head = log.head
        try await log.close()
        let queue = try DatabaseQueue(path: folder.path + "/log.sqlite")
        try await queue.write { db in
            try db.execute(
                sql: """
                    ALTER TABLE log DROP COLUMN next_encoder_id;
                    ALTER TABLE exemplar DROP COLUMN vector_seq;
                    ALTER TABLE exemplar DROP COLUMN next_seq;
                    ALTER TABLE exemplar DROP COLUMN next_term;
                    DROP TABLE key;
                    PRAGMA user_version = 1;
                    """
            )
        }
        try queue.close()
        return head
    }

    @Test func theFirstIsBroughtUpToDateAndLosesNothing() async throws {
        let head = try await writeFirstVersion()
        let log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(log.head.position == head.position)
        #expect(log.head.digest == head.digest)
        #expect(try await log.check() == LogCheck(operations: 1, records: 2, exemplars: 2, fault: nil))
        let missing = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        #expect(missing.map(\.text.value) == ["one", "three"])
        let sets = missing.map {
            VectorSet(vertical: $0.vertical, exemplar: $0.id, vector: Samples.vector(9), encoder: Samples.otherEncoder)
        }
        _ = try await log.append(.setVectors(sets), change: [9], source: "tests")
        let next = EncoderShape(encoder: Samples.otherEncoder, dimensions: 8)
        _ = try await log.append(.switchModels(next), change: [9], source: "tests")
        #expect(log.encoder == next)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    @Test func theFirstIsReadByNobodyWhoMayNotBringItUpToDate() async throws {
        _ = try await writeFirstVersion()
        let reader = try DataDirectoryReader(folder.path)
        let error = await #expect(throws: SwitchboardError.self) { _ = try await reader.log() }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("the next start of a node brings it up to date") == true)
    }

    @Test func aProgramOfTheFirstOpensNoSecond() async throws {
        let log = try UpdateLog(in: DataDirectory(folder.path))
        try await log.close()
        let first = StoreSchema(
            applicationID: StoreSchema.log.applicationID,
            name: StoreSchema.log.name,
            steps: [StoreSchema.log.steps[0]]
        )
        let error = #expect(throws: SwitchboardError.self) {
            _ = try StoreFile.open(folder.path + "/log.sqlite", schema: first)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("start the newer program") == true)
    }
}

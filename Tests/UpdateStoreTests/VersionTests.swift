import Core
import Foundation
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
                sql: Self.withoutLater + """
                    ALTER TABLE log DROP COLUMN next_encoder_id;
                    ALTER TABLE exemplar DROP COLUMN vector_seq;
                    ALTER TABLE exemplar DROP COLUMN next_seq;
                    ALTER TABLE exemplar DROP COLUMN next_term;
                    PRAGMA user_version = 1;
                    """
            )
        }
        try queue.close()
        return head
    }

    /// Takes away what the third and the fourth version added.
    private static let withoutLater = """
        DROP TABLE key;
        DROP VIEW exemplar;
        ALTER TABLE exemplar_row RENAME TO exemplar;
        ALTER TABLE exemplar DROP COLUMN next_change;
        ALTER TABLE log DROP COLUMN serving_change;
        ALTER TABLE log DROP COLUMN next_change;
        ALTER TABLE log DROP COLUMN next_count;
        ALTER TABLE log DROP COLUMN next_sum;

        """

    @Test func aChangeThatTheSecondHadBegunGoesOn() async throws {
        var log = try UpdateLog(in: DataDirectory(folder.path))
        _ = try await log.append(
            Samples.batch("a", [try Samples.upsert("one", "x"), try Samples.upsert("three", "y")])
        )
        func set(_ exemplar: UnencodedExemplar) -> VectorSet {
            VectorSet(
                vertical: exemplar.vertical,
                exemplar: exemplar.id,
                vector: Samples.vector(9),
                encoder: Samples.otherEncoder
            )
        }
        let missing = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        _ = try await log.append(.setVectors([set(missing[0])]), change: [9], source: "tests")
        try await log.close()
        let queue = try DatabaseQueue(path: folder.path + "/log.sqlite")
        try await queue.write { db in try db.execute(sql: Self.withoutLater + "PRAGMA user_version = 2") }
        try queue.close()

        log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(try await log.check().fault == nil)
        #expect(try await log.count(with: Samples.otherEncoder) == 1)
        let left = try await log.exemplars(without: Samples.otherEncoder, after: .start, limit: 10)
        #expect(left.map(\.text.value) == ["three"])
        _ = try await log.append(.setVectors(left.map(set)), change: [9], source: "tests")
        let next = EncoderShape(encoder: Samples.otherEncoder, dimensions: 8)
        _ = try await log.append(.switchModels(next), change: [9], source: "tests")
        #expect(try await log.check().fault == nil)
        try await log.close()
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

    /// Made by the steps of the schema as they were released, with the rows that a log of now has for it.
    @Test(arguments: 1..<StoreSchema.log.steps.count) func eachEarlierOneIsBroughtUpToDate(version: Int) async throws {
        var log = try UpdateLog(in: DataDirectory(folder.path))
        for index in 0..<20 {
            _ = try await log.append(
                Samples.batch(
                    "\(index)",
                    [
                        try Samples.upsert("one \(index)", "x/\(index % 3)"),
                        try Samples.upsert("two", "y/\(index % 4)"),
                        try Samples.set("x", description: "about \(index)"),
                    ]
                )
            )
        }
        _ = try await log.append(Samples.batch("r", [try Samples.remove("one 3")]))
        let (head, intents) = (log.head, log.taxonomy.all)
        let records = try await log.operations(after: .start, limit: ReadLimit(records: .max, bytes: .max))
        try await log.close()
        try makeEarlier(version)

        do {
            let reader = try DataDirectoryReader(folder.path)
            #expect(await SwitchboardError.code { _ = try await reader.log() } == .failedPrecondition)
        }
        log = try UpdateLog(in: DataDirectory(folder.path))
        #expect(log.head.position == head.position)
        #expect(log.head.digest == head.digest)
        #expect(log.taxonomy.all == intents)
        #expect(try await log.operations(after: .start, limit: ReadLimit(records: .max, bytes: .max)) == records)
        #expect(try await log.check().fault == nil)
        #expect(try await log.append(Samples.batch("new", [try Samples.upsert("new", "x")])).added == 1)
        #expect(try await log.check().fault == nil)
        try await log.close()
    }

    /// Puts a file of an earlier version in the place of the log, with what its tables have columns for.
    private func makeEarlier(_ version: Int) throws {
        let (path, old) = (folder.path + "/log.sqlite", folder.path + "/old.sqlite")
        let queue = try DatabaseQueue(path: old)
        try queue.writeWithoutTransaction { db in
            for step in StoreSchema.log.steps[..<version] { try db.execute(sql: step) }
            try db.execute(
                sql: """
                    PRAGMA application_id = \(StoreSchema.log.applicationID);
                    PRAGMA user_version = \(version);
                    ATTACH DATABASE '\(path)' AS now;
                    """
            )
            let tables = try String.fetchAll(db, sql: "SELECT name FROM main.sqlite_master WHERE type = 'table'")
            for table in tables {
                let columns = try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info('\(table)', 'main')")
                    .joined(separator: ", ")
                try db.execute(sql: "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM now.\(table)")
            }
            try db.execute(sql: "DETACH DATABASE now")
        }
        try queue.close()
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: old, toPath: path)
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

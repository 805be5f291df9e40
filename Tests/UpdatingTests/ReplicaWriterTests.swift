import Core
import Index
import Testing

@testable import Updating

@Suite(.timeLimit(.minutes(1))) struct ReplicaWriterTests {
    @Test func aReplicaIsReadOnceItHasCaughtUp() async throws {
        try await Self.withWriter { writer in
            await writer.begin(at: Self.position(2))
            #expect(writer.replica == nil)
            try await writer.apply([try Self.record(1)], of: Self.log)
            #expect(writer.replica == nil)
            #expect(await writer.state().position == Self.position(1))
            try await writer.apply([try Self.record(2)], of: Self.log)
            #expect(writer.replica?.snapshot.position == Self.position(2))
            #expect(writer.progress.value.position == Self.position(2))
        }
    }

    @Test func anEmptyLogIsCaughtUpWithAtOnce() async throws {
        try await Self.withWriter { writer in
            await writer.begin(at: Self.position(0))
            #expect(writer.replica?.snapshot.position == Self.position(0))
        }
    }

    @Test(arguments: [LogID(7), LogID(8)])
    func theOldReplicaIsReadUntilTheNewOneHasCaughtUp(next: LogID) async throws {
        try await Self.withWriter { writer in
            await writer.begin(at: Self.position(1))
            try await writer.apply([try Self.record(1)], of: Self.log)
            await writer.reset()
            // The follower asks for the log from its beginning, readers go on.
            #expect(await writer.state().position == nil)
            #expect(writer.progress.value.isStartingAnew)
            let head = LogPosition(log: next, sequence: LogSequence(2))
            await writer.begin(at: head)
            try await writer.apply([try Self.record(1)], of: next)
            #expect(writer.replica?.snapshot.position == Self.position(1))
            #expect(writer.progress.value.isStartingAnew)
            try await writer.apply([try Self.record(2)], of: next)
            #expect(writer.replica?.snapshot.position == head)
            #expect(
                writer.progress.value
                    == ReplicaWriter.Progress(position: head, isStartingAnew: false, isUpdaterSilent: false)
            )
        }
    }

    @Test func whoWaitsForARecordOfTheNewLogGetsItAndOfTheOldOneAnError() async throws {
        try await Self.withWriter { writer in
            await writer.begin(at: Self.position(1))
            try await writer.apply([try Self.record(1)], of: Self.log)
            await writer.reset()
            let head = LogPosition(log: LogID(8), sequence: LogSequence(1))
            // What is read still has it.
            try await writer.waitUntilApplied(Self.position(1))
            let new = Task { try await writer.waitUntilApplied(head) }
            let old = Task { try await writer.waitUntilApplied(Self.position(2)) }
            await writer.begin(at: head)
            try await writer.apply([try Self.record(1)], of: LogID(8))
            try await new.value
            await #expect {
                try await old.value
            } throws: {
                ($0 as? SwitchboardError)?.code == .failedPrecondition
            }
        }
    }

    @Test func whatStartsAnewStandsBeforeNoRecord() async throws {
        try await Self.withWriter { writer in
            await writer.begin(at: Self.position(3))
            await #expect(throws: SwitchboardError.self) {
                try await writer.apply([try Self.record(3)], of: Self.log)
            }
            #expect(await writer.isStopped)
            await writer.reset()
            #expect(await !writer.isStopped)
        }
    }

    private static let log = LogID(7)

    private static func position(_ sequence: UInt64) -> LogPosition {
        LogPosition(log: log, sequence: LogSequence(sequence))
    }

    private static func record(_ sequence: UInt64) throws -> LogRecord {
        LogRecord(
            sequence: LogSequence(sequence),
            stamp: OperationStamp(
                operation: [UInt8(sequence)],
                change: [1],
                source: "tests",
                author: "tests",
                timeMicroseconds: 0
            ),
            fact: .exemplarUpserted(
                ExemplarUpserted(
                    vertical: .default,
                    text: try UtteranceText("text number \(sequence)"),
                    path: try IntentPath("a"),
                    vector: [Float](repeating: 0.25, count: 16),
                    encoder: try #require(ModelID(bytes: [UInt8](repeating: 1, count: ModelID.byteCount)))
                )
            )
        )
    }

    private static func withWriter(_ body: (ReplicaWriter) async throws -> Void) async throws {
        let executor = ThreadExecutor(name: "test-replica")
        let writer = ReplicaWriter(executor: executor, settings: IndexSettings(dimension: 16))
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(writer))
        } catch {
            result = .failure(error)
        }
        await writer.shutDown()
        executor.stop()
        try result.get()
    }
}

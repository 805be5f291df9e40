import Core
import Index
import Logging
import Messaging
import Models
import Testing
import Updating
import Wire

@testable import Routing

/// Which encoders a retriever loads, and when.
@Suite(.timeLimit(.minutes(1))) struct RetrieverTests {
    @Test func anEncoderWhoseFileIsPutThereLaterIsFoundThoughTheIndexDoesNotChange() async throws {
        let (own, made) = (try StillEncoder(1), try StillEncoder(2))
        let queue = ComputeQueue(encoder: own, scorer: nil, limits: .init(threads: 1))
        let (isThere, misses) = (CurrentValue(false), CurrentValue(0))
        let shelf = EncoderShelf(LocalEncoding(own, on: queue), queue: queue) {
            (_: ModelID) async throws(SwitchboardError) -> any TextEncoding in
            guard isThere.value else {
                misses.set(misses.value + 1)
                throw SwitchboardError(.failedPrecondition, "there is no such file")
            }
            return made
        }
        let executor = ThreadExecutor(name: "test-replica")
        let writer = ReplicaWriter(executor: executor, settings: IndexSettings(dimension: 16))
        let log = LogID(7)
        await writer.begin(at: LogPosition(log: log, sequence: LogSequence(1)))
        try await writer.apply([try Self.record(made.id)], of: log)
        let loop = PollLoop(name: "test-retriever")
        let retriever = Retriever(
            name: "retriever",
            encoders: shelf,
            queue: queue,
            writer: writer,
            loop: loop,
            secondLook: .milliseconds(20),
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
        let able = Task { await retriever.waitUntilAble() }
        for await count in misses.values() where count > 0 { break }
        #expect(retriever.refusal?.code == .failedPrecondition)
        isThere.set(true)
        await able.value
        #expect(retriever.refusal == nil)
        #expect(retriever.hello.encoder == made.id)
        await writer.shutDown()
        executor.stop()
        loop.stop()
    }

    private static func record(_ encoder: ModelID) throws -> LogRecord {
        LogRecord(
            sequence: LogSequence(1),
            stamp: OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0),
            fact: .exemplarUpserted(
                ExemplarUpserted(
                    vertical: .default,
                    text: try UtteranceText("hello"),
                    path: try IntentPath("greeting"),
                    vector: [1] + [Float](repeating: 0, count: 15),
                    encoder: encoder
                )
            )
        )
    }
}

/// An encoder that is known and never used.
private final class StillEncoder: TextEncoding {
    let id: ModelID
    let dimension = 16

    init(_ number: UInt8) throws {
        id = try #require(ModelID(bytes: [UInt8](repeating: number, count: ModelID.byteCount)))
    }

    func makeContext() throws(SwitchboardError) -> any TextEncodingContext {
        throw SwitchboardError(.unimplemented, "it is not to be used")
    }
}

import Core
import Index
import Testing
import Wire

@testable import Routing
@testable import Updating

@Suite struct RetrievalTests {
    @Test func vectorsOfAnotherEncoderAreNotCompared() throws {
        let made = try Self.encoder(1)
        let other = try Self.encoder(2)
        let replica = Replica(log: LogID(7), settings: IndexSettings(dimension: 16))
        let request = RetrieveRequest(text: try UtteranceText("hello"))
        // An empty index is anybody's.
        #expect(Retrieval.mismatch(of: other, with: replica.snapshot) == nil)
        try replica.apply([
            LogRecord(
                sequence: LogSequence(1),
                stamp: OperationStamp(operation: [1], change: [1], source: "t", author: "t", timeMicroseconds: 0),
                fact: .exemplarUpserted(
                    ExemplarUpserted(
                        vertical: .default,
                        text: try UtteranceText("hello"),
                        path: try IntentPath("greeting"),
                        vector: Self.vector,
                        encoder: made
                    )
                )
            )
        ])
        let found = try Retrieval(request: request, encoder: made).run(
            on: replica.snapshot,
            vector: Self.vector,
            isTruncated: false
        )
        #expect(found.neighbours.count == 1)
        #expect {
            _ = try Retrieval(request: request, encoder: other).run(
                on: replica.snapshot,
                vector: Self.vector,
                isTruncated: false
            )
        } throws: {
            ($0 as? SwitchboardError)?.code == .failedPrecondition
        }
    }

    @Test func aReplicaThatStartsAnewIsUsedLastAndItsPositionIsNotTold() {
        let position = LogPosition(log: LogID(7), sequence: LogSequence(3))
        var state = ReplicaWriter.Progress(position: position, isStartingAnew: false, isUpdaterSilent: false)
        #expect(Retriever.applied(state) == WorkerApplied(position: position))
        state.isStartingAnew = true
        #expect(Retriever.applied(state) == WorkerApplied(position: nil, isUpdaterSilent: true))
    }

    /// Of unit length.
    private static let vector = [Float](repeating: 0.25, count: 16)

    private static func encoder(_ byte: UInt8) throws -> ModelID {
        try #require(ModelID(bytes: [UInt8](repeating: byte, count: ModelID.byteCount)))
    }
}

import CProtobufC
import Core
import Testing

@testable import Wire

/// One message type with its decoder and encoder, so that a test can go through all of them.
struct MessageKind: Sendable, CustomTestStringConvertible {
    let name: String
    /// As protobuf-c has it.
    let schemaName: String
    /// The bytes of a random value, and whether they decode to an equal value with the same bytes.
    let sample: @Sendable (inout SeededGenerator) throws -> (bytes: [UInt8], comesBack: Bool)
    /// Decodes and encodes again; `held` becomes the bytes of heap that unpacking took, also where it throws.
    let recode: @Sendable (_ bytes: [UInt8], _ held: inout Int) throws -> [UInt8]

    var testDescription: String { name }

    private init<Message: Sampled>(_ type: Message.Type) {
        name = Message.name
        schemaName = String(cString: Message.descriptor.pointee.name)
        sample = { generator in
            let value = Message.sample(&generator)
            let bytes = value.encoded()
            let back = try Message(decoding: bytes)
            return (bytes, back == value && back.encoded() == bytes)
        }
        recode = { bytes, held in
            try bytes.withUnsafeBytes { try Message.decode($0, Message.name, held: &held) }.encoded()
        }
    }

    static let all: [MessageKind] = [
        MessageKind(Header.self),
        MessageKind(ClassifyRequest.self),
        MessageKind(ClassifyResponse.self),
        MessageKind(Feedback.self),
        MessageKind(FeedbackResponse.self),
        MessageKind(IntentsRequest.self),
        MessageKind(IntentsResponse.self),
        MessageKind(EncodeRequest.self),
        MessageKind(EncodeResponse.self),
        MessageKind(RetrieveRequest.self),
        MessageKind(RetrieveResponse.self),
        MessageKind(ScoreRequest.self),
        MessageKind(ScoreResponse.self),
        MessageKind(JudgeRequest.self),
        MessageKind(JudgeResponse.self),
        MessageKind(NameRequest.self),
        MessageKind(NameResponse.self),
        MessageKind(WorkerMessage.self),
        MessageKind(GatewayMessage.self),
        MessageKind(AppendRequest.self),
        MessageKind(AppendReply.self),
        MessageKind(FollowRequest.self),
        MessageKind(FollowResponse.self),
        MessageKind(LogRecord.self),
        MessageKind(HistoryRequest.self),
        MessageKind(HistoryEntry.self),
        MessageKind(RollbackRequest.self),
        MessageKind(UndoRequest.self),
        MessageKind(ExportRequest.self),
        MessageKind(ExportResponse.self),
        MessageKind(SnapshotRequest.self),
        MessageKind(SnapshotResponse.self),
        MessageKind(TrimRequest.self),
        MessageKind(TrimResponse.self),
        MessageKind(ReencodeRequest.self),
        MessageKind(ReencodeResponse.self),
        MessageKind(PurgeRequest.self),
        MessageKind(PurgeReceipt.self),
        MessageKind(StatsRequest.self),
        MessageKind(StatsResponse.self),
        MessageKind(ListFeedbackRequest.self),
        MessageKind(ListFeedbackResponse.self),
        MessageKind(ListKeysRequest.self),
        MessageKind(ListKeysResponse.self),
        MessageKind(DiscoveryAddRequest.self),
        MessageKind(DiscoveryAddResponse.self),
        MessageKind(DiscoveryStartRequest.self),
        MessageKind(DiscoveryStartResponse.self),
        MessageKind(DiscoveryCancelRequest.self),
        MessageKind(DiscoveryCancelResponse.self),
        MessageKind(DiscoveryWatchRequest.self),
        MessageKind(DiscoveryWatchResponse.self),
        MessageKind(DiscoveryListRequest.self),
        MessageKind(DiscoveryListResponse.self),
        MessageKind(DiscoveryShowRequest.self),
        MessageKind(DiscoveryShowResponse.self),
        MessageKind(DiscoveryReviewRequest.self),
        MessageKind(DiscoveryReviewResponse.self),
        MessageKind(DiscoveryPurgeRequest.self),
        MessageKind(DiscoveryPurgeResponse.self),
        MessageKind(HealthRequest.self),
        MessageKind(HealthResponse.self),
    ]
}

/// The seed of this run: `SWITCHBOARD_SEED`, or a new one each time.
func chosenSeed() -> UInt64 {
    environment("SWITCHBOARD_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
}

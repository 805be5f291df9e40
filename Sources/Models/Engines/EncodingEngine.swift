package import Core

/// What a retriever has its vectors from: the node's own compute threads, or a server elsewhere.
package protocol EncodingEngine: Sendable {
    /// SHA-256 that stands in the log beside every vector.
    var id: ModelID { get }
    /// Numbers in a vector.
    var dimension: Int { get }
    /// Nil: in this process, so always able.
    var state: CurrentValue<EngineState>? { get }

    /// - Throws: as `ComputeQueue.encode`.
    func encode(
        _ texts: [String],
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<[EncodedText]>

    /// Encodes a text and goes on with its vector on a compute thread.
    ///
    /// - Throws: as `ComputeQueue.encode`, and what `body` throws.
    func encode<Value: Sendable>(
        _ text: String,
        _ order: ComputeOrder,
        then body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
    ) async throws(SwitchboardError) -> Computed<Value>
}

extension EncodingEngine {
    package var state: CurrentValue<EngineState>? { nil }
}

/// An encoder on a compute queue's threads.
package struct LocalEncoding: EncodingEngine {
    package let id: ModelID
    package let dimension: Int
    let encoder: any TextEncoding
    private let queue: ComputeQueue

    package init(_ encoder: any TextEncoding, on queue: ComputeQueue) {
        id = encoder.id
        dimension = encoder.dimension
        self.encoder = encoder
        self.queue = queue
    }

    package func encode(
        _ texts: [String],
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<[EncodedText]> {
        try await queue.encode(texts, order, by: encoder)
    }

    package func encode<Value: Sendable>(
        _ text: String,
        _ order: ComputeOrder,
        then body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
    ) async throws(SwitchboardError) -> Computed<Value> {
        try await queue.encode(text, order, by: encoder, then: body)
    }
}

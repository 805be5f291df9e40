package import Core
package import Models

/// A remote encoder beside a compute queue that searches.
package struct RemoteEncoding: EncodingEngine {
    package let id: ModelID
    package let dimension: Int
    package var state: CurrentValue<EngineState>? { encoder.state }

    private let encoder: RemoteEncoder
    private let queue: ComputeQueue

    /// - Parameter identity: what `encoder` found out.
    package init(_ encoder: RemoteEncoder, _ identity: RemoteEncoder.Identity, on queue: ComputeQueue) {
        id = identity.id
        dimension = identity.dimension
        self.encoder = encoder
        self.queue = queue
    }

    package func encode(
        _ texts: [String],
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<[EncodedText]> {
        try await encoder.encode(texts, order)
    }

    package func encode<Value: Sendable>(
        _ text: String,
        _ order: ComputeOrder,
        then body: @escaping @Sendable (EncodedText) throws(SwitchboardError) -> Value,
    ) async throws(SwitchboardError) -> Computed<Value> {
        let encoded = try await encoder.encode([text], order)
        // One text has one vector: the encoder checks it.
        let vector = encoded.value[0]
        let found = try await queue.retrieve(order, bytes: vector.vector.count * MemoryLayout<Float>.size) {
            () throws(SwitchboardError) in try body(vector)
        }
        var timings = found.timings
        timings.encoding = encoded.timings.encoding
        timings.batchTexts = encoded.timings.batchTexts
        return Computed(value: found.value, timings: timings)
    }
}

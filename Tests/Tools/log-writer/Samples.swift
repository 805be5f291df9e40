internal import Core

/// Made-up pairs, the same for the same numbers.
enum Samples {
    /// A unit vector that depends on `seed` alone.
    static func vector(_ seed: UInt64, dimensions: Int) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var vector: [Float] = []
        vector.reserveCapacity(dimensions)
        var square: Float = 0
        for _ in 0..<dimensions {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let figure = Float(Int32(truncatingIfNeeded: state >> 33)) / Float(Int32.max)
            square += figure * figure
            vector.append(figure)
        }
        let length = square.squareRoot()
        return vector.map { $0 / length }
    }

    static func encoder() -> ModelID? { ModelID(bytes: [UInt8](repeating: 7, count: ModelID.byteCount)) }

    /// A batch of new pairs, named by its operation.
    static func batch(operation: String, pairs: Int, dimensions: Int) throws(SwitchboardError) -> AppendBatch {
        var commands: [LogCommand] = []
        let seed = operation.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        for index in 0..<pairs {
            commands.append(
                .upsert(
                    UpsertCommand(
                        vertical: .default,
                        text: try UtteranceText("pair \(index) of operation \(operation)"),
                        path: try IntentPath("topic \(index % 7)/matter \(index % 50)"),
                        vector: vector(seed &+ UInt64(index), dimensions: dimensions),
                        encoder: encoder(),
                    )
                )
            )
        }
        return AppendBatch(
            operation: Array(operation.utf8),
            change: Array("load".utf8),
            source: "log-writer",
            author: "test",
            commands: commands
        )
    }
}

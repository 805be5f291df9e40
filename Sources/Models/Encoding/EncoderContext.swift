internal import CLlama
package import Core

/// What one thread encodes with: several texts in one call of llama.cpp, up to a budget of tokens.
///
/// Belongs to one thread at a time; holds its model. The same text gives the same vector alone and in company up to
/// rounding (below 1e-3 in any component).
package final class EncoderContext: TextEncodingContext {
    /// Most texts in one call of llama.cpp.
    package static let maximumTexts = 64

    private let model: EncoderModel
    private let context: LlamaContext
    private let batchTokens: Int
    private var batch: LlamaBatch

    /// - Parameter batchTokens: most tokens in one call of llama.cpp, at least what one text may have. Each costs
    ///   llama.cpp a row of the vocabulary in memory (0.12 MB for BERT's).
    /// - Throws: `.resourceExhausted` where there is too little memory.
    package init(model: EncoderModel, batchTokens: Int = EncoderModel.maximumTokens) throws(SwitchboardError) {
        precondition(batchTokens >= EncoderModel.maximumTokens, "a batch must have room for the longest text")
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(batchTokens)
        // Attention goes both ways, so llama.cpp takes the whole batch at once.
        parameters.n_batch = UInt32(batchTokens)
        parameters.n_ubatch = UInt32(batchTokens)
        parameters.n_seq_max = UInt32(Self.maximumTexts)
        parameters.kv_unified = true
        parameters.embeddings = true
        parameters.pooling_type = LLAMA_POOLING_TYPE_MEAN
        parameters.attention_type = LLAMA_ATTENTION_TYPE_NON_CAUSAL
        context = try LlamaContext(model: model.model, parameters: parameters)
        batch = LlamaBatch(capacity: batchTokens, sequences: 1)
        self.model = model
        self.batchTokens = batchTokens
    }

    /// - Throws: `.internal` when llama.cpp fails, which it has no reason to.
    package func encode(_ texts: [String]) throws(SwitchboardError) -> [EncodedText] {
        var encoded: [EncodedText] = []
        encoded.reserveCapacity(texts.count)
        var group: [(tokens: [llama_token], isTruncated: Bool)] = []
        var groupTokens = 0
        for text in texts {
            let (tokens, isTruncated) = model.tokens(of: text)
            if group.count == Self.maximumTexts || groupTokens + tokens.count > batchTokens {
                try run(group, into: &encoded)
                group.removeAll(keepingCapacity: true)
                groupTokens = 0
            }
            group.append((tokens, isTruncated))
            groupTokens += tokens.count
        }
        if !group.isEmpty {
            try run(group, into: &encoded)
        }
        return encoded
    }

    private func run(
        _ group: [(tokens: [llama_token], isTruncated: Bool)],
        into encoded: inout [EncodedText],
    ) throws(SwitchboardError) {
        batch.removeAll()
        for (sequence, text) in group.enumerated() {
            for (position, token) in text.tokens.enumerated() {
                batch.append(token, at: position, in: sequence, wantsOutput: true)
            }
        }
        let result = llama_encode(context.pointer, batch.raw)
        guard result == 0 else {
            throw SwitchboardError(
                .internal,
                "the encoder failed",
                cause: LlamaError(operation: "llama_encode", code: .init(rawValue: result))
            )
        }
        for (sequence, text) in group.enumerated() {
            guard let pooled = llama_get_embeddings_seq(context.pointer, llama_seq_id(sequence)) else {
                throw SwitchboardError(
                    .internal,
                    "the encoder gave no vector",
                    cause: LlamaError(operation: "llama_get_embeddings_seq", code: .nothing)
                )
            }
            let vector = Self.unit(UnsafeBufferPointer(start: pooled, count: model.dimension))
            encoded.append(EncodedText(vector: vector, tokens: text.tokens.count, isTruncated: text.isTruncated))
        }
    }

    private static func unit(_ numbers: UnsafeBufferPointer<Float>) -> [Float] {
        var squares = 0.0
        for number in numbers { squares += Double(number) * Double(number) }
        // A vector of zeros has no direction; it stays as it is.
        let scale = squares > 0 ? Float(1 / squares.squareRoot()) : 0
        return numbers.map { $0 * scale }
    }
}

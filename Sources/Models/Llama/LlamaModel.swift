internal import CLlama
internal import Core

/// A loaded model, never changed once loaded; contexts and adapters hold it strongly, so it is freed after them.
///
/// Any thread may use it.
final class LlamaModel: @unchecked Sendable {
    // @unchecked: llama.cpp only reads a loaded model, from any number of threads (its own test-thread-safety does).
    let pointer: OpaquePointer
    private let vocabulary: OpaquePointer

    /// Maps the file into memory.
    ///
    /// - Throws: `.failedPrecondition` with llama.cpp's complaint.
    init(_ file: ModelFile, backend: LlamaBackend) throws(SwitchboardError) {
        var parameters = llama_model_default_params()
        parameters.n_gpu_layers = 0
        let (loaded, complaints) = backend.complaints { llama_model_load_from_file(file.path, parameters) }
        guard let loaded, let vocabulary = llama_model_get_vocab(loaded) else {
            throw file.unusable(
                "cannot be loaded: \(complaints.first ?? "llama.cpp gives no reason")",
                cause: LlamaError(operation: "llama_model_load_from_file", code: .nothing),
            )
        }
        pointer = loaded
        self.vocabulary = vocabulary
    }

    deinit {
        llama_model_free(pointer)
    }

    var dimension: Int { Int(llama_model_n_embd_out(pointer)) }
    var vocabularySize: Int { Int(llama_vocab_n_tokens(vocabulary)) }
    var trainedContext: Int { Int(llama_model_n_ctx_train(pointer)) }
    var hasDecoder: Bool { llama_model_has_decoder(pointer) }
    /// Whether its state is no row of cells that sequences can share.
    var isRecurrent: Bool { llama_model_is_recurrent(pointer) || llama_model_is_hybrid(pointer) }

    /// The word piece tokenizer of a model of BERT's family; nil for others.
    func wordPieceTokenizer() -> WordPieceTokenizer? {
        guard llama_vocab_type(vocabulary) == LLAMA_VOCAB_TYPE_WPM else { return nil }
        var texts: [String?] = []
        texts.reserveCapacity(vocabularySize)
        var unknown: llama_token?
        for token in 0..<llama_token(vocabularySize) {
            let text = llama_vocab_get_text(vocabulary, token).map { String(cString: $0) }
            if text == "[UNK]" { unknown = token }
            let isSpecial = llama_vocab_is_control(vocabulary, token)
            texts.append(isSpecial || text == "[UNK]" ? nil : text)
        }
        guard let unknown else { return nil }
        let lowercases = metadata("tokenizer.ggml.normalizer.lowercase") != "false"
        let stripsAccents = metadata("tokenizer.ggml.normalizer.strip_accents").map { $0 == "true" } ?? lowercases
        return WordPieceTokenizer(
            vocabulary: texts,
            unknown: unknown,
            settings: .init(lowercases: lowercases, stripsAccents: stripsAccents)
        )
    }

    /// What stands before and after a text in a model of BERT's family.
    var frame: (start: llama_token, end: llama_token) { (llama_vocab_bos(vocabulary), llama_vocab_sep(vocabulary)) }

    /// A value of the file's metadata as text; nil where the key is not there.
    func metadata(_ key: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = llama_model_meta_val_str(pointer, key, &buffer, buffer.count)
        guard length >= 0 else { return nil }
        return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }

    /// Tokens of `text`. Special tokens written out in the text (`<|im_end|>`, `[SEP]`) stay ordinary text.
    ///
    /// - Parameter framed: whether the tokens that the model wants at the start and the end are added.
    func tokens(of text: String, framed: Bool) -> [llama_token] {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                var room = characters.count + 2
                while true {
                    var count: Int32 = 0
                    let tokens = [llama_token](unsafeUninitializedCapacity: room) { buffer, filled in
                        count = llama_tokenize(
                            vocabulary,
                            characters.baseAddress,
                            Int32(characters.count),
                            buffer.baseAddress,
                            Int32(room),
                            framed,
                            false
                        )
                        filled = max(0, Int(count))
                    }
                    if count >= 0 { return tokens }
                    // A negative count says how much room is needed.
                    room = Int(-count)
                }
            }
        }
    }
}

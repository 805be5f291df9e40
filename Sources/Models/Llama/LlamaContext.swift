internal import CLlama
internal import Core

/// A llama.cpp context with one ggml thread: several on busy cores spin at barriers and are many times slower.
///
/// Belongs to one thread at a time. Holds its model, so the model is freed after it.
final class LlamaContext {
    let pointer: OpaquePointer
    let model: LlamaModel

    /// - Throws: `.resourceExhausted` where the memory for it cannot be had.
    init(model: LlamaModel, parameters: llama_context_params) throws(SwitchboardError) {
        var parameters = parameters
        parameters.n_threads = 1
        parameters.n_threads_batch = 1
        parameters.no_perf = true
        guard let made = llama_init_from_model(model.pointer, parameters) else {
            throw SwitchboardError(
                .resourceExhausted,
                "a context of the model cannot be made; there may be too little memory",
                cause: LlamaError(operation: "llama_init_from_model", code: .nothing)
            )
        }
        pointer = made
        self.model = model
    }

    deinit {
        llama_free(pointer)
    }
}

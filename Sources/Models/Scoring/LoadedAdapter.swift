internal import CLlama
internal import Core

/// A LoRA adapter beside the model that it was made for; freed by llama.cpp together with that.
struct LoadedAdapter {
    let pointer: OpaquePointer
    /// SHA-256 of the file.
    let id: ModelID
    /// What its training says it is for: a prompt's form, or names; nil: it does not say.
    let purpose: String?

    /// - Parameters:
    ///   - modelPath: of the model's file, for the words.
    ///   - purposes: those that are accepted.
    /// - Throws: `.failedPrecondition` where the file is missing, damaged, for another model or for another purpose.
    init(
        _ path: String,
        for model: LlamaModel,
        at modelPath: String,
        purposes: [String],
        _ backend: LlamaBackend,
    ) throws(SwitchboardError) {
        let file = try ModelFile(path: path, kind: .adapter)
        let (loaded, complaints) = backend.complaints { llama_adapter_lora_init(model.pointer, path) }
        guard let loaded else {
            throw file.unusable(
                "does not go with the model \(modelPath): \(complaints.first ?? "llama.cpp gives no reason")",
                cause: LlamaError(operation: "llama_adapter_lora_init", code: .nothing),
            )
        }
        pointer = loaded
        id = file.id
        purpose = Self.purpose(of: loaded)
        if let purpose, !purposes.contains(purpose) {
            throw file.unusable("was trained for '\(purpose)', and is wanted for \(purposes.joined(separator: " or "))")
        }
    }

    private static func purpose(of adapter: OpaquePointer) -> String? {
        var value = [CChar](repeating: 0, count: 32)
        guard llama_adapter_meta_val_str(adapter, "switchboard.prompt", &value, value.count) > 0 else { return nil }
        let bytes = value.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

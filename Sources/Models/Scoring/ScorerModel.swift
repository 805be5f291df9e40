internal import CLlama
package import Core

/// A language model (GGUF), with or without a LoRA adapter, loaded once and shared by every thread's `ScorerContext`.
package final class ScorerModel: CandidateScoring, @unchecked Sendable {
    // @unchecked: `loadedAdapter` is set in init and never changed; llama.cpp only reads it.
    package let baseModel: ModelID
    package let adapter: ModelID?
    package let path: String
    package let settings: ScorerSettings
    let model: LlamaModel
    /// Freed by llama.cpp together with the model.
    let loadedAdapter: OpaquePointer?
    /// The same model with the adapter that answers questions about clusters; nil: this one does.
    let namer: ScorerModel?

    /// What was made of lines that stand apart.
    let lines: LineCache

    package var prompt: ModelID { settings.form.id }
    package var clusterModels: ScoringModels? {
        ScoringModels(base: baseModel, adapter: (namer ?? self).adapter, prompt: ClusterPrompt.id)
    }
    package var promptTokens: Int { settings.promptTokens }

    /// Reads and loads the files.
    ///
    /// - Parameters:
    ///   - adapterPath: a LoRA adapter in GGUF, made for this very model.
    ///   - namerPath: another one, which is put to work for questions about clusters alone.
    /// - Throws: `.failedPrecondition` when a file is missing, damaged, no language model, or an adapter for another
    ///   model; the message names the file and what mends it.
    package convenience init(
        path: String,
        adapterPath: String? = nil,
        namerPath: String? = nil,
        settings: ScorerSettings = .init(),
        backend: LlamaBackend,
    ) throws(SwitchboardError) {
        let file = try ModelFile(path: path, kind: .scorer)
        let model = try LlamaModel(file, backend: backend)
        let architecture = model.metadata("general.architecture") ?? "unknown"
        guard model.metadata("\(architecture).attention.causal") != "false", model.hasDecoder else {
            throw file.unusable("is no language model: its architecture is '\(architecture)'")
        }
        guard !model.isRecurrent else {
            throw file.unusable("is a recurrent model, in which candidates cannot share a prompt")
        }
        guard model.trainedContext >= settings.contextTokens else {
            throw file.unusable("reads \(model.trainedContext) tokens; \(settings.contextTokens) are asked for")
        }
        let loaded = try adapterPath.map { path throws(SwitchboardError) in
            try LoadedAdapter(path, for: model, at: file.path, purposes: PromptForm.allCases.map(\.rawValue), backend)
        }
        let namer = try namerPath.map { path throws(SwitchboardError) in
            try LoadedAdapter(path, for: model, at: file.path, purposes: [ClusterPrompt.purpose], backend)
        }
        var settings = settings
        if let form = loaded?.purpose.flatMap(PromptForm.init(rawValue:)) { settings.form = form }
        self.init(
            model,
            file,
            loaded,
            settings,
            namer: namer.map { adapter in
                var settings = settings
                settings.form = .joined
                return ScorerModel(model, file, adapter, settings, namer: nil)
            }
        )
    }

    private init(
        _ model: LlamaModel,
        _ file: ModelFile,
        _ adapter: LoadedAdapter?,
        _ settings: ScorerSettings,
        namer: ScorerModel?,
    ) {
        baseModel = file.id
        path = file.path
        self.adapter = adapter?.id
        loadedAdapter = adapter?.pointer
        self.settings = settings
        self.model = model
        self.namer = namer
        lines = LineCache(limit: settings.form == .apart ? settings.lineCacheBytes : 0)
    }

    package func makeContext() throws(SwitchboardError) -> any CandidateScoringContext {
        try ScorerContext(model: self)
    }
}

/// How much a scorer reads, and in what pieces.
package struct ScorerSettings: Sendable, Hashable {
    /// Cells of a context: the prompt's and the candidates' tokens together.
    package var contextTokens: Int
    /// Most tokens of earlier turns.
    package var turnTokens: Int
    /// Tokens of the prompt that are computed in one go. Others are let in between llama.cpp's operations too, so this is
    /// about speed alone: 64 took 12 % longer than 256 for a prompt of 179 tokens.
    package var pieceTokens: Int
    /// An adapter that says what it was trained on overrules this.
    package var form: PromptForm
    /// Most bytes of lines that stand apart: 23 KB a token for the model that is installed.
    package var lineCacheBytes: Int

    /// Cells that are kept free for candidates: more than the longest path has (8 levels of 64 bytes).
    static let candidateTokens = 640
    /// Most tokens of candidates that are computed in one go. Each costs a row of the vocabulary in memory. Below 64, where
    /// llama.cpp's attention goes through the cells one by one and skips what is hidden: so a candidate's figure is the
    /// same to the last bit, whichever others are asked for with it.
    static let candidateBatch = 63

    package init(
        contextTokens: Int = 2_048,
        turnTokens: Int = 256,
        pieceTokens: Int = 256,
        form: PromptForm = .joined,
        lineCacheBytes: Int = 256 << 20,
    ) {
        precondition(contextTokens >= Self.candidateTokens + 256, "a context holds a prompt and candidates")
        precondition(pieceTokens > 0 && turnTokens >= 0, "tokens are counted from 0 up, and pieces hold some")
        self.contextTokens = contextTokens
        self.turnTokens = turnTokens
        self.pieceTokens = pieceTokens
        self.form = form
        self.lineCacheBytes = lineCacheBytes
    }

    /// Most tokens of a prompt.
    package var promptTokens: Int { contextTokens - Self.candidateTokens }
}

internal import CLlama
package import Core

/// What one thread scores with: prompts once, in pieces, then all candidates on top of them.
///
/// A prompt's cells belong to one sequence for each candidate (`kv_unified`), the candidates' tokens to those that pass
/// through them, so nothing is copied or computed twice. What all prompts begin with is computed when the context is made
/// and stays. Inputs that are scored together have sequences of their own side by side; their prompts fill pieces
/// together, and their candidates calls of at most 63 tokens. Where the candidates of one input need more cells than are
/// free, they go in several rounds.
///
/// Belongs to one thread at a time; holds its model. Every figure agrees with the plain way, one candidate at a time
/// (`scoreOneByOne`), but for what llama.cpp rounds otherwise where tokens are cut into other pieces.
package final class ScorerContext: CandidateScoringContext {
    /// Holds what all prompts begin with, and none of the inputs.
    static let prefixSequence = ScoringInput.maximumCandidates

    let model: ScorerModel
    let context: LlamaContext
    /// What all prompts begin with.
    let prefix: [Int32]
    let vocabularySize: Int64
    let poll: AbortPoll
    var batch: LlamaBatch
    /// With the adapter for names, where there is one, from the first question about a cluster on.
    var naming: ScorerContext?
    /// Rows of the vocabulary that one call may ask for.
    let outputs: Int
    /// Tokens that one call may compute.
    let batchTokens: Int

    /// - Parameter outputs: rows of the vocabulary (0.2 MB each) that one call may ask for; `scoreInOneBatch` needs more
    ///   than the other ways.
    /// - Throws: `.resourceExhausted` where there is too little memory.
    package init(model: ScorerModel, outputs: Int = 0) throws(SwitchboardError) {
        let settings = model.settings
        batchTokens = max(settings.pieceTokens, ScorerSettings.candidateBatch)
        let sequences = Self.firstLineSequence + (settings.form == .apart ? Self.lineSequences : 0)
        // llama.cpp wants room for one a sequence.
        self.outputs = max(outputs, ScorerSettings.candidateBatch, sequences)
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(settings.contextTokens)
        parameters.n_batch = UInt32(settings.contextTokens)
        parameters.n_ubatch = UInt32(batchTokens)
        parameters.n_outputs_max = UInt32(self.outputs)
        parameters.n_seq_max = UInt32(sequences)
        parameters.kv_unified = true
        let poll = AbortPoll()
        // The context holds the poll as long as llama.cpp may call it.
        parameters.abort_callback = { data in
            guard let data else { return false }
            return Unmanaged<AbortPoll>.fromOpaque(data).takeUnretainedValue().shouldAbort()
        }
        parameters.abort_callback_data = Unmanaged.passUnretained(poll).toOpaque()
        context = try LlamaContext(model: model.model, parameters: parameters)
        if model.loadedAdapter != nil {
            var adapter = model.loadedAdapter
            var scale: Float = 1
            let result = llama_set_adapters_lora(context.pointer, &adapter, 1, &scale)
            guard result == 0 else {
                throw SwitchboardError(
                    .internal,
                    "the adapter cannot be put into a context",
                    cause: LlamaError(operation: "llama_set_adapters_lora", code: .init(rawValue: result))
                )
            }
        }
        batch = LlamaBatch(capacity: batchTokens, sequences: ScoringInput.maximumCandidates)
        self.model = model
        self.poll = poll
        vocabularySize = Int64(model.model.vocabularySize)
        prefix = model.model.tokens(of: Prompt.instruction, framed: false)
        precondition(prefix.count <= batchTokens, "the instruction is a dozen tokens")
        for (position, token) in prefix.enumerated() {
            batch.append(token, at: position, in: Self.prefixSequence, wantsOutput: false)
        }
        try decode(batch)
    }

    package func score(_ input: ScoringInput, interruption: Interruption) throws(SwitchboardError) -> ScoringOutput {
        var result: Result<ScoringOutput, SwitchboardError>?
        let member = ScoringBatch.Member(input, stopReason: interruption.stopReason) { result = $0 }
        score(ScoringBatch([member], serve: interruption.serve))
        guard let result else { preconditionFailure("each member of a batch is told") }
        return try result.get()
    }

    package func score(_ batch: ScoringBatch) {
        let watch = ScoringWatch(batch)
        var tasks: [ScoringTask] = []
        for (member, asked) in batch.members.enumerated() {
            do throws(SwitchboardError) {
                tasks.append(try task(member, asked.input, interruption: watch.interruption(of: member)))
            } catch {
                watch.finish(member, .failure(error))
            }
        }
        let room = ScoringNeed(
            cells: model.settings.contextTokens - prefix.count,
            sequences: ScoringInput.maximumCandidates
        )
        for group in ScoringNeed.groups(tasks.map { $0.need(sharing: prefix.count) }, within: room) {
            score(Array(tasks[group]), watch)
        }
    }

    private func task(
        _ member: Int,
        _ input: ScoringInput,
        interruption: Interruption,
    ) throws(SwitchboardError) -> ScoringTask {
        guard (1...ScoringInput.maximumCandidates).contains(input.candidates.count) else {
            throw .invalid(
                "a score needs 1 to \(ScoringInput.maximumCandidates) candidates, not \(input.candidates.count)"
            )
        }
        guard input.headStarts.isEmpty || input.headStarts.count == input.candidates.count,
            input.headStarts.allSatisfy(\.isFinite)
        else {
            throw .invalid(
                "there are \(input.headStarts.count) head starts for \(input.candidates.count) candidates; none, or a "
                    + "finite figure for each is accepted"
            )
        }
        let prompt = try self.prompt(for: input, interruption: interruption)
        precondition(prompt.tokens.starts(with: prefix), "every prompt begins with the instruction")
        return ScoringTask(
            member: member,
            prompt: prompt,
            layout: PromptLayout(prompt, form: model.settings.form, prefix: prefix.count),
            candidates: try tokens(ofCandidates: input.candidates, interruption: interruption),
            headStarts: input.headStarts
        )
    }
}

extension ScorerContext {
    /// What the language model reads of an input, as tokens: for whoever trains an adapter on the very same.
    ///
    /// - Returns: also how many lines behind the instruction are pairs'.
    package func tokens(
        of input: ScoringInput
    ) throws(SwitchboardError) -> (prompt: [Int32], pairs: Int, candidates: [[Int32]]) {
        let prompt = try self.prompt(for: input, interruption: .none)
        let candidates = try tokens(ofCandidates: input.candidates, interruption: .none)
        return (prompt.tokens, prompt.lines.count, candidates)
    }

    func prompt(for input: ScoringInput, interruption: Interruption) throws(SwitchboardError) -> PromptTokens {
        try PromptTokens(input, settings: model.settings) { text throws(SwitchboardError) in
            try tokens(of: text, interruption: interruption)
        }
    }

    func tokens(
        ofCandidates candidates: [IntentPath],
        interruption: Interruption,
    ) throws(SwitchboardError) -> [[Int32]] {
        var tokens: [[Int32]] = []
        for candidate in candidates {
            tokens.append(try self.tokens(of: Prompt.ending(intent: candidate.spoken), interruption: interruption))
        }
        return tokens
    }

    func tokens(of text: String, interruption: Interruption) throws(SwitchboardError) -> [Int32] {
        try interruption.check()
        return model.model.tokens(of: text, framed: false)
    }

    /// The logits of the batch's token at `index`; -1 for the last that has some.
    func row(_ index: Int32) throws(SwitchboardError) -> UnsafePointer<Float> {
        guard let logits = llama_get_logits_ith(context.pointer, index) else {
            throw SwitchboardError(
                .internal,
                "the language model gave no logits",
                cause: LlamaError(operation: "llama_get_logits_ith", code: .nothing)
            )
        }
        return UnsafePointer(logits)
    }

    /// Leaves nothing in the cells but what all prompts begin with.
    func forget() {
        llama_memory_seq_keep(llama_get_memory(context.pointer), llama_seq_id(Self.prefixSequence))
    }

    /// Lets `sequence` begin with all that `source` holds.
    func share(_ source: Int, with sequence: Int) {
        llama_memory_seq_cp(llama_get_memory(context.pointer), llama_seq_id(source), llama_seq_id(sequence), -1, -1)
    }

    /// Computes a batch.
    ///
    /// - Throws: `.cancelled` where the poll said so, `.internal` where llama.cpp failed.
    func decode(_ batch: borrowing LlamaBatch) throws(SwitchboardError) {
        let result = llama_decode(context.pointer, batch.raw)
        guard result != 0 else { return }
        let cause = LlamaError(operation: "llama_decode", code: .init(rawValue: result))
        if cause.code == .aborted { throw SwitchboardError(.cancelled, "the score was stopped", cause: cause) }
        throw SwitchboardError(.internal, "the language model failed", cause: cause)
    }
}

/// What llama.cpp asks between its operations, some hundred times a second.
///
/// Lets others in there too: a context is not touched between two operations, and others use other contexts. So a search
/// waits for one operation (a millisecond or so), not for a piece (up to a quarter of a second).
final class AbortPoll {
    /// Whether nobody wants what is computed any more. Nil: not asked.
    var isUnwanted: (() -> Bool)?

    func shouldAbort() -> Bool { isUnwanted?() ?? false }
}

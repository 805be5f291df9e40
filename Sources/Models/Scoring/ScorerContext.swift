internal import CLlama
package import Core

/// What one thread scores with: the prompt once, in pieces, then all candidates in one call on top of it.
///
/// The prompt's cells belong to one sequence for each candidate (`kv_unified`), the candidates' tokens to those that pass
/// through them, so nothing is copied or computed twice. Where the candidates have more tokens than are computed in one
/// go (63), or than there are free cells, they go in several calls.
///
/// Belongs to one thread at a time; holds its model. Every figure agrees with the plain way, one candidate at a time
/// (`scoreOneByOne`).
package final class ScorerContext: CandidateScoringContext {
    let model: ScorerModel
    let context: LlamaContext
    private var batch: LlamaBatch
    private let poll: AbortPoll
    private let vocabularySize: Int64

    /// - Throws: `.resourceExhausted` where there is too little memory.
    package init(model: ScorerModel) throws(SwitchboardError) {
        let settings = model.settings
        let batchTokens = max(settings.pieceTokens, ScorerSettings.candidateBatch)
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(settings.contextTokens)
        parameters.n_batch = UInt32(settings.contextTokens)
        parameters.n_ubatch = UInt32(batchTokens)
        // Each output is a row of the vocabulary (0.2 MB); llama.cpp wants room for one a sequence.
        parameters.n_outputs_max = UInt32(max(ScorerSettings.candidateBatch, ScoringInput.maximumCandidates))
        parameters.n_seq_max = UInt32(ScoringInput.maximumCandidates)
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
    }

    package func score(_ input: ScoringInput, interruption: Interruption) throws(SwitchboardError) -> ScoringOutput {
        guard (1...ScoringInput.maximumCandidates).contains(input.candidates.count) else {
            throw .invalid(
                "a score needs 1 to \(ScoringInput.maximumCandidates) candidates, not \(input.candidates.count)"
            )
        }
        let prompt = try self.prompt(for: input, interruption: interruption)
        let candidates = try tokens(ofCandidates: input.candidates, interruption: interruption)
        poll.interruption = interruption
        defer { poll.interruption = nil }
        llama_memory_clear(llama_get_memory(context.pointer), false)
        try decode(prompt.tokens, from: 0, interruption: interruption)
        let afterPrompt = try row(-1)
        let normaliser = switchboard_log_sum_exp(afterPrompt, vocabularySize)
        let first = candidates.map { Double(afterPrompt[Int($0[0])]) - normaliser }

        let memory = llama_get_memory(context.pointer)
        for sequence in candidates.indices.dropFirst() {
            llama_memory_seq_cp(memory, 0, llama_seq_id(sequence), -1, -1)
        }
        let freeCells = model.settings.contextTokens - prompt.tokens.count
        var scores: [Double] = []
        while scores.count < candidates.count {
            let start = scores.count
            var trie = CandidateTrie()
            for candidate in candidates[start...] {
                guard trie.nodes.count + trie.added(by: candidate) <= freeCells else { break }
                trie.append(candidate)
            }
            precondition(!trie.questions.isEmpty, "a candidate has more tokens than are kept free for one")
            let sums = try sums(
                of: trie,
                first: first[start...],
                after: prompt.tokens.count,
                interruption: interruption
            )
            for (sum, candidate) in zip(sums, candidates[start...]) {
                scores.append(sum / Double(candidate.count))
            }
            llama_memory_seq_rm(memory, -1, llama_pos(prompt.tokens.count), -1)
        }
        return ScoringOutput(
            logProbabilities: scores,
            promptTokens: prompt.tokens.count,
            isTruncated: prompt.isTruncated
        )
    }

    /// The log-probability of each candidate of `trie` as a whole.
    ///
    /// - Parameter first: of each candidate's first token, which the prompt's last token has answered.
    private func sums(
        of trie: CandidateTrie,
        first: ArraySlice<Double>,
        after position: Int,
        interruption: Interruption,
    ) throws(SwitchboardError) -> [Double] {
        var sums = Array(first)
        // What is asked after each node, and for whom.
        var asked: [[(candidate: Int, token: Int)]] = Array(repeating: [], count: trie.nodes.count)
        for (candidate, questions) in trie.questions.enumerated() {
            for question in questions {
                if let node = question.node { asked[node].append((candidate, Int(question.token))) }
            }
        }
        var start = 0
        while start < trie.nodes.count {
            let end = min(start + ScorerSettings.candidateBatch, trie.nodes.count)
            batch.removeAll()
            for node in trie.nodes[start..<end] {
                batch.append(node.token, at: position + node.depth, in: node.members, wantsOutput: true)
            }
            try decode(batch, interruption: interruption)
            for node in start..<end {
                let logits = try row(Int32(node - start))
                let normaliser = switchboard_log_sum_exp(logits, vocabularySize)
                for (candidate, token) in asked[node] { sums[candidate] += Double(logits[token]) - normaliser }
            }
            start = end
        }
        return sums
    }
}

extension ScorerContext {
    /// What the language model reads of an input, as tokens: for whoever trains an adapter on the very same.
    package func tokens(
        of input: ScoringInput
    ) throws(SwitchboardError) -> (prompt: [Int32], candidates: [[Int32]]) {
        (
            try prompt(for: input, interruption: .none).tokens,
            try tokens(ofCandidates: input.candidates, interruption: .none)
        )
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

    private func tokens(of text: String, interruption: Interruption) throws(SwitchboardError) -> [Int32] {
        try interruption.check()
        return model.model.tokens(of: text, framed: false)
    }

    /// Computes `tokens` piece by piece; the last one's logits are there afterwards.
    func decode(_ tokens: [Int32], from position: Int, interruption: Interruption) throws(SwitchboardError) {
        var start = 0
        while start < tokens.count {
            let end = min(start + model.settings.pieceTokens, tokens.count)
            batch.removeAll()
            for place in start..<end {
                batch.append(tokens[place], at: position + place, in: 0, wantsOutput: place == tokens.count - 1)
            }
            try decode(batch, interruption: interruption)
            start = end
        }
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

    /// Computes a batch.
    func decode(_ batch: borrowing LlamaBatch, interruption: Interruption) throws(SwitchboardError) {
        try interruption.check()
        let result = llama_decode(context.pointer, batch.raw)
        guard result != 0 else { return }
        let cause = LlamaError(operation: "llama_decode", code: .init(rawValue: result))
        if cause.code == .aborted {
            throw interruption.stopReason() ?? SwitchboardError(.cancelled, "the score was stopped", cause: cause)
        }
        throw SwitchboardError(.internal, "the language model failed", cause: cause)
    }
}

/// What llama.cpp asks between its operations, some hundred times a second.
///
/// Lets others in there too: a context is not touched between two operations, and others use other contexts. So a search
/// waits for one operation (a millisecond or so), not for a piece (up to a quarter of a second).
final class AbortPoll {
    var interruption: Interruption?

    func shouldAbort() -> Bool {
        guard let interruption else { return false }
        interruption.serve()
        return interruption.stopReason() != nil
    }
}

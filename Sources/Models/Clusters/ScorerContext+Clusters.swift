internal import CLlama
package import Core

/// Questions about a cluster: the prompt once, in pieces, then round after round of endings on top of it.
extension ScorerContext {
    /// Answers with the adapter for names, in a context of its own that is made at the first question; without such an
    /// adapter with what scores.
    ///
    /// - Throws: as `score`, and `.resourceExhausted` where there is too little memory for that context.
    package func answer(
        _ question: ClusterQuestion,
        interruption: Interruption,
    ) throws(SwitchboardError) -> ClusterAnswer {
        guard let namer = model.namer else { return try ask(question, interruption) }
        if let naming { return try naming.ask(question, interruption) }
        let made = try ScorerContext(model: namer)
        naming = made
        return try made.ask(question, interruption)
    }

    /// What the language model reads of a question, as tokens: for whoever trains an adapter on the very same.
    package func tokens(of question: ClusterQuestion) throws(SwitchboardError) -> [Int32] {
        try prompt(for: question, .none).tokens
    }

    /// A name as it follows the prompt, as tokens.
    package func tokens(ofName words: [String]) throws(SwitchboardError) -> [Int32] {
        try tokens(of: ClusterPrompt.ending(words), interruption: .none)
    }

    /// A judgement as it follows the prompt, as tokens.
    package func tokens(ofJudgement isGood: Bool) throws(SwitchboardError) -> [Int32] {
        try tokens(of: isGood ? ClusterPrompt.yes : ClusterPrompt.no, interruption: .none)
    }

    private func prompt(
        for question: ClusterQuestion,
        _ interruption: Interruption,
    ) throws(SwitchboardError) -> ClusterPromptTokens {
        try ClusterPromptTokens(question, limit: model.settings.promptTokens) { text throws(SwitchboardError) in
            try tokens(of: text, interruption: interruption)
        }
    }

    private func ask(
        _ question: ClusterQuestion,
        _ interruption: Interruption,
    ) throws(SwitchboardError) -> ClusterAnswer {
        var reason: SwitchboardError?
        poll.isUnwanted = {
            interruption.serve()
            reason = reason ?? interruption.stopReason()
            return reason != nil
        }
        defer { poll.isUnwanted = nil }
        do throws(SwitchboardError) {
            return try weighAll(question, interruption)
        } catch {
            throw reason ?? error
        }
    }

    private func weighAll(
        _ question: ClusterQuestion,
        _ interruption: Interruption,
    ) throws(SwitchboardError) -> ClusterAnswer {
        let prompt = try self.prompt(for: question, interruption).tokens
        forget()
        let first = try compute(prompt, interruption)
        for sequence in 1..<ScoringInput.maximumCandidates { share(0, with: sequence) }
        var inquiry = ClusterInquiry(question)
        var computed = prompt.count
        while !inquiry.endings.isEmpty {
            var endings: [[Int32]] = []
            for ending in inquiry.endings { endings.append(try tokens(of: ending, interruption: interruption)) }
            var figures: [Double] = []
            while figures.count < endings.count {
                let trie = Self.trie(
                    of: endings[figures.count...],
                    cells: model.settings.contextTokens - prefix.count - prompt.count
                )
                figures += try weigh(
                    trie,
                    first: endings[figures.count...].prefix(trie.questions.count).map { first[Int($0[0])] },
                    after: prompt.count,
                    interruption
                )
                computed += trie.nodes.count
            }
            inquiry.take(figures)
        }
        guard let value = inquiry.value else { preconditionFailure("an inquiry without endings has its answer") }
        return ClusterAnswer(value: value, tokens: computed)
    }

    /// Computes a prompt in pieces, in the first sequence.
    ///
    /// - Returns: the log-probability of each token of the vocabulary after it.
    private func compute(_ prompt: [Int32], _ interruption: Interruption) throws(SwitchboardError) -> [Double] {
        for start in stride(from: 0, to: prompt.count, by: model.settings.pieceTokens) {
            try interruption.check()
            let end = min(start + model.settings.pieceTokens, prompt.count)
            batch.removeAll()
            for place in start..<end {
                batch.append(prompt[place], at: place, in: 0, wantsOutput: place == prompt.count - 1)
            }
            try decode(batch)
        }
        let logits = try row(-1)
        let normaliser = switchboard_log_sum_exp(logits, vocabularySize)
        return UnsafeBufferPointer(start: logits, count: Int(vocabularySize)).map { Double($0) - normaliser }
    }

    /// As many of the endings as there is room for at a time, at least one.
    private static func trie(of endings: ArraySlice<[Int32]>, cells: Int) -> CandidateTrie {
        var trie = CandidateTrie()
        for ending in endings.prefix(ScoringInput.maximumCandidates) {
            guard trie.questions.isEmpty || trie.nodes.count + trie.added(by: ending) <= cells else { break }
            trie.append(ending)
        }
        return trie
    }

    /// - Parameter first: the log-probability of each ending's first token.
    /// - Returns: for each ending the sum of the log-probabilities of its tokens.
    private func weigh(
        _ trie: CandidateTrie,
        first: [Double],
        after prompt: Int,
        _ interruption: Interruption,
    ) throws(SwitchboardError) -> [Double] {
        var sums = first
        var asked: [[(ending: Int, token: Int)]] = Array(repeating: [], count: trie.nodes.count)
        for (ending, questions) in trie.questions.enumerated() {
            for question in questions {
                if let node = question.node { asked[node].append((ending, Int(question.token))) }
            }
        }
        for start in stride(from: 0, to: trie.nodes.count, by: ScorerSettings.candidateBatch) {
            try interruption.check()
            let piece = trie.nodes[start..<min(start + ScorerSettings.candidateBatch, trie.nodes.count)]
            batch.removeAll()
            for node in piece {
                batch.append(node.token, at: prompt + node.depth, in: node.members, wantsOutput: true)
            }
            try decode(batch)
            for (index, number) in piece.indices.enumerated() {
                let logits = try row(Int32(index))
                let normaliser = switchboard_log_sum_exp(logits, vocabularySize)
                for (ending, token) in asked[number] { sums[ending] += Double(logits[token]) - normaliser }
            }
        }
        guard !trie.nodes.isEmpty else { return sums }
        for sequence in trie.questions.indices {
            llama_memory_seq_rm(llama_get_memory(context.pointer), llama_seq_id(sequence), llama_pos(prompt), -1)
        }
        return sums
    }
}

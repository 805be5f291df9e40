internal import CLlama
internal import Core

/// Inputs for which there is room together: their prompts, then their candidates.
extension ScorerContext {
    /// Scores them and tells each; a member that nobody wants any more is left out from the next piece on.
    func score(_ group: [ScoringTask], _ watch: ScoringWatch) {
        var group = group
        let members = group.map(\.member)
        poll.isUnwanted = {
            watch.poll(members)
            return !members.contains(where: watch.isWanted)
        }
        defer { poll.isUnwanted = nil }
        forget()
        var sequence = 0
        for place in group.indices {
            group[place].firstSequence = sequence
            sequence += group[place].candidates.count
            share(Self.prefixSequence, with: group[place].firstSequence)
        }
        do throws(SwitchboardError) {
            try placeLines(group, watch)
            try computePrompts(&group, watch)
            for task in group where watch.isWanted(task.member) {
                for sequence in task.sequences.dropFirst() { share(task.firstSequence, with: sequence) }
            }
            try computeCandidates(&group, watch)
        } catch {
            watch.fail(members, error)
        }
        // Whoever was stopped in the last piece.
        watch.dropUnwanted(members)
    }

    /// All prompts but their lines one after the other, in pieces that several may share; of each the candidates' first
    /// tokens.
    private func computePrompts(_ group: inout [ScoringTask], _ watch: ScoringWatch) throws(SwitchboardError) {
        let members = group.map(\.member)
        var current = 0
        // Tokens of the current one that have been computed.
        var done = 0
        while true {
            watch.poll(members)
            watch.dropUnwanted(members)
            batch.removeAll()
            // Which prompts end in this piece, and with which of its tokens.
            var ended: [(place: Int, index: Int)] = []
            while current < group.count, batch.count < model.settings.pieceTokens {
                let task = group[current]
                let rest = task.layout.rest
                guard watch.isWanted(task.member) else {
                    current += 1
                    done = 0
                    continue
                }
                let end = min(rest.count, done + model.settings.pieceTokens - batch.count)
                for place in rest.dropFirst(done).prefix(end - done) {
                    batch.append(
                        task.prompt.tokens[place],
                        at: task.layout.position(of: place),
                        in: task.firstSequence,
                        wantsOutput: place == rest.upperBound - 1
                    )
                }
                done = end
                guard end == rest.count else { break }
                ended.append((current, batch.count - 1))
                current += 1
                done = 0
            }
            guard batch.count > 0 else { return }
            try decode(batch)
            for (place, index) in ended {
                let logits = try row(Int32(index))
                let normaliser = switchboard_log_sum_exp(logits, vocabularySize)
                let first = group[place].candidates.map { Double(logits[Int($0[0])]) - normaliser }
                group[place].begin(with: first)
            }
        }
    }

    /// The candidates of all, in as many rounds as the free cells ask for: one, but for an input that is alone. Where
    /// candidates have head starts, the first goes before the others.
    private func computeCandidates(_ group: inout [ScoringTask], _ watch: ScoringWatch) throws(SwitchboardError) {
        let prompts = group.reduce(prefix.count) { $0 + $1.prompt.tokens.count - prefix.count }
        while true {
            var free = model.settings.contextTokens - prompts
            var branches: [Branch] = []
            for (place, task) in group.enumerated() where watch.isWanted(task.member) && !task.isScored {
                let trie = task.nextTrie(in: free)
                precondition(!trie.questions.isEmpty, "a candidate has more tokens than are kept free for one")
                free -= trie.nodes.count
                branches.append(Branch(place: place, trie: trie, first: task.first[task.scores.count...]))
            }
            guard !branches.isEmpty else { return }
            try compute(&branches, on: group, watch)
            for branch in branches {
                let task = group[branch.place]
                for (sum, candidate) in zip(branch.sums, task.candidates[task.scores.count...]) {
                    group[branch.place].scores.append(sum / Double(candidate.count))
                }
                group[branch.place].settle()
                if group[branch.place].isScored {
                    tell(group[branch.place], watch)
                } else {
                    clear(task)
                }
            }
        }
    }

    /// Candidates of one input that are computed in this round.
    private struct Branch {
        let place: Int
        let trie: CandidateTrie
        /// The log-probability of each candidate as a whole, as far as its tokens have been answered.
        var sums: [Double]
        /// What is asked after each node, and for whom.
        let asked: [[(candidate: Int, token: Int)]]

        /// - Parameter first: of each candidate's first token.
        init(place: Int, trie: CandidateTrie, first: ArraySlice<Double>) {
            self.place = place
            self.trie = trie
            sums = Array(first.prefix(trie.questions.count))
            var asked: [[(candidate: Int, token: Int)]] = Array(repeating: [], count: trie.nodes.count)
            for (candidate, questions) in trie.questions.enumerated() {
                for question in questions {
                    if let node = question.node { asked[node].append((candidate, Int(question.token))) }
                }
            }
            self.asked = asked
        }
    }

    /// Computes the nodes of all branches, as many in one call as may be.
    private func compute(
        _ branches: inout [Branch],
        on group: [ScoringTask],
        _ watch: ScoringWatch,
    ) throws(SwitchboardError) {
        let members = group.map(\.member)
        let nodes = branches.indices.flatMap { branch in branches[branch].trie.nodes.indices.map { (branch, $0) } }
        var start = 0
        while start < nodes.count {
            watch.poll(members)
            watch.dropUnwanted(members)
            batch.removeAll()
            var computed: [(branch: Int, node: Int)] = []
            while start < nodes.count, batch.count < ScorerSettings.candidateBatch {
                let (branch, number) = nodes[start]
                start += 1
                let task = group[branches[branch].place]
                guard watch.isWanted(task.member) else { continue }
                let node = branches[branch].trie.nodes[number]
                // Those of earlier rounds have the sequences before.
                let sequence = task.firstSequence + task.scores.count
                batch.append(
                    node.token,
                    at: task.layout.end + node.depth,
                    in: node.members.map { sequence + $0 },
                    wantsOutput: true
                )
                computed.append((branch, number))
            }
            guard batch.count > 0 else { return }
            try decode(batch)
            for (index, (branch, node)) in computed.enumerated() {
                let logits = try row(Int32(index))
                let normaliser = switchboard_log_sum_exp(logits, vocabularySize)
                for (candidate, token) in branches[branch].asked[node] {
                    branches[branch].sums[candidate] += Double(logits[token]) - normaliser
                }
            }
        }
    }

    private func tell(_ task: ScoringTask, _ watch: ScoringWatch) {
        guard watch.isWanted(task.member) else { return }
        watch.finish(
            task.member,
            .success(
                ScoringOutput(
                    logProbabilities: task.logProbabilities,
                    promptTokens: task.prompt.tokens.count,
                    isTruncated: task.prompt.isTruncated
                )
            )
        )
    }

    /// Takes a round's candidates off the prompt again.
    private func clear(_ task: ScoringTask) {
        for sequence in task.sequences {
            llama_memory_seq_rm(
                llama_get_memory(context.pointer),
                llama_seq_id(sequence),
                llama_pos(task.layout.end),
                -1
            )
        }
    }
}

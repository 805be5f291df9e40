/// One input on its way through the language model: its tokens, and the log-probabilities so far.
struct ScoringTask {
    /// Its place in the batch.
    let member: Int
    let prompt: PromptTokens
    let layout: PromptLayout
    /// The tokens of each candidate.
    let candidates: [[Int32]]
    /// Cells that all of its candidates take together on top of the prompt.
    let candidateCells: Int
    /// The first of its sequences, one for each candidate; set once it is known beside whom it is computed.
    var firstSequence = 0
    /// The log-probability of each candidate's first token, once the prompt's last token has answered it.
    var first: [Double] = []
    /// Mean log-probabilities, of the candidates that have been computed.
    var scores: [Double] = []

    init(member: Int, prompt: PromptTokens, layout: PromptLayout, candidates: [[Int32]]) {
        self.member = member
        self.prompt = prompt
        self.layout = layout
        self.candidates = candidates
        candidateCells = CandidateTrie(candidates).nodes.count
    }

    var sequences: Range<Int> { firstSequence..<firstSequence + candidates.count }
    var isScored: Bool { scores.count == candidates.count }
    /// What there is room for in a context, less what all prompts begin with.
    func need(sharing prefix: Int) -> ScoringNeed {
        ScoringNeed(cells: prompt.tokens.count - prefix + candidateCells, sequences: candidates.count)
    }

    /// The next candidates for which `cells` are enough, as a tree.
    func nextTrie(in cells: Int) -> CandidateTrie {
        var trie = CandidateTrie()
        for candidate in candidates[scores.count...] {
            guard trie.nodes.count + trie.added(by: candidate) <= cells else { break }
            trie.append(candidate)
        }
        return trie
    }
}

/// What an input takes of a context.
struct ScoringNeed: Hashable {
    var cells: Int
    var sequences: Int

    /// Which of several inputs are computed together: in their order, as many as there is room for. One that needs more
    /// than there is goes alone.
    static func groups(_ needs: [ScoringNeed], within room: ScoringNeed) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        var taken = ScoringNeed(cells: 0, sequences: 0)
        for (place, need) in needs.enumerated() {
            let fits =
                taken.cells + need.cells <= room.cells && taken.sequences + need.sequences <= room.sequences
            if place > start, !fits {
                groups.append(start..<place)
                start = place
                taken = ScoringNeed(cells: 0, sequences: 0)
            }
            taken.cells += need.cells
            taken.sequences += need.sequences
        }
        if start < needs.count { groups.append(start..<needs.count) }
        return groups
    }
}

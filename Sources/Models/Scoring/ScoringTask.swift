/// One input on its way through the language model: its tokens, and the log-probabilities so far.
///
/// Candidates are computed in their order; with head starts, which tell what speaks for each beside the model, in the
/// order of what they can have at most, the first by itself. A token's probability is at most 1, so the first token of a
/// candidate, which the prompt's last one answers, says how much its mean can be: who cannot catch up with one that is
/// scored is not computed, and keeps that bound.
struct ScoringTask {
    /// Its place in the batch.
    let member: Int
    let prompt: PromptTokens
    let layout: PromptLayout
    /// The tokens of each candidate, in the order in which they are computed.
    private(set) var candidates: [[Int32]]
    /// Cells that all of its candidates take together on top of the prompt.
    let candidateCells: Int
    /// The first of its sequences, one for each candidate; set once it is known beside whom it is computed.
    var firstSequence = 0
    /// The log-probability of each candidate's first token, once the prompt's last token has answered it.
    private(set) var first: [Double] = []
    /// Mean log-probabilities, of the candidates that have been computed or cannot lead.
    var scores: [Double] = []
    /// For each of `candidates`, where it stood as they were asked.
    private var places: [Int]
    /// For each of `candidates`, on the scale of `scores`; empty: all are computed.
    private var headStarts: [Double]

    init(
        member: Int,
        prompt: PromptTokens,
        layout: PromptLayout,
        candidates: [[Int32]],
        headStarts: [Double] = [],
    ) {
        precondition(headStarts.isEmpty || headStarts.count == candidates.count, "each candidate has a head start")
        self.member = member
        self.prompt = prompt
        self.layout = layout
        self.candidates = candidates
        self.headStarts = headStarts
        places = Array(candidates.indices)
        candidateCells = CandidateTrie(candidates).nodes.count
    }

    var sequences: Range<Int> { firstSequence..<firstSequence + candidates.count }
    var isScored: Bool { scores.count == candidates.count }
    /// What there is room for in a context, less what all prompts begin with.
    func need(sharing prefix: Int) -> ScoringNeed {
        ScoringNeed(cells: prompt.tokens.count - prefix + candidateCells, sequences: candidates.count)
    }

    /// The prompt is computed.
    ///
    /// - Parameter first: for each of `candidates` the log-probability of its first token.
    mutating func begin(with first: [Double]) {
        self.first = first
        guard !headStarts.isEmpty else { return }
        let bounds = candidates.indices.map { bound($0) }
        let order = candidates.indices.sorted { (bounds[$0], -$0) > (bounds[$1], -$1) }
        candidates = order.map { candidates[$0] }
        headStarts = order.map { headStarts[$0] }
        places = order.map { places[$0] }
        self.first = order.map { first[$0] }
    }

    /// The next candidates for which `cells` are enough, as a tree.
    func nextTrie(in cells: Int) -> CandidateTrie {
        var trie = CandidateTrie()
        for place in scores.count..<candidates.count {
            let candidate = candidates[place]
            guard mayLead(place), trie.nodes.count + trie.added(by: candidate) <= cells else { break }
            trie.append(candidate)
            if !headStarts.isEmpty, scores.isEmpty { break }
        }
        return trie
    }

    /// Who cannot lead any more needs no computing: from the next candidate on nobody, or somebody may.
    mutating func settle() {
        guard !isScored, !mayLead(scores.count) else { return }
        let rest = (scores.count..<candidates.count).map { most($0) }
        scores += rest
    }

    /// The mean log-probabilities as the candidates were asked, once all are there.
    var logProbabilities: [Double] {
        var asked = [Double](repeating: 0, count: candidates.count)
        for (place, score) in zip(places, scores) { asked[place] = score }
        return asked
    }

    private func mayLead(_ place: Int) -> Bool {
        guard !headStarts.isEmpty, let best = zip(scores, headStarts).map({ $0 + $1 }).max() else { return true }
        return bound(place) >= best
    }

    private func bound(_ place: Int) -> Double { headStarts[place] + most(place) }

    /// What a candidate's mean is if all its further tokens are certain.
    private func most(_ place: Int) -> Double { first[place] / Double(candidates[place].count) }
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

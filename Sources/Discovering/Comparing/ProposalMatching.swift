package import Core

/// Which clusters of a run are those of the run before, by the utterances that they share. A value.
///
/// A cluster and an earlier proposal of the same vertical may be the same where they share at least half of the smaller
/// one; of an earlier one only utterances count that are in a cluster now. Each is matched with at most one, so that
/// the shared utterances are most in all (`Assignment`). Then a cluster
/// - that holds most of two or more earlier ones is merged from them,
/// - that is matched is kept,
/// - most of which comes from an earlier one that went on elsewhere is split from it,
/// - else is new.
///
/// One that was gone before may come back, and the cluster is kept then; merged and split are told of those alone that the
/// run before had.
package struct ProposalMatching: Sendable, Hashable {
    /// Of each cluster the place of the earlier proposal that it goes on from; nil: none.
    package let previous: [Int?]
    /// Of each cluster.
    package let continuity: [ProposalContinuity]
    /// Places of earlier proposals that no cluster goes on from, ascending; those that a person merged into others or
    /// split are not among them.
    package let gone: [Int]

    package struct Cluster: Sendable, Hashable {
        package var vertical: Vertical
        /// Each once.
        package var texts: [UtteranceText]

        package init(vertical: Vertical, texts: [UtteranceText]) {
            self.vertical = vertical
            self.texts = texts
        }
    }

    package init(of clusters: [Cluster], with earlier: [Proposal]) {
        let candidates = earlier.indices.filter { !Self.isReplaced(earlier[$0]) }
        let shared = Self.shared(clusters, earlier, candidates)
        // Of each candidate, its utterances that are in some cluster now.
        let present = candidates.indices.map { row in shared[row].reduce(0, +) }
        let weights = candidates.indices.map { row in
            clusters.indices.map { column -> Int in
                let smaller = min(present[row], clusters[column].texts.count)
                return 2 * shared[row][column] >= smaller ? shared[row][column] : 0
            }
        }
        var previous = [Int?](repeating: nil, count: clusters.count)
        for (row, column) in Assignment(maximising: weights).columns.enumerated() {
            if let column, weights[row][column] > 0 { previous[column] = candidates[row] }
        }
        self.previous = previous
        // What went into another one is gone since, and is no news in each run after that.
        let rows = candidates.indices.filter { earlier[candidates[$0]].continuity != .gone }
        continuity = clusters.indices.map { column -> ProposalContinuity in
            let held = rows.filter { present[$0] > 0 && 2 * shared[$0][column] > present[$0] }
            if held.count > 1 { return .merged(from: held.map { earlier[candidates[$0]].id }) }
            if previous[column] != nil { return .kept }
            // Of two that give half each, the first.
            let from = rows.first { 2 * shared[$0][column] >= max(clusters[column].texts.count, 1) }
            guard let from else { return .new }
            return .split(from: earlier[candidates[from]].id)
        }
        let matched = Set(previous.compactMap(\.self))
        gone = candidates.filter { !matched.contains($0) }
    }

    /// Of each candidate and each cluster, the utterances that both have.
    private static func shared(_ clusters: [Cluster], _ earlier: [Proposal], _ candidates: [Int]) -> [[Int]] {
        struct Key: Hashable {
            var vertical: Vertical
            var text: UtteranceText
        }
        // A text that two roles say may be in a cluster of each.
        var holders: [Key: [Int]] = [:]
        for (number, cluster) in clusters.enumerated() {
            for text in cluster.texts {
                holders[Key(vertical: cluster.vertical, text: text), default: []].append(number)
            }
        }
        return candidates.map { place in
            var counts = [Int](repeating: 0, count: clusters.count)
            for member in earlier[place].members {
                for number in holders[Key(vertical: earlier[place].vertical, text: member.text)] ?? [] {
                    counts[number] += 1
                }
            }
            return counts
        }
    }

    private static func isReplaced(_ proposal: Proposal) -> Bool {
        switch proposal.state {
        case .merged, .split: true
        case .open, .accepted, .rejected: false
        }
    }
}

extension Proposal {
    /// Whether it stays hidden: it was rejected, and has not grown by half since.
    package var staysRejected: Bool {
        guard case .rejected(let size) = state else { return false }
        return 2 * members.count < 3 * size
    }

    /// Takes over what an earlier run and a person made of the same cluster: id, name and decision. A rejected one that
    /// has grown by half is open again.
    package mutating func goOn(from earlier: Proposal) {
        id = earlier.id
        name = earlier.name
        state = earlier.state
        if case .rejected = state, !staysRejected { state = .open }
    }
}

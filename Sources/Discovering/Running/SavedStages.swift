internal import Clustering
internal import Core

// What the stages of a run leave behind, in the form of checkpoints.

/// A partition before it is judged, and the cuts that were to choose from.
struct SavedPartition: Codable, Sendable {
    struct Cut: Codable, Sendable {
        /// Which of the offered cuts it is, by their names.
        var offeredAs: [String]
        var clusters: Int
        var resolution: Double
        var silhouette: Double
    }

    var labels: [Int]
    /// All of them, resolutions ascending.
    var cuts: [Cut]

    /// Those that are offered: the chosen one, and of the others those with another number of clusters, a finer one only
    /// where its clusters are large enough to become proposals, on average.
    func summaries(vertical: Vertical, role: Role?, minimumSize: Int) -> [CutSummary] {
        let chosen = self.cut(.chosen)
        return DiscoverySettings.Cut.allCases.compactMap { cut in
            guard let saved = self.cut(cut) else { return nil }
            if cut != .chosen, saved.clusters == chosen?.clusters { return nil }
            if cut == .finer, saved.clusters * minimumSize > labels.count { return nil }
            return CutSummary(
                vertical: vertical,
                role: role,
                cut: cut,
                clusters: saved.clusters,
                resolution: saved.resolution,
                silhouette: saved.silhouette
            )
        }
    }

    private func cut(_ cut: DiscoverySettings.Cut) -> Cut? { cuts.first { $0.offeredAs.contains(cut.rawValue) } }

    func swept(vertical: Vertical, role: Role?) -> [SweptCut] {
        cuts.map { saved in
            SweptCut(
                vertical: vertical,
                role: role,
                resolution: saved.resolution,
                clusters: saved.clusters,
                silhouette: saved.silhouette,
                offeredAs: saved.offeredAs.compactMap { DiscoverySettings.Cut(rawValue: $0) }
            )
        }
    }
}

/// A partition after judging and splitting.
struct SavedJudgements: Codable, Sendable {
    struct Judgement: Codable, Sendable {
        var probability: Double
        var low: Double
        var high: Double
        var isGood: Bool
    }

    var labels: [Int]
    var judgements: [Judgement]
    /// Clusters that the vectors judged in a language model's place; nil: left by a program that did not count them.
    var standIns: Int?

    init(partition: Partition, judgements: [ClusterJudgement]) {
        precondition(partition.clusterCount == judgements.count, "a judgement a cluster")
        labels = partition.clusters
        self.judgements = judgements.map {
            Judgement(probability: $0.probability, low: $0.low, high: $0.high, isGood: $0.isGood)
        }
        standIns = judgements.count(where: \.isStandIn)
    }

    var partition: Partition { Partition(labels: labels) }
    var clusterJudgements: [ClusterJudgement] {
        judgements.map {
            ClusterJudgement(probability: $0.probability, low: $0.low, high: $0.high, isGood: $0.isGood)
        }
    }
}

/// Names, and where they come from.
struct SavedName: Codable, Sendable {
    var label: String
    var source: String

    init(_ name: ProposalName) {
        label = name.label
        source = name.source.rawValue
    }

    var name: ProposalName { ProposalName(label: label, source: ProposalName.Source(rawValue: source) ?? .keywords) }
}

/// What a cluster is to the taxonomy.
struct SavedRelation: Codable, Sendable {
    var kind: String
    var path: [String]
    var share: Double

    init(_ relation: TaxonomyRelation) {
        switch relation {
        case .new: self.init(kind: "new", path: [], share: 0)
        case .variant(let path, let share): self.init(kind: "variant", path: path.levels, share: share)
        case .split(let path, let share): self.init(kind: "split", path: path.levels, share: share)
        }
    }

    private init(kind: String, path: [String], share: Double) {
        self.kind = kind
        self.path = path
        self.share = share
    }

    var relation: TaxonomyRelation {
        guard let path = try? IntentPath(levels: path) else { return .new }
        switch kind {
        case "variant": return .variant(of: path, share: share)
        case "split": return .split(of: path, share: share)
        default: return .new
        }
    }
}

/// What was asked of language models so far.
struct SavedEffort: Codable, Sendable {
    var calls = 0
    var tokens = 0
    var llmSeconds = 0.0
    var seconds = 0.0

    init(_ effort: RunEffort) {
        calls = effort.llmCalls
        tokens = effort.llmTokens
        llmSeconds = effort.llmSeconds
        seconds = effort.seconds
    }

    var effort: RunEffort {
        var effort = RunEffort()
        effort.llmCalls = calls
        effort.llmTokens = tokens
        effort.llmSeconds = llmSeconds
        effort.seconds = seconds
        return effort
    }
}

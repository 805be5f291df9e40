/// How a run looks for intents. Part of what a run is resumed by: equal settings, seed and utterances give equal proposals.
package struct DiscoverySettings: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable, CaseIterable {
        /// One pass of Leiden over the graph of neighbours; the judge gates.
        case graph
        /// The loop of Dial-In LLM: cluster at several sizes, judge, keep the good ones, cluster the rest again.
        case dialIn = "dial-in"
        /// k-means++ with restarts; to compare with.
        case kMeans = "k-means"
        /// Ward's linkage; to compare with.
        case ward
    }

    /// What clusters a round's rest in the loop of Dial-In LLM.
    package enum Base: String, Sendable, Hashable, CaseIterable {
        /// k-means++ with restarts, as in the paper.
        case kMeans = "k-means"
        /// Ward's linkage.
        case ward
        /// Leiden on the graph of neighbours.
        case leiden
    }

    package enum JudgeKind: String, Sendable, Hashable, CaseIterable {
        /// None: every cluster passes.
        case none
        /// Shared neighbours and the other features of the vectors.
        case vectors
        /// The trained scorer: does each sampled sentence belong here or to the nearest rivals?
        case scorer
        /// Vectors and scorer together.
        case both
        /// A language model that answers yes or no, as in the paper.
        case llm
    }

    package enum Cut: String, Sendable, Hashable, CaseIterable {
        case coarser
        case chosen
        case finer
    }

    /// Which sentences of a cluster a language model is shown.
    package enum Sampling: String, Sendable, Hashable, CaseIterable {
        /// Any: what is true of them is true of the cluster, up to luck.
        case random
        /// Those around the medoid.
        case medoid
        /// Those farthest from the cluster's mean.
        case extreme
        /// A third of each.
        case mixed
    }

    package var method = Method.graph
    package var judge = JudgeKind.vectors
    package var cut = Cut.chosen
    /// Nearest neighbours of an utterance in the graph.
    package var neighbours = 15
    /// A cluster is good from this probability on.
    package var goodProbability = 0.5
    /// Dial-in: ends when the share of unassigned utterances is at most this (the paper's eps).
    package var unassignedShare = 0.05
    /// Dial-in: most rounds.
    package var rounds = 5
    /// Dial-in: what clusters the rest.
    package var base = Base.kMeans
    /// Sentences of a cluster that a judge or a namer is shown.
    package var samples = 16
    package var sampling = Sampling.random
    /// Clusters of fewer utterances are no proposals.
    package var minimumSize = 5
    /// Number of clusters where it is known; nil: found.
    package var clusters: Int?
    /// Whether the vectors are tuned to the run's own text first (CLNN).
    package var isTuned = false
    /// Whether the language model names clusters; without it names are of their own words.
    package var namesByModel = true
    package var seed: UInt64 = 1

    package init() {}
}

/// What an evaluation of discovery found. Encodes to the JSON of `switchboard eval-discovery --json`: fractions in 0...1,
/// nil is absent and means not measured.
package struct DiscoveryReport: Sendable, Codable, Equatable {
    /// Labelled utterances.
    package var n: Int
    package var nmi: Double
    package var ari: Double
    package var acc: Double
    package var clusters: Int
    package var goldClusters: Int
    package var coverage: Double
    /// Without the utterances whose labels are no intents.
    package var coverageOfIntents: Double?
    /// In clusters with at least 80 % of one label: what a judge that knows the labels would have covered.
    package var pureCoverage: Double
    package var pureCoverageOfIntents: Double?
    package var goodness: Double?
    package var largestShare: Double
    package var largestMergedShare: Double
    package var method: String
    package var judgeKind: String
    package var tuned: Bool
    /// All cuts that there were to choose from; nil: the method has none.
    package var cuts: [Cut]?
    package var nmiGoldK: Double?
    package var accGoldK: Double?
    package var judge: Judge?
    /// Share of the names whose nearest gold label is the one that most of the cluster has.
    package var namesRight: Double?
    /// Names that this was counted of.
    package var names: Int?
    /// Share of the names that the language model gave.
    package var namesByModel: Double?
    package var downstream: Downstream?
    package var roles: Roles?
    package var ablation: [Step]?
    package var llmCalls: Int
    package var llmTokens: Int
    package var llmSeconds: Double
    /// Of the run, without what is measured beside it.
    package var seconds: Double
    package var encoder: String
    package var seed: UInt64
    package var version: String

    /// One cut of the utterances of a vertical and a role.
    package struct Cut: Sendable, Codable, Equatable {
        package var vertical: String
        package var role: String?
        package var resolution: Double
        package var clusters: Int
        package var silhouette: Double
        /// `coarser`, `chosen`, `finer`: what the run offers it as; none of most.
        package var offeredAs: [String]

        enum CodingKeys: String, CodingKey {
            case vertical
            case role
            case resolution
            case clusters
            case silhouette
            case offeredAs = "offered_as"
        }
    }

    /// On clusters of k-means, and on mixes of ten sentences.
    package struct Judge: Sendable, Codable, Equatable {
        package var clusters: Int
        package var good: Double
        package var aurocClusters: Double?
        package var aurocMixes: Double?
        package var ece: Double
        package var eceMixes: Double?
        package var accuracy: Double
        package var accuracyMixes: Double?
        /// On both kinds: where P(good) is at least 0.9 or at most 0.1.
        package var accuracyWhenSure: Double?
        package var shareSure: Double
        package var calls: Int
        /// Names of the sets that the judge's weights were fitted to: figures on these are not blind.
        package var fittedOn: [String]

        enum CodingKeys: String, CodingKey {
            case clusters
            case good
            case aurocClusters = "auroc_clusters"
            case aurocMixes = "auroc_mixes"
            case ece
            case eceMixes = "ece_mixes"
            case accuracy
            case accuracyMixes = "accuracy_mixes"
            case accuracyWhenSure = "accuracy_when_sure"
            case shareSure = "share_sure"
            case calls
            case fittedOn = "fitted_on"
        }
    }

    /// Accuracy of an index made of the clusters judged good.
    package struct Downstream: Sendable, Codable, Equatable {
        package var n: Int
        package var accuracy: Double
        package var exemplars: Int
        /// Of an index of as many k-means clusters as the run had.
        package var kMeans: Double
        package var gold: Double
        package var everyCluster: Double
        package var pureClusters: Double
        package var pValueToKMeans: Double
        package var pValueToGold: Double

        enum CodingKeys: String, CodingKey {
            case n
            case accuracy
            case exemplars
            case kMeans = "k_means"
            case gold
            case everyCluster = "every_cluster"
            case pureClusters = "pure_clusters"
            case pValueToKMeans = "p_value_k_means"
            case pValueToGold = "p_value_gold"
        }
    }

    /// How often a name's verb tells the role that its turns have.
    package struct Roles: Sendable, Codable, Equatable {
        package var judged: Int
        package var agreement: Double
    }

    package struct Step: Sendable, Codable, Equatable {
        package var step: String
        package var nmi: Double
        package var acc: Double
        package var clusters: Int
        package var coverage: Double
        package var goodness: Double?
        package var llmCalls: Int
        package var seconds: Double

        enum CodingKeys: String, CodingKey {
            case step
            case nmi
            case acc
            case clusters
            case coverage
            case goodness
            case llmCalls = "llm_calls"
            case seconds
        }
    }

    enum CodingKeys: String, CodingKey {
        case n
        case nmi
        case ari
        case acc
        case clusters
        case goldClusters = "gold_clusters"
        case coverage
        case coverageOfIntents = "coverage_of_intents"
        case pureCoverage = "pure_coverage"
        case pureCoverageOfIntents = "pure_coverage_of_intents"
        case goodness
        case largestShare = "largest_share"
        case largestMergedShare = "largest_merged_share"
        case method
        case judgeKind = "judge_kind"
        case tuned
        case cuts
        case nmiGoldK = "nmi_gold_k"
        case accGoldK = "acc_gold_k"
        case judge
        case namesRight = "names_right"
        case names
        case namesByModel = "names_by_model"
        case downstream
        case roles
        case ablation
        case llmCalls = "llm_calls"
        case llmTokens = "llm_tokens"
        case llmSeconds = "llm_seconds"
        case seconds
        case encoder
        case seed
        case version
    }
}

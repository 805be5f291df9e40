/// What an evaluation found. Encodes to the JSON of `switchboard eval --json`: fractions in 0...1, times in milliseconds,
/// nil is absent and means not measured.
package struct EvalReport: Sendable, Codable, Equatable {
    package struct VerticalFigures: Sendable, Codable, Equatable {
        package var vertical: String
        package var n: Int
        /// Macro over the vertical's gold intents, as are recall and F1.
        package var precision: Double
        package var recall: Double
        package var f1: Double
        package var accuracy: Double
    }

    /// Of the utterances whose gold path is at least so deep: how many leaders agree down to this depth.
    package struct LevelFigures: Sendable, Codable, Equatable {
        package var depth: Int
        package var accuracy: Double
    }

    package struct OutOfScopeFigures: Sendable, Codable, Equatable {
        /// A refused in-scope utterance counts as wrong.
        package var inScopeAccuracy: Double
        /// Share of the out-of-scope utterances answered UNKNOWN.
        package var recall: Double
        /// Share of out-of-scope utterances among those answered UNKNOWN; absent where none was.
        package var precision: Double?
        package var f1: Double?
        /// Of the familiarity, which decides UNKNOWN.
        package var auroc: Double
        /// The familiarity below which the answer is UNKNOWN; absent where the policy is not known.
        package var threshold: Double?

        enum CodingKeys: String, CodingKey {
            case inScopeAccuracy = "in_scope_accuracy"
            case recall
            case precision
            case f1
            case auroc
            case threshold
        }
    }

    /// Shares of the in-scope answers; an equal exemplar counts as retrieval.
    package struct DecidedByFigures: Sendable, Codable, Equatable {
        package var retrieval: Double
        package var llm: Double
        package var degraded: Double
    }

    /// What in-scope callers are told: shares of all answers.
    package struct OutcomeFigures: Sendable, Codable, Equatable {
        package var route: Double
        package var clarify: Double
        package var unknown: Double
        /// Of the routes: to the gold intent, or to one above it; absent without a route.
        package var routePrecision: Double?
        /// To a parent of the leading candidate, as a share of all answers; among the routes.
        package var backedOff: Double

        enum CodingKeys: String, CodingKey {
            case route
            case clarify
            case unknown
            case routePrecision = "route_precision"
            case backedOff = "backed_off"
        }
    }

    /// Accuracy among the share of utterances that are answered with the greatest sureness.
    package struct CoverageFigures: Sendable, Codable, Equatable {
        package var coverage: Double
        package var accuracy: Double
    }

    package struct Percentiles: Sendable, Codable, Equatable {
        package var p50: Double
        package var p95: Double
        package var p99: Double
    }

    /// One call in flight: encode, search and score as the replies say, total as the client waited.
    package struct LatencyFigures: Sendable, Codable, Equatable {
        package var encode: Percentiles
        package var search: Percentiles
        /// Absent where no call asked the language model.
        package var score: Percentiles?
        package var total: Percentiles
    }

    /// What was used, beside the figures.
    package struct Setup: Sendable, Equatable {
        package var indexSize: Int
        package var llm: String
        package var adapter: String?
        package var encoder: String
        package var k: Int
        package var seed: UInt64
        package var version: String

        package init(
            indexSize: Int,
            llm: String,
            adapter: String? = nil,
            encoder: String,
            k: Int,
            seed: UInt64,
            version: String,
        ) {
            self.indexSize = indexSize
            self.llm = llm
            self.adapter = adapter
            self.encoder = encoder
            self.k = k
            self.seed = seed
            self.version = version
        }
    }

    /// In-scope test utterances.
    package var n: Int
    package var indexSize: Int
    package var accuracy: Double
    package var macroF1: Double
    package var verticals: [VerticalFigures]
    package var levels: [LevelFigures]
    /// By k, as far as the policy's k goes.
    package var recallAtK: [String: Double]
    /// Absent where replies carry no probability.
    package var ece: Double?
    /// Of the vote's share.
    package var eceUncalibrated: Double
    package var oos: OutOfScopeFigures?
    package var decidedBy: DecidedByFigures
    package var outcomes: OutcomeFigures
    package var coverage: [CoverageFigures]
    package var latencyMs: LatencyFigures?
    package var llm: String
    package var adapter: String?
    package var encoder: String
    package var k: Int
    package var seed: UInt64
    package var version: String
    /// Rows of the tables by their names; absent where none were made.
    package var tables: [String: [DataTable.Row]]?

    enum CodingKeys: String, CodingKey {
        case n
        case indexSize = "index_size"
        case accuracy
        case macroF1 = "macro_f1"
        case verticals
        case levels
        case recallAtK = "recall_at_k"
        case ece
        case eceUncalibrated = "ece_uncalibrated"
        case oos
        case decidedBy = "decided_by"
        case outcomes
        case coverage
        case latencyMs = "latency_ms"
        case llm
        case adapter
        case encoder
        case k
        case seed
        case version
        case tables
    }
}

package import Core
package import Foundation

/// What the judges were fitted to: read from the file that ships beside encoder and policy, else built in.
///
/// Vectors that were tuned to a run's own text (CLNN) lie otherwise than published ones, so they have fits of their own.
package struct JudgeWeights: Sendable, Hashable, Codable {
    /// The file's name in `deploy/models` and in the cache's `models`.
    package static let fileName = "switchboard-judge.json"

    /// Names of the sets.
    package var fittedOn: [String]
    package var published: JudgeFits
    /// Nil: those of published vectors serve.
    package var tuned: JudgeFits?

    private enum CodingKeys: String, CodingKey {
        case fittedOn = "fitted_on"
        case published, tuned
    }

    package init(fittedOn: [String], published: JudgeFits, tuned: JudgeFits? = nil) {
        self.fittedOn = fittedOn
        self.published = published
        self.tuned = tuned
    }

    package func fits(for material: Material) -> JudgeFits {
        material.tuned == nil ? published : tuned ?? published
    }

    /// - Throws: `.invalidArgument` with the file's path, where it cannot be read or is no such object.
    package static func load(_ url: URL) throws(SwitchboardError) -> JudgeWeights {
        do {
            let weights = try JSONDecoder().decode(JudgeWeights.self, from: Data(contentsOf: url))
            try weights.check()
            return weights
        } catch {
            let reason = (error as? SwitchboardError)?.message ?? "\(error)"
            throw .invalid("\(url.path) holds no weights of a judge: \(reason)")
        }
    }

    /// What `load` reads, the same bytes for the same weights.
    package func written() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    private func check() throws(SwitchboardError) {
        try published.check("published")
        try tuned?.check("tuned")
    }

    /// The file that deploy/setup has put into the cache; without one, or where it cannot be read, what is built in.
    ///
    /// Whoever has to say what is wrong with a file calls `load`.
    package static let shipped: JudgeWeights = {
        let folder = CacheFolder.path(environment: ProcessInfo.processInfo.environment)
        let file = URL(fileURLWithPath: folder).appendingPathComponent("models").appendingPathComponent(
            JudgeWeights.fileName
        )
        return (try? JudgeWeights.load(file)) ?? JudgeWeights.builtin
    }()
}

/// The fits for one kind of vectors.
package struct JudgeFits: Sendable, Hashable, Codable {
    /// Of clusters, by features of the vectors.
    package var vectors: LogisticFit
    /// Of mixes of few sentences, by those features that need no other cluster.
    package var mixes: LogisticFit
    /// Of clusters, by what the scorer says.
    package var scorer: LogisticFit
    /// Of clusters, by both; nil: the mean of both logits.
    package var both: LogisticFit?
    /// The mean cosine between members that all but a hundredth of the good clusters have, in every pool; nil: not known.
    ///
    /// What is less alike was hardly among what the judges learnt from, where a cluster of unrelated utterances is a bad one of
    /// a pool full of others; in a pool of nothing else it looks as well set apart as a good one.
    package var leastSimilarity: Double?

    private enum CodingKeys: String, CodingKey {
        case vectors, mixes, scorer, both
        case leastSimilarity = "least_similarity"
    }

    /// The name of the scorer's figure among the features: the mean of the own cluster's share.
    package static let ownShare = "own_share"

    package init(
        vectors: LogisticFit,
        mixes: LogisticFit,
        scorer: LogisticFit,
        both: LogisticFit? = nil,
        leastSimilarity: Double? = nil,
    ) {
        self.vectors = vectors
        self.mixes = mixes
        self.scorer = scorer
        self.both = both
        self.leastSimilarity = leastSimilarity
    }

    /// - Parameters:
    ///   - logit: what a fit says of the cluster.
    ///   - features: in the order of `JudgeFeature.allCases`.
    /// - Returns: no more than one in four where its members are less alike than good ones are. Of such clusters as many were
    ///   good on HWU64's train part, where they are rare.
    func bounded(_ logit: Double, _ features: [Double]) -> Double {
        guard let leastSimilarity, features[JudgeFeature.similarity.place] < leastSimilarity else { return logit }
        return min(logit, Self.unlike)
    }

    /// The logit of a quarter.
    private static let unlike = -1.1

    func check(_ kind: String) throws(SwitchboardError) {
        let all = JudgeFeature.allCases.map(\.rawValue)
        try vectors.check("\(kind).vectors", known: all)
        try mixes.check("\(kind).mixes", known: JudgeFeature.ofMixes.map(\.rawValue))
        try scorer.check("\(kind).scorer", known: [Self.ownShare])
        try both?.check("\(kind).both", known: all + [Self.ownShare])
        if let leastSimilarity, !(-1...1).contains(leastSimilarity) {
            throw .invalid("\(kind).least_similarity is \(leastSimilarity); a cosine, -1 to 1, is accepted")
        }
    }
}

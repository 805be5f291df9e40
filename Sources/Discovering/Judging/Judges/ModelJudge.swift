package import Core

/// Asks a language model that answers yes or no whether the sampled sentences of a cluster share one intent, as Dial-In LLM
/// does; by vectors where there is none, or none answers.
///
/// A cluster is asked about twice, with two draws of its sentences: the estimate is the mean of the logits. Two answers
/// are too few for an interval, so how much draws differ is taken over all clusters together.
package struct ModelJudge: ClusterJudge {
    package let weights: JudgeWeights
    private let engines: any DiscoveryEngines
    private let effort: EffortCounter
    private let sampling: DiscoverySettings.Sampling
    private let patience = JudgePatience()

    package var kind: DiscoverySettings.JudgeKind { .llm }

    private static let draws = 2
    /// Of the normal distribution, with a twentieth beyond it on either side.
    private static let quantile = 1.645

    package init(
        weights: JudgeWeights,
        engines: any DiscoveryEngines,
        effort: EffortCounter,
        sampling: DiscoverySettings.Sampling = .random,
    ) {
        self.weights = weights
        self.engines = engines
        self.effort = effort
        self.sampling = sampling
    }

    package func judge(
        _ clusters: [[Int]],
        of field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterJudgement] {
        var answers: [[Double]?] = []
        for (number, cluster) in clusters.enumerated() {
            try await progress(Double(number) / Double(clusters.count))
            answers.append(try await logits(of: cluster, in: field))
        }
        try await progress(1)
        let deviation = Self.deviation(answers.compactMap(\.self))
        let told = answers.map { logits -> ClusterJudgement? in
            guard let logits else { return nil }
            guard !logits.isEmpty else { return ClusterJudgement.ofNothing }
            let mean = logits.reduce(0, +) / Double(logits.count)
            let reach = deviation.map { Self.quantile * $0 / Double(logits.count).squareRoot() } ?? .infinity
            let probability = logistic(mean)
            return ClusterJudgement(
                probability: probability,
                low: logistic(mean - reach),
                high: logistic(mean + reach),
                isGood: probability >= field.goodProbability
            )
        }
        return try await VectorJudge(weights: weights).standIn(for: told, of: clusters, in: field, progress: progress)
    }

    /// One a draw; none for a cluster of fewer than two; nil where no model answered.
    private func logits(of cluster: [Int], in field: JudgedField) async throws -> [Double]? {
        guard cluster.count >= 2 else { return [] }
        guard !patience.isOver else { return nil }
        let sample = ClusterSample(cluster, in: field.material.clusteringVectors)
        var random = field.generator(for: cluster, salt: 6)
        var logits: [Double] = []
        for _ in 0..<Self.draws {
            let rows = sample.drawn(field.samples, by: sampling, using: &random)
            guard let answer = try await engines.judge(rows.map { field.material.utterances[$0].text }) else {
                patience.note(isAnswered: false)
                return nil
            }
            effort.addCall(tokens: answer.tokens, seconds: answer.seconds)
            logits.append(logit(answer.value))
            // Nothing else could be drawn: the same question would get the same answer.
            if cluster.count <= field.samples || sampling == .medoid || sampling == .extreme { break }
        }
        patience.note(isAnswered: true)
        return logits
    }

    /// Of answers about the same cluster, pooled; nil where no cluster was asked about twice.
    private static func deviation(_ answers: [[Double]]) -> Double? {
        let pairs = answers.filter { $0.count == 2 }
        guard !pairs.isEmpty else { return nil }
        let sum = pairs.reduce(0) { $0 + ($1[0] - $1[1]) * ($1[0] - $1[1]) / 2 }
        return (sum / Double(pairs.count)).squareRoot()
    }
}

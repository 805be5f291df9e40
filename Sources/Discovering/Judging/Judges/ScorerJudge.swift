package import Core
internal import Models
internal import SwitchboardClient

/// Asks the trained scorer of each sampled sentence of a cluster whether it belongs there or to one of the nearest rivals,
/// which is what the scorer was trained for; P(good) comes from the mean of the own cluster's share.
///
/// The medoids of the clusters and the members next to them are the exemplars. The clusters' names say nothing and change
/// with every sentence, so that neither a name nor a place is preferred. Where there is no scorer, or no rival, it judges
/// by vectors.
package struct ScorerJudge: ClusterJudge {
    package let weights: JudgeWeights
    private let engines: any DiscoveryEngines
    private let effort: EffortCounter
    private let sampling: DiscoverySettings.Sampling

    package var kind: DiscoverySettings.JudgeKind { .scorer }

    /// Clusters that a sentence might belong to instead.
    static let rivals = 3
    /// Of each cluster in a prompt.
    static let exemplars = 2
    /// Prompts under way at a time.
    static let promptsAtATime = 4

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
        guard let shares = try await ownShares(of: clusters, in: field, progress: progress) else {
            return try await VectorJudge(weights: weights).judge(clusters, of: field, progress: progress)
        }
        let fit = weights.fits(for: field.material).scorer
        return zip(clusters, shares).map { cluster, shares in
            guard let mean = Self.mean(shares) else { return .ofNothing }
            var random = field.generator(for: cluster, salt: 3)
            let halves = Self.halves(of: shares, VectorJudge.halves, using: &random)
            return field.judgement(logit: fit.logit([mean]), halves: halves.map { fit.logit([$0]) })
        }
    }

    /// For each cluster the share that the scorer gives it for each of its sampled sentences; none for fewer than two
    /// members.
    ///
    /// - Returns: nil where there is no scorer, or fewer than two clusters.
    package func ownShares(
        of clusters: [[Int]],
        in field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [[Double]]? {
        let surroundings = Surroundings(of: clusters, in: field)
        let all = clusters + field.beside
        guard all.count(where: { !$0.isEmpty }) >= 2 else { return nil }
        let orders = all.map { ClusterSample($0, in: field.material.clusteringVectors) }
        var shares: [[Double]] = []
        for (number, cluster) in clusters.enumerated() {
            try await progress(Double(number) / Double(clusters.count))
            guard cluster.count >= 2 else {
                shares.append([])
                continue
            }
            var random = field.generator(for: cluster, salt: 4)
            let sentences = orders[number].drawn(field.samples, by: sampling, using: &random)
            let rivals = surroundings.rivals(of: number, limit: Self.rivals)
            let sides = ([number] + rivals).map { orders[$0] }
            let questions = try sentences.enumerated().map { place, sentence in
                try BelongingQuestion(of: sentence, sides: sides, turn: place, in: field)
            }
            let answers = try await inFlight(Self.promptsAtATime, questions) { question in try await share(question) }
            let told = answers.compactMap(\.self)
            guard told.count == answers.count else { return nil }
            shares.append(told)
        }
        try await progress(1)
        return shares
    }

    private func share(_ question: BelongingQuestion) async throws -> Double? {
        let start = ContinuousClock.now
        guard let output = try await engines.score(question.input) else { return nil }
        effort.addCall(tokens: output.promptTokens, seconds: start.duration(to: .now).seconds)
        return Measure.softmax(output.logProbabilities)[question.own]
    }

    /// Nil of none.
    static func mean(_ shares: [Double]) -> Double? {
        shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }

    /// Means of random halves; none of fewer than four shares.
    static func halves(of shares: [Double], _ count: Int, using random: inout SeededGenerator) -> [Double] {
        guard shares.count >= 4 else { return [] }
        return (0..<count).map { _ in
            let half = shares.shuffled(using: &random).prefix(shares.count / 2)
            return half.reduce(0, +) / Double(half.count)
        }
    }
}

package import Core
internal import Models
internal import SwitchboardClient

/// Asks the trained scorer of each sampled sentence of a cluster whether it belongs there or to one of the nearest rivals,
/// which is what the scorer was trained for; P(good) comes from the mean of the own cluster's share.
///
/// The medoids of the clusters and the members next to them are the exemplars. The clusters' names say nothing and change
/// with every sentence, so that neither a name nor a place is preferred. Where there is no scorer, or no rival, it judges
/// by vectors; and so a cluster of which the scorer left a question unanswered.
package struct ScorerJudge: ClusterJudge {
    package let weights: JudgeWeights
    private let engines: any DiscoveryEngines
    private let effort: EffortCounter
    private let sampling: DiscoverySettings.Sampling
    private let patience = JudgePatience()

    package var kind: DiscoverySettings.JudgeKind { .scorer }

    /// Clusters that a sentence might belong to instead.
    static let rivals = 3
    /// Of each cluster in a prompt.
    static let exemplars = 2
    /// Prompts under way at a time.
    static let promptsAtATime = 4

    /// Of a question; those of the same cluster that are under way need not be answered any more.
    private struct NoAnswer: Error {}

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
        guard Self.haveRivals(clusters, in: field) else {
            return try await VectorJudge(weights: weights).judge(clusters, of: field, progress: progress)
        }
        let shares = try await ownShares(of: clusters, in: field, progress: progress)
        let fit = weights.fits(for: field.material).scorer
        let told = zip(clusters, shares).map { cluster, shares -> ClusterJudgement? in
            guard let shares else { return nil }
            guard let mean = Self.mean(shares) else { return ClusterJudgement.ofNothing }
            var random = field.generator(for: cluster, salt: 3)
            let halves = Self.halves(of: shares, VectorJudge.halves, using: &random)
            return field.judgement(logit: fit.logit([mean]), halves: halves.map { fit.logit([$0]) })
        }
        return try await VectorJudge(weights: weights).standIn(for: told, of: clusters, in: field, progress: progress)
    }

    /// Whether there are two clusters at least, so that a sentence of one might belong to another.
    static func haveRivals(_ clusters: [[Int]], in field: JudgedField) -> Bool {
        (clusters + field.beside).count(where: { !$0.isEmpty }) >= 2
    }

    /// For each cluster the share that the scorer gives it for each of its sampled sentences; none for fewer than two
    /// members.
    ///
    /// - Returns: nil for a cluster of which no scorer answered all questions, and for each where there are fewer than two.
    package func ownShares(
        of clusters: [[Int]],
        in field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [[Double]?] {
        guard Self.haveRivals(clusters, in: field) else { return clusters.map { _ in nil } }
        let surroundings = Surroundings(of: clusters, in: field)
        let orders = (clusters + field.beside).map { ClusterSample($0, in: field.material.clusteringVectors) }
        var shares: [[Double]?] = []
        for (number, cluster) in clusters.enumerated() {
            try await progress(Double(number) / Double(clusters.count))
            guard cluster.count >= 2 else {
                shares.append([])
                continue
            }
            guard !patience.isOver else {
                shares.append(nil)
                continue
            }
            var random = field.generator(for: cluster, salt: 4)
            let sentences = orders[number].drawn(field.samples, by: sampling, using: &random)
            let rivals = surroundings.rivals(of: number, limit: Self.rivals)
            let sides = ([number] + rivals).map { orders[$0] }
            let questions = try sentences.enumerated().map { place, sentence in
                try BelongingQuestion(of: sentence, sides: sides, turn: place, in: field)
            }
            do {
                shares.append(try await inFlight(Self.promptsAtATime, questions) { try await share($0) })
                patience.note(isAnswered: true)
            } catch is NoAnswer {
                shares.append(nil)
                patience.note(isAnswered: false)
            }
        }
        try await progress(1)
        return shares
    }

    /// - Throws: `NoAnswer`; what the engines throw.
    private func share(_ question: BelongingQuestion) async throws -> Double {
        let start = ContinuousClock.now
        guard let output = try await engines.score(question.input) else { throw NoAnswer() }
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

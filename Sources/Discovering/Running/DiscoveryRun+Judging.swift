internal import Clustering
internal import Core

// How clusters of a group are judged.
extension DiscoveryRun {
    func judge(
        _ saved: SavedPartition,
        of material: Material,
        _ found: JudgedField?,
        _ work: RunWork,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> JudgedPartition {
        let judge = makeJudge(settings, engines: engines, weights: weights, effort: work.effort)
        let partition = Partition(labels: saved.labels)
        // Nothing to compare a lone utterance with, nor the only cluster there is.
        if material.utterances.count < 2 || Self.isOne(material.clusteringVectors) {
            let one = ClusterJudgement(probability: 1, low: 0, high: 1, isGood: true)
            return JudgedPartition(partition: partition, judgements: [one])
        }
        // A run that goes on has the partition and looks for the neighbours anew, which are the same.
        let field: JudgedField
        if let found {
            field = found
        } else {
            field = try await JudgedField.find(in: material, settings: settings)
        }
        if settings.method == .dialIn {
            return try await DialInLoop(settings: settings).run(over: field, judge: judge, progress: progress)
        }
        let judged = try await JudgedPartition.judging(partition, of: field, by: judge) {
            try await progress(0.5 * $0)
        }
        return try await splitBad(judged, of: field, by: judge, minimumSize: settings.minimumSize) {
            try await progress(0.5 + 0.5 * $0)
        }
    }

    /// What is said where the vectors judged in a language model's place; nil: nothing.
    ///
    /// - Parameters:
    ///   - count: of the clusters that they judged so.
    ///   - clusters: of the run.
    func note(onStandIns count: Int, of clusters: Int) -> String? {
        guard count > 0 else { return nil }
        let model = settings.judge == .llm ? "language model" : "language model with a trained adapter"
        let verb = count == 1 ? "was" : "were"
        return "\(count) of \(clusters) clusters \(verb) judged by the vectors, since no \(model) answered."
    }
}

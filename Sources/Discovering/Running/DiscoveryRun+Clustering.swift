internal import Clustering
internal import Core

// Partitions of the groups, judged.
extension DiscoveryRun {
    /// Ward's linkage takes rows * rows * dimension steps.
    private static let mostForWard = 20_000
    private static let kMeansRestarts = 10
    /// From this cosine on two vectors are the same utterance to every engine.
    private static let identical: Float = 0.9999

    /// The judged partition of each group; nil of one that is too small. Notes cuts in the outcome, and what judged in a
    /// language model's place.
    func judgedGroups(
        _ groups: [UtteranceGroup],
        _ materials: [Material?],
        _ outcome: inout RunOutcome,
        _ work: RunWork,
    ) async throws -> [JudgedGroup?] {
        let total = Double(max(1, materials.reduce(0) { $0 + ($1?.utterances.count ?? 0) }))
        var fields = [JudgedField?](repeating: nil, count: groups.count)
        var partitions = [SavedPartition?](repeating: nil, count: groups.count)
        var done = 0.0
        for (number, material) in materials.enumerated() {
            guard let material else { continue }
            let (start, share) = (done, Double(material.utterances.count) / total)
            await work.reporter.begin(.clustering, "clustering \(groups[number].name)")
            let saved = try await partition(of: material, number, &fields[number], work) { fraction in
                await work.reporter.advance(to: start + share * fraction)
            }
            outcome.cuts += saved.summaries(
                vertical: groups[number].vertical,
                role: groups[number].role,
                minimumSize: settings.minimumSize
            )
            outcome.sweptCuts += saved.swept(vertical: groups[number].vertical, role: groups[number].role)
            partitions[number] = saved
            done += share
        }
        var judged: [JudgedGroup?] = []
        var (clusters, standIns) = (0, 0)
        done = 0
        for (number, group) in groups.enumerated() {
            guard let material = materials[number], let partition = partitions[number] else {
                judged.append(nil)
                continue
            }
            let (start, share) = (done, Double(material.utterances.count) / total)
            await work.reporter.begin(.judging, "judging clusters of \(group.name)")
            let saved = try await work.stages.product(of: "judged-\(number)") { () async throws -> SavedJudgements in
                let product = try await judge(partition, of: material, fields[number], work) { fraction in
                    try Task.checkCancellation()
                    await work.reporter.advance(to: start + share * fraction)
                }
                return SavedJudgements(partition: product.partition, judgements: product.judgements)
            }
            try await work.saveEffort()
            clusters += saved.judgements.count
            standIns += saved.standIns ?? 0
            // The next group's are made room for.
            fields[number] = nil
            judged.append(
                JudgedGroup(
                    number: number,
                    material: material,
                    partition: saved.partition,
                    judgements: saved.clusterJudgements
                )
            )
            done += share
        }
        if let note = note(onStandIns: standIns, of: clusters) { outcome.notes.append(note) }
        return judged
    }

    // MARK: Partition

    private func partition(
        of material: Material,
        _ number: Int,
        _ field: inout JudgedField?,
        _ work: RunWork,
        progress: @escaping @Sendable (Double) async -> Void,
    ) async throws -> SavedPartition {
        let stage = "partition-\(number)"
        if let saved = try await work.stages.load(stage, as: SavedPartition.self) { return saved }
        let count = material.utterances.count
        let saved: SavedPartition
        if count < 2 || Self.isOne(material.clusteringVectors) {
            saved = SavedPartition(labels: [Int](repeating: 0, count: count), cuts: [])
        } else {
            let found = try await JudgedField.find(in: material, settings: settings) { await progress(0.3 * $0) }
            field = found
            saved = try await cut(material, found) { await progress(0.3 + 0.7 * $0) }
        }
        try await work.stages.save(stage, encoding: saved)
        try await work.saveEffort()
        return saved
    }

    /// Whether nothing tells the utterances apart.
    static func isOne(_ table: VectorTable) -> Bool {
        let first = Array(table[0])
        return (1..<table.count).allSatisfy { Direction.dot(first, Array(table[$0])) >= identical }
    }

    private func cut(
        _ material: Material,
        _ found: JudgedField,
        progress: @Sendable (Double) async -> Void,
    ) async throws -> SavedPartition {
        let (settings, vectors) = (settings, material.clusteringVectors)
        let isWard = settings.method == .ward || settings.method == .dialIn && settings.base == .ward
        if isWard, vectors.count > Self.mostForWard {
            throw SwitchboardError.invalid(
                "Ward's linkage is for at most \(Self.mostForWard) utterances of a vertical and role, not for "
                    + "\(vectors.count); use the method graph"
            )
        }
        return try await Computation.run("sb-cluster", progress: progress) { checkpoint -> SavedPartition in
            // The loop clusters for itself.
            if settings.method == .dialIn {
                return SavedPartition(labels: [Int](repeating: 0, count: vectors.count), cuts: [])
            }
            var cuts: [SavedPartition.Cut] = []
            var labels: [Int] = []
            if let clusters = settings.clusters, settings.method == .graph {
                let cut = try PartitionSweep.nearest(
                    to: max(1, clusters),
                    graph: found.graph,
                    vectors: vectors,
                    lists: found.lists,
                    seed: settings.seed,
                    progress: checkpoint
                )
                labels = cut.partition.clusters
                cuts = [SavedPartition.Cut(cut, offeredAs: [.chosen])]
            } else if settings.clusters == nil {
                let sweep = try PartitionSweep(
                    graph: found.graph,
                    vectors: vectors,
                    lists: found.lists,
                    seed: settings.seed,
                    progress: checkpoint
                )
                cuts = sweep.cuts.map { cut in
                    SavedPartition.Cut(
                        cut,
                        offeredAs: DiscoverySettings.Cut.allCases.filter {
                            sweep.offered(as: $0).resolution == cut.resolution
                        }
                    )
                }
                labels = sweep.offered(as: settings.cut).partition.clusters
            }
            // Where the number is not known it is the graph's.
            let clusters = max(1, settings.clusters ?? Set(labels).count)
            switch settings.method {
            case .graph, .dialIn: break
            case .kMeans:
                labels =
                    BaseClustering.kMeans(
                        vectors,
                        clusters: clusters,
                        restarts: Self.kMeansRestarts,
                        seed: settings.seed
                    ).clusters
            case .ward: labels = BaseClustering.wardLinkage(vectors, clusters: clusters).clusters
            }
            return SavedPartition(labels: labels, cuts: cuts)
        }
    }
}

extension PartitionSweep {
    fileprivate func offered(as cut: DiscoverySettings.Cut) -> SweepCut {
        switch cut {
        case .coarser: coarser
        case .chosen: chosen
        case .finer: finer
        }
    }
}

extension SavedPartition.Cut {
    fileprivate init(_ found: SweepCut, offeredAs: [DiscoverySettings.Cut]) {
        self.init(
            offeredAs: offeredAs.map(\.rawValue),
            clusters: found.partition.clusterCount,
            resolution: found.resolution,
            // What is no number does not go into a checkpoint.
            silhouette: found.silhouette.isFinite ? found.silhouette : 0
        )
    }
}

/// A group of utterances with its clusters.
struct JudgedGroup: Sendable {
    /// Place of the group in the run.
    let number: Int
    let material: Material
    let partition: Partition
    /// Of each cluster.
    let judgements: [ClusterJudgement]
}

internal import Clustering
internal import Core
internal import Discovering

// What each step of the method brings, measured one after the other.
extension DiscoveryEvalRun {
    /// Neighbours that Jaccard weights are made of.
    private static let listLength = 30

    /// A group's neighbours and graph.
    private struct Field: Sendable {
        let group: MaterialGroup
        let lists: NeighbourLists
        let graph: NeighbourGraph
    }

    private func field(_ group: MaterialGroup) -> Field {
        let vectors = group.material.clusteringVectors
        let lists = NeighbourLists(
            of: vectors,
            k: Self.listLength,
            threads: settings.threads,
            seed: settings.run.seed
        )
        return Field(
            group: group,
            lists: lists,
            graph: NeighbourGraph(jaccardOf: lists, linked: settings.run.neighbours)
        )
    }

    private func chosenCut(_ field: Field) -> Partition {
        PartitionSweep(
            graph: field.graph,
            vectors: field.group.material.clusteringVectors,
            lists: field.lists,
            seed: settings.run.seed
        ).chosen.partition
    }

    /// The cut whose number of clusters is nearest to that of the gold labels, by the settings' method; where that is the
    /// paper's loop, which finds a number by itself, the graph's.
    func atGoldCount(_ group: MaterialGroup) -> Partition {
        let vectors = group.material.clusteringVectors
        let count = group.goldCount(set.labels)
        switch settings.run.method {
        case .kMeans:
            return BaseClustering.kMeans(
                vectors,
                clusters: count,
                restarts: Self.restarts,
                seed: settings.run.seed
            )
        case .ward: return BaseClustering.wardLinkage(vectors, clusters: count)
        case .graph, .dialIn:
            let field = field(group)
            return PartitionSweep.nearest(
                to: count,
                graph: field.graph,
                vectors: vectors,
                lists: field.lists,
                seed: settings.run.seed
            ).partition
        }
    }

    /// One line a step: k-means at the number of gold labels on the vectors as they are, and on the tuned ones; the graph's
    /// cut; what the judge splits of it; the whole run, which also merges; the paper's loop.
    ///
    /// - Parameter whole: the line of the run that was measured.
    func steps(
        _ groups: [MaterialGroup],
        _ vectors: VectorTable,
        whole: DiscoveryReport.Step,
    ) async throws -> [DiscoveryReport.Step] {
        var steps: [DiscoveryReport.Step] = []
        func tell() { progress(DiscoveryEvalProgress(.steps, Double(steps.count) / 6)) }
        tell()
        steps.append(
            try await step("vectors", groups, vectors) { group in
                kMeansAtGoldCount(group.material.vectors, group)
            }
        )
        tell()
        if settings.run.isTuned {
            steps.append(
                try await step("tuning", groups, vectors) { group in
                    kMeansAtGoldCount(group.material.clusteringVectors, group)
                }
            )
        }
        tell()
        steps.append(
            try await step("graph", groups, vectors) { group in
                chosenCut(field(group))
            }
        )
        tell()
        steps.append(try await judged(groups, vectors))
        steps.append(whole)
        tell()
        if settings.run.method != .dialIn { steps.append(try await papersLoop(vectors)) }
        return steps
    }

    private func kMeansAtGoldCount(_ vectors: VectorTable, _ group: MaterialGroup) -> Partition {
        BaseClustering.kMeans(
            vectors,
            clusters: group.goldCount(set.labels),
            restarts: Self.restarts,
            seed: settings.run.seed
        )
    }

    private func step(
        _ name: String,
        _ groups: [MaterialGroup],
        _ vectors: VectorTable,
        _ partition: @escaping @Sendable (MaterialGroup) -> Partition,
    ) async throws -> DiscoveryReport.Step {
        let start = ContinuousClock.now
        let partitions = try await WorkThread("step").run { groups.map { $0.partitioned(partition($0)) } }
        let seconds = start.duration(to: .now).seconds
        return DiscoveryReport.Step(name, try figures(partitions, vectors), seconds: seconds)
    }

    /// The graph's cut with what the judge splits of it, before anything is merged.
    private func judged(
        _ groups: [MaterialGroup],
        _ vectors: VectorTable,
    ) async throws -> DiscoveryReport.Step {
        let start = ContinuousClock.now
        let effort = EffortCounter()
        let judge = makeJudge(settings.run, engines: engines, weights: weights, effort: effort)
        var partitions: [GroupPartition] = []
        for group in groups {
            let (field, cut) = try await WorkThread("step").run { () -> (Field, Partition) in
                let made = self.field(group)
                return (made, chosenCut(made))
            }
            let judgedField = JudgedField(
                material: group.material,
                lists: field.lists,
                graph: field.graph,
                seed: settings.run.seed,
                samples: settings.run.samples,
                goodProbability: settings.run.goodProbability
            )
            let whole = try await JudgedPartition.judging(cut, of: judgedField, by: judge)
            let judged = try await splitBad(
                whole,
                of: judgedField,
                by: judge,
                minimumSize: settings.run.minimumSize
            )
            partitions.append(group.partitioned(judged.partition, judged.judgements))
        }
        return DiscoveryReport.Step(
            "judge",
            try figures(partitions, vectors),
            llmCalls: effort.total.llmCalls,
            seconds: start.duration(to: .now).seconds
        )
    }

    private func papersLoop(_ vectors: VectorTable) async throws -> DiscoveryReport.Step {
        var paper = settings.run
        paper.method = .dialIn
        paper.namesByModel = false
        let start = ContinuousClock.now
        let outcome = try await discover(paper) { fraction, note in
            progress(DiscoveryEvalProgress(.steps, (5 + fraction) / 6, note: note))
        }
        return DiscoveryReport.Step(
            "dial-in",
            try figures(outcome.partitions, vectors),
            llmCalls: outcome.effort.llmCalls,
            seconds: start.duration(to: .now).seconds
        )
    }

    private func figures(_ groups: [GroupPartition], _ vectors: VectorTable) throws -> ClusterFigures {
        try ClusterFigures(FoundClusters(groups, of: set.utterances, vectors: vectors), of: set, noise: settings.noise)
    }
}

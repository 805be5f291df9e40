internal import Core

/// What all cuts of one graph share.
struct Sweeper {
    private let graph: NeighbourGraph
    private let smoothed: VectorTable
    private let seed: UInt64

    init(graph: NeighbourGraph, vectors: VectorTable, lists: NeighbourLists, seed: UInt64) {
        precondition(graph.count == vectors.count, "a vector for each row of the graph")
        self.graph = graph
        self.seed = seed
        smoothed = vectors.smoothed(by: lists)
    }

    func partition(at resolution: Double) -> Partition { graph.leiden(resolution: resolution, seed: seed) }

    func cut(_ partition: Partition, _ resolution: Double) -> SweepCut {
        SweepCut(
            resolution: resolution,
            partition: partition,
            silhouette: Silhouette.mean(of: partition, in: smoothed),
        )
    }

    func cut(at resolution: Double, runs: Int, progress: (Double) throws -> Void) rethrows -> SweepCut {
        let level = LevelGraph(graph)
        var seeds = SeededGenerator(seed: seed)
        var best: (partition: Partition, modularity: Double)?
        var silhouettes = 0.0
        for run in 0..<runs {
            let partition = graph.leiden(level, resolution: resolution, seed: seeds.next())
            silhouettes += Silhouette.mean(of: partition, in: smoothed)
            let modularity = graph.modularity(of: partition, resolution: resolution)
            if best.map({ modularity > $0.modularity }) ?? true { best = (partition, modularity) }
            try progress(Double(run + 1) / Double(runs))
        }
        // There is at least one run.
        return SweepCut(
            resolution: resolution,
            partition: best!.partition,
            silhouette: silhouettes / Double(runs),
        )
    }
}

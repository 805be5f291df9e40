internal import Clustering
internal import Core
internal import Foundation

/// Who is near whom among the utterances of a group, and the graph of it.
struct Neighbourhood: Sendable {
    /// Of each utterance; the weights of the graph compare whole lists, longer than what is joined.
    private static let listed = 30

    let lists: NeighbourLists
    let graph: NeighbourGraph

    /// On a thread of its own. To be called for at least two utterances.
    static func find(
        in material: Material,
        settings: DiscoverySettings,
        progress: @Sendable (Double) async -> Void = { _ in },
    ) async throws -> Neighbourhood {
        // All of them: below the niceness of everything else they take what is left over.
        let threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
        let table = material.clusteringVectors
        let linked = max(1, settings.neighbours)
        let (listed, seed) = (max(Self.listed, 2 * linked), settings.seed)
        return try await Computation.run("sb-neighbours", progress: progress) { checkpoint -> Neighbourhood in
            let lists = try NeighbourLists(of: table, k: listed, threads: threads, seed: seed) { try checkpoint(0) }
            try checkpoint(0.8)
            return Neighbourhood(lists: lists, graph: NeighbourGraph(jaccardOf: lists, linked: linked))
        }
    }

    /// As judges take it.
    func field(of material: Material, _ settings: DiscoverySettings) -> JudgedField {
        JudgedField(
            material: material,
            lists: lists,
            graph: graph,
            seed: settings.seed,
            samples: settings.samples,
            goodProbability: settings.goodProbability
        )
    }
}

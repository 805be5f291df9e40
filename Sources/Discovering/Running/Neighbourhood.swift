internal import Clustering
internal import Core
internal import Foundation

/// Who is near whom among the utterances of a group, and the graph of it.
struct Neighbourhood: Sendable {
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
        return try await Computation.run("sb-neighbours", progress: progress) { checkpoint -> Neighbourhood in
            let field = try JudgedField(of: material, settings: settings, threads: threads, checkpoint: checkpoint)
            return Neighbourhood(lists: field.lists, graph: field.graph)
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

internal import Core
internal import Foundation

extension JudgedField {
    /// Who is near whom among the utterances of a group, on a thread of its own. To be called for at least two utterances.
    static func find(
        in material: Material,
        settings: DiscoverySettings,
        progress: @Sendable (Double) async -> Void = { _ in },
    ) async throws -> JudgedField {
        // All of them: below the niceness of everything else they take what is left over.
        let threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
        return try await Computation.run("sb-neighbours", progress: progress) { checkpoint in
            try JudgedField(of: material, settings: settings, threads: threads, checkpoint: checkpoint)
        }
    }
}

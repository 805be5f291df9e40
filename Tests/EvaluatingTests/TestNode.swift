import Core
import Evaluating
import Foundation
import Node
import SwitchboardClient
import Synchronization

/// A temporary node with the encoder that deploy/setup installed.
enum TestNode {
    struct MissingModel: Error, CustomStringConvertible {
        let path: String
        var description: String { "there is no model at \(path); install it with: deploy/setup" }
    }

    static func models() throws -> ModelPaths {
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment))
        models.scorer = nil
        models.adapter = nil
        models.policy = nil
        guard let encoder = models.encoder, FileManager.default.isReadableFile(atPath: encoder) else {
            throw MissingModel(path: models.encoder ?? "")
        }
        return models
    }

    static func run<Product>(_ body: (SwitchboardClient) async throws -> Product) async throws -> Product {
        try await TemporaryNode.run(models: try models(), computeThreads: 2, body)
    }

    static func evaluate(
        _ data: EvalData,
        _ settings: EvalSettings,
        progress: @escaping EvalProgressReport = { _ in },
    ) async throws -> EvalOutcome {
        try await run { client in
            try await EvalRun(client: client, data: data, settings: settings, progress: progress).run()
        }
    }
}

/// What was told of an evaluation's progress.
final class ProgressLog: Sendable {
    private let told = Mutex<[EvalProgress]>([])

    func add(_ progress: EvalProgress) { told.withLock { $0.append(progress) } }

    var all: [EvalProgress] { told.withLock { $0 } }

    /// Each once, in the order of first mention.
    var stages: [EvalProgress.Stage] {
        all.reduce(into: []) { stages, progress in
            if !stages.contains(progress.stage) { stages.append(progress.stage) }
        }
    }
}

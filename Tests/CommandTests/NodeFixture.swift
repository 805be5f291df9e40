import Foundation
import Logging
import Node
import SwitchboardClient

/// A node with the real encoder, on a folder and ports of its own.
struct NodeFixture {
    let node: RunningNode
    let client: SwitchboardClient
    private let folder: Scratch

    init() async throws {
        folder = try Scratch()
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment))
        models.scorer = nil
        models.adapter = nil
        models.policy = nil
        let configuration = NodeConfiguration(
            name: "test",
            dataPath: folder.path + "/data",
            addresses: .anyLocalPort,
            models: models,
            computeThreads: 2
        )
        node = try await RunningNode.start(
            configuration,
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
        client = SwitchboardClient(.init(gateway: node.bound.router[0], updater: node.bound.index[0]))
        try await node.waitUntilReady()
    }

    /// Runs `body` with a node that is stopped afterwards.
    static func with<Result>(_ body: (NodeFixture) async throws -> Result) async throws -> Result {
        let fixture = try await NodeFixture()
        do {
            let result = try await body(fixture)
            await fixture.stop()
            return result
        } catch {
            await fixture.stop()
            throw error
        }
    }

    private func stop() async {
        await client.close()
        await node.stop()
    }
}

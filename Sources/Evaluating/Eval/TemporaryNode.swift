internal import Core
internal import Foundation
package import Logging
package import Node
package import SwitchboardClient

/// A node in this process, on a temporary folder and on ports that the system picks.
///
/// For whoever measures or shows something: it starts empty, and nothing of it is left afterwards.
package enum TemporaryNode {
    /// Says what went wrong, on stderr, and nothing else.
    package static var quiet: Logger {
        var logger = Logger(label: "switchboard") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }

    /// Runs `body` beside a node that is ready to serve.
    ///
    /// - Parameters:
    ///   - languageBatchTokens: as in `NodeConfiguration`.
    ///   - discovers: whether it has a clusterer too, which takes what stays unexplained.
    ///   - logger: gets what the node says; a quiet one keeps progress readable.
    /// - Throws: what keeps the node from starting, or what `body` throws.
    package static func run<Product>(
        models: ModelPaths,
        computeThreads: Int,
        languageBatchTokens: Int? = nil,
        discovers: Bool = false,
        logger: Logger = quiet,
        _ body: (SwitchboardClient) async throws -> Product,
    ) async throws -> Product {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-node-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var addresses = ListenAddresses.anyLocalPort
        addresses.http = nil
        // What is measured is fitted there, on an empty log.
        var models = models
        models.policy = nil
        let node = try await RunningNode.start(
            NodeConfiguration(
                name: "temporary",
                roles: Set(NodeRole.allCases).subtracting(discovers ? [] : [.clusterer]),
                dataPath: folder,
                addresses: addresses,
                models: models,
                computeThreads: computeThreads,
                languageBatchTokens: languageBatchTokens,
            ),
            logger: logger,
        )
        do {
            try await node.waitUntilReady()
            if models.scorer != nil { try await waitForScorer(of: node) }
            guard let router = node.bound.router.first, let index = node.bound.index.first else {
                preconditionFailure("a node with all roles listens for routers and for publishers")
            }
            var places = SwitchboardClient.Addresses(gateway: router, updater: index)
            if let discovery = node.bound.discovery.first { places.discovery = discovery }
            let product = try await SwitchboardClient.with(places, body)
            await node.stop()
            return product
        } catch {
            await node.stop()
            throw error
        }
    }

    /// What is measured with the language model is not to begin without it.
    private static func waitForScorer(of node: RunningNode) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.waitUntilScoring() }
            group.addTask {
                try await Task.sleep(for: .seconds(30))
                let trouble = await node.scorerTrouble ?? "its scorer did not attach"
                throw SwitchboardError(.unavailable, "no language model is to be had: \(trouble)")
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

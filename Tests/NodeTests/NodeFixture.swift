import Calls
import Core
import Foundation
import Logging
import Node
import SwitchboardClient
import Wire

/// A node with real models on a folder and ports of its own.
struct NodeFixture {
    let folder: URL
    let node: RunningNode
    let client: SwitchboardClient

    /// - Parameter change: made to the configuration before the node starts.
    init(
        folder: URL? = nil,
        withScorer: Bool = false,
        change: (inout NodeConfiguration) -> Void = { _ in },
    ) async throws {
        self.folder = folder ?? Self.makeFolder()
        var configuration = Self.configuration(self.folder, withScorer: withScorer)
        change(&configuration)
        node = try await RunningNode.start(configuration, logger: Self.logger)
        client = SwitchboardClient(.init(gateway: node.bound.router[0], updater: node.bound.index[0]))
        try await node.waitUntilReady()
    }

    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    static func makeFolder() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "switchboard-tests-\(UUID().uuidString)")
    }

    static func configuration(_ folder: URL, withScorer: Bool = false) -> NodeConfiguration {
        var models = ModelPaths.installed(
            in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment)
        )
        if !withScorer { models.scorer = nil }
        // Tests bring what was trained themselves, where they need it.
        models.adapter = nil
        // What ships is the first record of a log; these tests count their own.
        models.policy = nil
        return NodeConfiguration(
            name: "test",
            dataPath: folder.path,
            addresses: .anyLocalPort,
            models: models,
            computeThreads: 2
        )
    }

    func stop(keepingFolder: Bool = false) async {
        await client.close()
        await node.stop()
        if !keepingFolder { try? FileManager.default.removeItem(at: folder) }
    }

    /// Appends pairs and waits until they are found.
    func add(_ pairs: [(String, String)], vertical: String = "shop") async throws -> AppendReply {
        var commands: [LogCommand] = []
        for (text, path) in pairs {
            commands.append(
                .upsert(
                    UpsertCommand(
                        vertical: try Vertical(vertical),
                        text: try UtteranceText(text),
                        path: try IntentPath(path)
                    )
                )
            )
        }
        let batch = AppendBatch(operation: Bits128.random().bytes, source: "tests", author: "tests", commands: commands)
        return try await client.updater.call(Methods.append, AppendRequest(batch: batch, wait: .applied))
    }

    static let pairs = [
        ("my parcel never showed up", "delivery/lost"), ("the courier lost my package", "delivery/lost"),
        ("where is the box you shipped last week", "delivery/track"), ("when does my order arrive", "delivery/track"),
        ("i want my money back", "refund/ask"), ("please refund the broken kettle", "refund/ask"),
        ("i forgot my password", "account/password"), ("cannot log in any more", "account/password"),
    ]
}

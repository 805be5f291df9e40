internal import Calls
internal import Core
internal import Foundation
internal import Models
internal import Node
internal import SwitchboardClient
internal import Wire

/// Nodes of chosen roles, each a process with one compute thread, on a folder of their own.
actor BenchCluster {
    private let settings: BenchSettings
    private let folder: String
    private var children: [ChildNode] = []

    /// - Returns: what `body` returns; all processes have ended then.
    static func with<Product: Sendable>(
        _ settings: BenchSettings,
        _ body: @Sendable (BenchCluster) async throws -> Product,
    ) async throws -> Product {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-bench-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cluster = BenchCluster(settings, folder: folder)
        do {
            let product = try await body(cluster)
            await cluster.endAll()
            return product
        } catch {
            await cluster.endAll()
            throw error
        }
    }

    private init(_ settings: BenchSettings, folder: String) {
        self.settings = settings
        self.folder = folder
    }

    /// The node that clients know; it has what it needs to log and to pass on calls.
    ///
    /// - Parameter answers: whether it retrieves too, so that there is no other process in a call's way.
    func front(answers: Bool) async throws -> ChildNode {
        try await start(["gateway", "updater"] + (answers ? ["retriever"] : []), [])
    }

    /// A worker of a front.
    func worker(_ role: String, of front: ChildNode) async throws -> ChildNode {
        try await start([role], ["--connect", front.worker, "--updater", front.index])
    }

    private func start(_ roles: [String], _ more: [String]) async throws -> ChildNode {
        let name = "\(roles[0])-\(children.count)"
        var arguments = ["--roles"] + roles + ["--data", "\(folder)/\(name)", "--name", name]
        arguments += ["--listen", "tcp://127.0.0.1:0", "--snapshot-every", "0", "--log-level", "error"]
        arguments += ["--threads", "1"] + more
        if let encoder = settings.models.encoder { arguments += ["--encoder", encoder] }
        let scorer = roles.contains("scorer") ? settings.models.scorer : nil
        arguments += ["--scorer", scorer ?? "none"]
        if scorer != nil { arguments += ["--adapter", settings.models.adapter ?? "none"] }
        let child = try await ChildNode.start(settings.executable, arguments)
        children.append(child)
        return child
    }

    private func endAll() async {
        for child in children.reversed() { _ = await child.end() }
    }
}

extension SwitchboardClient {
    /// Returns when a call of the kind is answered.
    ///
    /// - Throws: the last error, where it is not within a minute.
    func waitUntilAnswered(_ text: UtteranceText, llm: LLMMode) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do {
                let request = ClassifyRequest(text: text, llm: llm, doNotStore: true)
                let response = try await gateway.call(Methods.classify, request, within: .seconds(10))
                guard llm == .always, response.decidedBy == .degraded, ContinuousClock.now < end else { return }
            } catch {
                guard ContinuousClock.now < end else { throw error }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

internal import Core
internal import Node
internal import SwitchboardClient

/// A node in a process of its own, as operators start it: what it takes of time and memory is its own then.
struct NodeProcess: Sendable {
    let client: SwitchboardClient
    private let processID: Int32

    /// Starts a node on local ports that the system picks, calls `body`, and ends the node with SIGTERM.
    ///
    /// - Throws: `.internal` where the node does not start or does not end well.
    static func run(
        _ executable: String,
        data: String,
        _ settings: BenchSettings,
        _ body: (NodeProcess) async throws -> Void,
    ) async throws {
        let child = try await ChildNode.start(executable, arguments(data: data, settings))
        do {
            try await SwitchboardClient.with(.init(gateway: child.router, updater: child.index)) { client in
                try await body(NodeProcess(client: client, processID: child.processID))
            }
        } catch {
            _ = await child.end()
            throw error
        }
        let status = await child.end()
        guard status == 0 else {
            throw SwitchboardError(.internal, "the node that was measured ended with \(status)")
        }
    }

    /// What /metrics calls `process_resident_memory_bytes`.
    var residentBytes: Int { Machine.residentBytes(of: "\(processID)") }

    private static func arguments(data: String, _ settings: BenchSettings) -> [String] {
        var arguments = ["--data", data, "--listen", "tcp://127.0.0.1:0", "--name", "bench"]
        // What is measured is to write none of its own accord.
        arguments += ["--snapshot-every", "0", "--log-level", "error", "--threads", "\(settings.computeThreads)"]
        if let encoder = settings.models.encoder { arguments += ["--encoder", encoder] }
        return arguments + ["--scorer", settings.models.scorer ?? "none"]
    }
}

internal import Core
internal import Foundation
internal import Node
internal import SwitchboardClient

/// A node in a process of its own, as operators start it: what it takes of time and memory is its own then.
struct NodeProcess: Sendable {
    let client: SwitchboardClient
    private let processID: Int32

    /// As `switchboard node --json` prints them.
    private struct Addresses: Decodable {
        let router: [String]
        let index: [String]
    }

    /// Starts a node on local ports that the system picks, calls `body`, and ends the node with SIGTERM.
    ///
    /// - Throws: `.internal` where the node does not start or does not end well.
    static func run(
        _ executable: String,
        data: String,
        _ settings: BenchSettings,
        _ body: (NodeProcess) async throws -> Void,
    ) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments(data: data, settings)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        do {
            let line = try await onThread(named: "bench-node") { pipe.fileHandleForReading.availableData }
            guard let addresses = try? JSONDecoder().decode(Addresses.self, from: line),
                let router = addresses.router.first, let index = addresses.index.first
            else { throw SwitchboardError(.internal, "the node that was to be measured did not start") }
            try await SwitchboardClient.with(.init(gateway: router, updater: index)) { client in
                try await body(NodeProcess(client: client, processID: process.processIdentifier))
            }
        } catch {
            await end(process)
            throw error
        }
        await end(process)
        guard process.terminationStatus == 0 else {
            throw SwitchboardError(.internal, "the node that was measured ended with \(process.terminationStatus)")
        }
    }

    /// What /metrics calls `process_resident_memory_bytes`.
    var residentBytes: Int { Machine.residentBytes(of: "\(processID)") }

    private static func arguments(data: String, _ settings: BenchSettings) -> [String] {
        var arguments = ["node", "--json", "--data", data, "--listen", "tcp://127.0.0.1:0", "--name", "bench"]
        // What is measured is to write none of its own accord.
        arguments += ["--snapshot-every", "0", "--log-level", "error", "--threads", "\(settings.computeThreads)"]
        if let encoder = settings.models.encoder { arguments += ["--encoder", encoder] }
        return arguments + ["--scorer", settings.models.scorer ?? "none"]
    }

    private static func end(_ process: Process) async {
        process.terminate()
        _ = try? await onThread(named: "bench-node") { process.waitUntilExit() }
    }
}

internal import Core
internal import Foundation

/// A process that runs `switchboard node`.
final class ChildNode: @unchecked Sendable {
    // Unchecked: Foundation's Process is told to end by whoever holds this, one after the other, and else only read.

    private let process: Process
    private let addresses: Addresses

    /// As `switchboard node --json` prints them; a role that the node has not has none.
    private struct Addresses: Decodable {
        let router: [String]
        let worker: [String]
        let index: [String]
    }

    private init(_ process: Process, _ addresses: Addresses) {
        self.process = process
        self.addresses = addresses
    }

    /// Starts a node; returns when it listens.
    ///
    /// - Parameters:
    ///   - executable: the `switchboard` command.
    ///   - arguments: of `switchboard node`.
    /// - Throws: `.internal` where it does not start.
    static func start(_ executable: String, _ arguments: [String]) async throws -> ChildNode {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = ["node", "--json"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = try await WorkThread("bench-node").run { pipe.fileHandleForReading.availableData }
        guard let addresses = try? JSONDecoder().decode(Addresses.self, from: line) else {
            process.terminate()
            throw SwitchboardError(.internal, "a node that was to be measured did not start")
        }
        return ChildNode(process, addresses)
    }

    // Empty where the node has no such service; nothing connects there then.
    var router: String { addresses.router.first ?? "" }
    var worker: String { addresses.worker.first ?? "" }
    var index: String { addresses.index.first ?? "" }
    var processID: Int32 { process.processIdentifier }

    /// SIGTERM.
    ///
    /// - Returns: its exit status.
    func end() async -> Int32 {
        process.terminate()
        return await waited()
    }

    /// SIGKILL: nothing is finished.
    func kill() async {
        _ = Foundation.kill(processID, SIGKILL)
        _ = await waited()
    }

    private func waited() async -> Int32 {
        let process = process
        return
            (try? await WorkThread("bench-node").run {
                process.waitUntilExit()
                return process.terminationStatus
            }) ?? -1
    }
}

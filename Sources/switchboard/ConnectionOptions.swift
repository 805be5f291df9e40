import ArgumentParser
import Foundation
import SwitchboardClient

/// Where the node is that a command talks to. Flags before environment before default.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address of a gateway ($SWITCHBOARD_CONNECT; default tcp://127.0.0.1:7700).",
            valueName: "address"
        )
    )
    var connect: String?

    @Option(
        help: ArgumentHelp(
            "Address of the index updater ($SWITCHBOARD_UPDATER; default tcp://127.0.0.1:7702).",
            valueName: "address"
        )
    )
    var updater: String?

    func client() -> SwitchboardClient {
        let environment = ProcessInfo.processInfo.environment
        var addresses = SwitchboardClient.Addresses()
        if let connect = connect ?? environment["SWITCHBOARD_CONNECT"] { addresses.gateway = connect }
        if let updater = updater ?? environment["SWITCHBOARD_UPDATER"] { addresses.updater = updater }
        return SwitchboardClient(addresses)
    }

    /// Runs `body` with a client that is closed afterwards.
    func withClient<Result>(_ body: (SwitchboardClient) async throws -> Result) async throws -> Result {
        let client = client()
        do {
            let result = try await reportingFailures { try await body(client) }
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}

import ArgumentParser
import SwitchboardClient

/// Where the node is that a command talks to. Flags before environment before default.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Address of a gateway ($SWITCHBOARD_CONNECT; default tcp://127.0.0.1:7700). Several, given again or with \
            commas, are asked in turn; one that dies is gone without.
            """,
            valueName: "address"
        )
    )
    var connect: [String] = []

    @Option(
        help: ArgumentHelp(
            "Address of the index updater ($SWITCHBOARD_UPDATER; default: the first gateway's port + 2).",
            valueName: "address"
        )
    )
    var updater: String?

    @Option(
        help: ArgumentHelp(
            "Your key pair, for nodes whose address has their public key behind a '#' ($SWITCHBOARD_KEY).",
            valueName: "file"
        )
    )
    var key: String?

    func place() throws(CommandFailure) -> NodePlace {
        try NodePlace(connect: connect, updater: updater, key: key)
    }

    /// Runs `body` with a client that is closed afterwards.
    ///
    /// - Parameter asksIndex: whether `body` asks the updater; else nobody has to know where it is.
    func withClient<Result>(
        asksIndex: Bool = true,
        _ body: (SwitchboardClient) async throws -> Result,
    ) async throws -> Result {
        let place = try place()
        return try await SwitchboardClient.with(place.addresses(asksIndex: asksIndex)) { client in
            try await reportingFailures(place.advice) { try await body(client) }
        }
    }
}

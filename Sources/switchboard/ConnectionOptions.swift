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
        let addresses = try place.addresses(asksIndex: asksIndex)
        return try await SwitchboardClient.with(addresses, refused: Terminal.noteRefusal) { client in
            try await reportingFailures(place.advice) { try await body(client) }
        }
    }
}

/// Where the clusterer is that a command asks, beside the node.
struct DiscoveryConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address of the clusterer ($SWITCHBOARD_DISCOVERY; default: the first gateway's port + 3).",
            valueName: "address"
        )
    )
    var discovery: String?

    @OptionGroup var connection: ConnectionOptions

    func place() throws(CommandFailure) -> NodePlace {
        try NodePlace(
            connect: connection.connect,
            updater: connection.updater,
            discovery: discovery,
            key: connection.key
        )
    }

    /// Runs `body` with a client that is closed afterwards.
    ///
    /// - Parameters:
    ///   - asksIndex: whether `body` asks the updater too.
    ///   - asksDiscovery: whether it asks the clusterer; else nobody has to know where that is.
    func withClient<Result>(
        asksIndex: Bool = false,
        asksDiscovery: Bool = true,
        _ body: (SwitchboardClient) async throws -> Result,
    ) async throws -> Result {
        let place = try place()
        let addresses = try place.addresses(asksIndex: asksIndex, asksDiscovery: asksDiscovery)
        return try await SwitchboardClient.with(addresses, refused: Terminal.noteRefusal) { client in
            try await reportingFailures(place.advice) { try await body(client) }
        }
    }
}

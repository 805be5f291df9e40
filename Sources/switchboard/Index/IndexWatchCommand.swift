import ArgumentParser
import Foundation
import SwitchboardClient

struct IndexWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follows a running node's index: a line whenever it changes, until Ctrl-C.",
        discussion: """
            Looks once a second at the figures: exemplars and intents more or fewer in each vertical, and how many \
            records re-label or set something. Of new and changed intents it hears as they happen. A node that goes away \
            for a while is waited for.
            """,
    )

    @Option(name: .customLong("vertical"), help: "Only this vertical; may be repeated. Default: all.")
    var verticals: [String] = []

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let (verticals, isJSON, connection) = (verticals, json, connection)
        try await connection.withClient { client in
            // A node that is not there at the start is a mistake rather than something to wait for.
            let first = try await client.statistics()
            do {
                try await Interrupt.around(cancelsAt: 1) { _ in
                    await IndexWatch(client: client, verticals: verticals, isJSON: isJSON).run(from: first)
                }
            } catch is CancellationError {}
        }
    }
}

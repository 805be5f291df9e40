import ArgumentParser
import Core
import SwitchboardClient
import Wire

struct DiscoverStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Looks through what the gateways could not explain, and proposes intents.",
        discussion: """
            The run goes on at the node; live calls go first there. 'discover watch' shows how far it is, 'discover list' \
            what it proposes when it is over.
            """,
    )

    @OptionGroup var verticals: VerticalOptions

    @Option(help: ArgumentHelp("A pool that 'discover run' made. Default: the live pool.", valueName: "name"))
    var pool = ""

    @Flag(help: "Watch it to its end and print the proposals.")
    var watch = false

    @Flag(help: "JSON: the run's id, or with --watch the proposals, one object a line.")
    var json = false

    @OptionGroup(title: "How it looks") var options: RunOptions
    @OptionGroup var connection: DiscoveryConnectionOptions

    struct Started: Encodable, Equatable {
        let run: String
    }

    func run() async throws {
        let settings = try options.settings()
        let named = try verticals.verticals()
        let pool = pool.isEmpty ? "" : try DiscoverRunCommand.pool(named: pool)
        try await connection.withClient { client in
            let run = try await client.startRun(pool: pool, verticals: named, settings: settings)
            guard watch else {
                Terminal.line(json ? try JSONLine.encode(Started(run: run.description)) : run.description)
                if !json { Terminal.note("see how far it is: switchboard discover watch \(run.short)") }
                return
            }
            if !json { Terminal.note("run \(run)") }
            _ = try await RunFollowing.follow(client, run)
            try ProposalReport(try await client.proposals(of: run)).show(asJSON: json)
        }
    }
}

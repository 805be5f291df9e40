import ArgumentParser
import Core
import SwitchboardClient
import Wire

struct DiscoverListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists proposals, those that most callers would use first; unclear ones apart.",
    )

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "Those of which this run is the latest that found them. Default: of the latest run of each pool.",
            valueName: "id"
        )
    )
    var runID: String?

    @OptionGroup var verticals: VerticalOptions

    @Option(help: ArgumentHelp("Of this pool; 'live': of the live pool. Default: of all.", valueName: "name"))
    var pool: String?

    @Option(help: "Of callers' sentences, with those of whom nobody knows, or of agents'. Default: of both.")
    var role: Speakers?

    @Flag(help: "With those that were accepted, rejected or merged, and those that are gone.")
    var all = false

    @Flag(help: "The runs instead of their proposals.")
    var runs = false

    @Option(help: "At most so many. Default: all.")
    var limit: Int?

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var connection: DiscoveryConnectionOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more proposals") }
    }

    func run() async throws {
        let prefix = try runID.map { written throws(CommandFailure) in try IDPrefix(written, of: "run") }
        let named = try verticals.verticals()
        let filter = ListFilter(pool: try pool.map(DiscoverRunCommand.pool(named:)), speakers: role)
        let found = try await connection.withClient { client in
            let run = try await prefix?.run(client)
            return try await client.proposals(
                of: run,
                // Without them the runs are the latest alone.
                includesHidden: all || runs,
                verticals: named,
                // What is kept of them is not known before.
                limit: runs ? 1 : filter.keepsAll ? limit : nil
            )
        }
        let list = filter.applied(to: found, limit: limit)
        guard runs else { return try ProposalReport(list).show(asJSON: json) }
        for run in list.runs.prefix(limit ?? .max) {
            Terminal.line(
                json
                    ? try JSONLine.encode(RunLine(run))
                    : "\(ProposalText.time(run.startedMicroseconds))  \(RunProgressText.words(run))"
            )
        }
        if list.runs.isEmpty {
            Terminal.note("there was no run; begin one with 'discover run FILE' or 'discover start'")
        }
    }
}

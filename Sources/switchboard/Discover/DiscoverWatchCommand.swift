import ArgumentParser
import Core
import SwitchboardClient
import Wire

struct DiscoverWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows how far a run is, until it is over; then its proposals.",
        discussion: "Ctrl-C ends the watching, not the run.",
    )

    @Argument(
        help: ArgumentHelp(
            "The run, by the first digits of its id. Default: the one that was started last.",
            valueName: "run"
        )
    )
    var runID: String?

    @Flag(help: "Each state of the run, one JSON object a line.")
    var json = false

    @OptionGroup var connection: DiscoveryConnectionOptions

    func run() async throws {
        let prefix = try runID.map { written throws(CommandFailure) in try IDPrefix(written, of: "run") }
        let asJSON = json
        try await connection.withClient { client in
            let named = try await prefix?.run(client)
            let last = try await RunFollowing.follow(client, named) { state in
                if asJSON { Terminal.line(try JSONLine.encode(RunLine(state))) }
            }
            guard !asJSON else { return }
            try ProposalReport(try await client.proposals(of: last.run)).show(asJSON: false)
        }
    }
}

struct DiscoverCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ends a run; what it has found so far is dropped.",
    )

    @Argument(help: ArgumentHelp("The run, by the first digits of its id.", valueName: "run"))
    var runID: String

    @Flag(help: "JSON: the run's whole id.")
    var json = false

    @OptionGroup var connection: DiscoveryConnectionOptions

    struct Cancelled: Encodable, Equatable {
        let run: String
    }

    func run() async throws {
        let prefix = try IDPrefix(runID, of: "run")
        let cancelled = try await connection.withClient { client in
            let run = try await prefix.run(client)
            try await client.cancelRun(run)
            return run
        }
        if json {
            Terminal.line(try JSONLine.encode(Cancelled(run: cancelled.description)))
        } else {
            Terminal.note("run \(cancelled.short) is cancelled")
        }
    }
}

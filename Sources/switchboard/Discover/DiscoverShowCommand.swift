import ArgumentParser
import Core
import SwitchboardClient
import Wire

struct DiscoverShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that is known of a proposal: its utterances, what was or is being decided about it.",
    )

    @Argument(help: "The proposal, by the first digits of its id.")
    var proposal: String

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Only if this run is the latest that found it, as which it is kept.", valueName: "id")
    )
    var runID: String?

    @Flag(help: "The commonest ways of the conversations that come by it, as the intents of their turns.")
    var trajectories = false

    @Option(help: "At most so many utterances, those in the middle first; 0: all.")
    var limit = 20

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var connection: DiscoveryConnectionOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit takes 0 or more utterances") }
    }

    func run() async throws {
        let prefix = try IDPrefix(proposal, of: "proposal")
        let runPrefix = try runID.map { written throws(CommandFailure) in try IDPrefix(written, of: "run") }
        let (shown, pool) = try await connection.withClient { client in
            let run = try await runPrefix?.run(client)
            let shown = try await client.proposal(
                try await prefix.proposal(client),
                run: run,
                withTrajectories: trajectories,
                memberLimit: limit == 0 ? nil : limit
            )
            // The run knows it; whoever may see nothing of that is told the proposal all the same.
            let found = try? await client.proposals(of: shown.proposal.run, limit: 1)
            return (shown, found?.runs.first?.pool)
        }
        if json {
            Terminal.line(try JSONLine.encode(ProposalLine(shown, withTrajectories: trajectories, pool: pool)))
        } else {
            for line in Self.words(shown, withTrajectories: trajectories) { Terminal.line(line) }
        }
    }

    static func words(_ shown: DiscoveryShowResponse, withTrajectories: Bool) -> [String] {
        var lines = ProposalText.words(RankedProposal(shown), number: nil, showsNew: true)
        lines += ["", "Utterances, those in the middle first, with how often each was said:"]
        lines += shown.proposal.members.map { "  \($0.calls.grouped)  \($0.text)" }
        let left = shown.size - shown.proposal.members.count
        if left > 0 { lines.append("  and \(left.grouped) more (--limit 0 shows all)") }
        if !shown.history.isEmpty { lines += ["", "History:"] + ProposalText.history(shown.history).map { "  " + $0 } }
        if let begun = shown.begun { lines += [""] + ProposalText.begun(begun, of: shown.proposal.id) }
        guard withTrajectories else { return lines }
        lines += ["", "Commonest ways of its conversations (an agent's turns in brackets):"]
        let ways = ProposalText.trajectories(shown.trajectories)
        return lines + (ways.isEmpty ? ["  none: the utterances name no conversations"] : ways.map { "  " + $0 })
    }
}

import ArgumentParser
import Core
import Foundation
import SwitchboardClient
import Wire

/// What all decisions about a proposal take.
struct ReviewOptions: ParsableArguments {
    @Argument(help: "The proposal, by the first digits of its id.")
    var proposal: String

    @Option(
        help: ArgumentHelp(
            "Who decides, where the node uses no keys ($SWITCHBOARD_AUTHOR; default: the user's name).",
            valueName: "name"
        )
    )
    var author: String?

    @Flag(help: "One JSON object: the proposal as it is now.")
    var json = false

    @OptionGroup var connection: DiscoveryConnectionOptions

    /// Does what was decided and shows what came of it.
    ///
    /// - Parameters:
    ///   - advice: what else there is to do where there is no such proposal.
    ///   - action: what is done, given the proposal as it stands and a way to find others.
    func review(
        advice: String? = nil,
        _ action: (Proposal, SwitchboardClient) async throws -> ReviewAction
    ) async throws {
        let prefix = try IDPrefix(proposal, of: "proposal")
        let author = author ?? Environment.nonEmpty(Environment.variables)["SWITCHBOARD_AUTHOR"] ?? NSUserName()
        let outcome = try await connection.withClient { client in
            let id = try await prefix.proposal(client, advice: advice)
            let standing = try await client.proposal(id, memberLimit: 1).proposal
            let decided = try await action(standing, client)
            let answer = try await client.review(id, decided, author: author)
            // The answer has a few of its members only. What was decided stands, even if nobody can say more of it.
            let now = try? await client.proposal(id, memberLimit: 1)
            return ReviewOutcome(decided, answer, now: now)
        }
        if json {
            Terminal.line(try JSONLine.encode(outcome.line))
        } else {
            Terminal.line(outcome.words)
        }
    }
}

/// What came of a decision.
struct ReviewOutcome: Equatable {
    let action: ReviewAction
    let answer: DiscoveryReviewResponse
    /// As it is after it.
    let now: RankedProposal

    init(_ action: ReviewAction, _ answer: DiscoveryReviewResponse, now: RankedProposal) {
        self.action = action
        self.answer = answer
        self.now = now
    }

    /// - Parameter now: nil: only what the answer has is known.
    init(_ action: ReviewAction, _ answer: DiscoveryReviewResponse, now: DiscoveryShowResponse?) {
        self.init(action, answer, now: RankedProposal(now ?? DiscoveryShowResponse(proposal: answer.proposal)))
    }

    struct Line: Encodable, Equatable {
        let action: String
        let proposal: ProposalLine
        /// Ids of those that came of it, or changed with it.
        let others: [String]
        let logID: String?
        let seq: UInt64?

        enum CodingKeys: String, CodingKey {
            case action, proposal, others
            case logID = "log_id"
            case seq
        }
    }

    var line: Line {
        Line(
            action: ReviewLine.name(of: action),
            proposal: ProposalLine(now),
            others: answer.others.map(\.id.description),
            logID: answer.receipt?.log.description,
            seq: answer.receipt?.sequence.number
        )
    }

    var words: String {
        let (id, label) = (now.proposal.id.short, answer.proposal.name.label)
        let record = answer.receipt.map { " (record \($0.sequence.number.grouped))" } ?? ""
        let others = answer.others.map { "\n  \($0.id.short)  \($0.name.label)" }.joined()
        switch action {
        case .accept(let path, let vertical, let texts, _):
            let chosen = texts.map { Set($0).count } ?? now.size
            let count = Figures.count(chosen, "utterance")
            let left = now.size - chosen
            let rest =
                left > 0
                ? "\nthe proposal is decided with that; what is left of it (\(Figures.count(left, "utterance"))) stays in "
                    + "the pool, for the next run to propose"
                : ""
            return "accepted \(label) as \(path) in \(vertical): \(count)\(record); the next caller may be sent there"
                + rest + "\ntake it back: switchboard discover undo \(id)"
        case .reject: return "rejected \(label); hidden until it has grown by half"
        case .rename(let name): return "\(id) is called \(name) now"
        case .merge(let into): return "merged \(label) into \(into.short):\(others)"
        case .split:
            return answer.others.isEmpty
                ? "\(label) cannot be split: nothing in it stands apart" : "split \(label) into:\(others)"
        case .undo:
            let state = ProposalText.state(answer.proposal.state) ?? "open"
            return "took back the last decision about \(label)\(record); it is \(state) now"
        }
    }
}

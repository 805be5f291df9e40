import ArgumentParser
import Core
import SwitchboardClient
import Wire

struct DiscoverAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Makes a proposal an intent: its utterances become exemplars, as one operation.",
        discussion: """
            Returns when every replica knows it: the next caller may be sent there. A path that the index knows gets these \
            exemplars too. 'discover undo' takes them out again. Callers are matched against the exemplars, so what agents say \
            takes --agents.

              switchboard discover accept 4f3a9c01 --path orders/cancel --attribute queue=orders
            """,
    )

    @Option(help: ArgumentHelp("The intent it becomes, levels joined by '/'.", valueName: "path"))
    var path: String

    @Option(help: "Vertical of the intent. Default: the proposal's.")
    var vertical: String?

    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp("Of the intent, such as queue=orders; may be repeated.", valueName: "key=value")
    )
    var attributes: [Attribute] = []

    @Option(
        name: .customLong("text"),
        help: ArgumentHelp(
            "Only this utterance, as 'discover show' has it; may be repeated. The others come with the next run.",
            valueName: "text"
        )
    )
    var texts: [String] = []

    @Flag(help: "Also where they are agents' sentences, though callers are matched against them.")
    var agents = false

    @OptionGroup var review: ReviewOptions

    func run() async throws {
        let (path, texts, vertical) = try checked()
        let attributes = Dictionary(attributes.map { ($0.key, $0.value) }) { _, last in last }
        try await review.review { proposal, _ in
            if let note = try note(on: proposal) { Terminal.note(note) }
            return .accept(path: path, vertical: vertical ?? proposal.vertical, texts: texts, attributes: attributes)
        }
    }

    /// What is odd about accepting it.
    ///
    /// - Throws: of usage, for agents' sentences without `--agents`.
    func note(on proposal: Proposal) throws(CommandFailure) -> String? {
        guard proposal.role == .agent, !agents else { return nil }
        guard proposal.isRoleOfName else {
            throw CommandFailure(
                "these are agents' sentences, and callers are matched against what is accepted; --agents accepts them "
                    + "all the same",
                exitCode: CommandFailure.usage
            )
        }
        return "by the verb of its name these are agents' sentences; callers are matched against them all the same"
    }

    /// - Throws: of usage, for what is no path, text or vertical.
    func checked() throws(CommandFailure) -> (path: IntentPath, texts: [UtteranceText]?, vertical: Vertical?) {
        do throws(SwitchboardError) {
            var chosen: [UtteranceText] = []
            for text in texts { chosen.append(try UtteranceText(text)) }
            return (
                try IntentPath(path), chosen.isEmpty ? nil : chosen,
                try vertical.map { name throws(SwitchboardError) in try Vertical(name) }
            )
        } catch {
            throw CommandFailure(error)
        }
    }
}

struct DiscoverRejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Hides a proposal until it has grown by half.",
    )

    @OptionGroup var review: ReviewOptions

    func run() async throws {
        try await review.review { _, _ in .reject }
    }
}

struct DiscoverRenameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Gives a proposal another name, which later runs keep.",
    )

    @OptionGroup var review: ReviewOptions

    @Argument(help: "An action and an object, such as cancel-order, which no other open proposal is called.")
    var name: String

    func validate() throws {
        guard !name.isEmpty, name.utf8.count <= Limits.maximumReferenceBytes else {
            throw ValidationError("a name has 1 to \(Limits.maximumReferenceBytes) bytes")
        }
    }

    func run() async throws {
        try await review.review { _, _ in .rename(name) }
    }
}

struct DiscoverMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Adds the utterances of a proposal to another one of its vertical.",
    )

    @OptionGroup var review: ReviewOptions

    @Argument(help: "The other proposal, by the first digits of its id.")
    var into: String

    func run() async throws {
        let target = try IDPrefix(into, of: "proposal")
        try await review.review { proposal, client in
            let other = try await target.proposal(client)
            guard other != proposal.id else {
                throw CommandFailure("a proposal cannot be merged into itself", exitCode: CommandFailure.usage)
            }
            return .merge(into: other)
        }
    }
}

struct DiscoverSplitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Parts a proposal that holds more than one intent.",
    )

    @OptionGroup var review: ReviewOptions

    func run() async throws {
        try await review.review { _, _ in .split }
    }
}

struct DiscoverUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Takes back the last decision about a proposal; of an accepted one the exemplars leave the index.",
    )

    @OptionGroup var review: ReviewOptions

    /// Where the proposal is kept no longer.
    static let advice =
        "what was accepted of one that is gone, 'switchboard index undo accept-...' takes out of the index "
        + "('switchboard index history' names that change)"

    func run() async throws {
        try await review.review(advice: Self.advice) { _, _ in .undo }
    }
}

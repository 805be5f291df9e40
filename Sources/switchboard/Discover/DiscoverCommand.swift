import ArgumentParser

/// What finds the intents that are missing, and what people decide about them.
struct DiscoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract: "Finds intents that the index lacks, in what nobody could explain or in a file, and reviews them.",
        discussion: """
            A run looks through utterances and proposes intents: 'run' those of a file, 'start' those that the gateways \
            could not explain. A proposal that is accepted is in the index at once, and the next caller is sent there.

              switchboard discover run calls.jsonl
              switchboard discover accept 4f3a9c01 --path orders/cancel --attribute queue=orders

            Proposals and runs are named by the first digits of their ids, at least 4.
            """,
        subcommands: [
            DiscoverRunCommand.self, DiscoverStartCommand.self, DiscoverWatchCommand.self, DiscoverListCommand.self,
            DiscoverShowCommand.self, DiscoverAcceptCommand.self, DiscoverRejectCommand.self,
            DiscoverRenameCommand.self, DiscoverMergeCommand.self, DiscoverSplitCommand.self,
            DiscoverUndoCommand.self, DiscoverCancelCommand.self,
        ],
    )
}

import ArgumentParser

/// What maintains the index of a running node.
struct IndexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Loads pairs into a running node's index, changes, shows and follows what it holds.",
        discussion: """
            A pair is what a caller said and the intent it stands for. It is known to every replica when 'add' and 'load' \
            return, and the very next classification may be decided by it.
            """,
        subcommands: [
            IndexLoadCommand.self, IndexAddCommand.self, IndexRemoveCommand.self, IndexSetIntentCommand.self,
            IndexRenameCommand.self, IndexMergeCommand.self, IndexHistoryCommand.self, IndexUndoCommand.self,
            IndexRollbackCommand.self,
            IndexStatsCommand.self, IndexExportCommand.self, IndexWatchCommand.self,
            IndexReencodeCommand.self, IndexPurgeCommand.self, IndexSnapshotCommand.self, IndexTrimCommand.self,
        ],
    )
}

import ArgumentParser
import Core
import Foundation

/// The command: one file a subcommand, words and progress, nothing else.
@main
struct Switchboard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchboard",
        abstract: "Tells a call center what a caller wants, while it is still learning what callers want.",
        discussion: """
            Start a node with 'switchboard node', load labelled utterances with 'switchboard index load FILE', then ask \
            with 'switchboard classify "where is my parcel"'.

            Exit codes: 0 fine, 1 failed, 2 usage, 69 no node could be reached.
            """,
        version: Version.current,
        subcommands: [
            NodeCommand.self, ClassifyCommand.self, FeedbackCommand.self, IndexCommand.self, DiscoverCommand.self,
            CalibrateCommand.self, EvalCommand.self, EvalDiscoveryCommand.self, BenchCommand.self,
            TrainingSetCommand.self, JudgeFitCommand.self, MergeFitCommand.self,
            DemoCommand.self, KeysCommand.self, BackupCommand.self,
            RestoreCommand.self, DoctorCommand.self, VersionCommand.self,
        ],
    )

    static func main() async {
        do {
            try RawArguments.requireUTF8()
            let words = Array(CommandLine.arguments.dropFirst())
            if let unknown = UnknownSubcommand(words, of: Switchboard.self) { throw unknown.failure }
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let (words, exitCode) = ending(with: error)
            if exitCode == 0 {
                Terminal.line(words)
            } else {
                Terminal.note(words)
            }
            Foundation.exit(exitCode)
        }
    }

    /// How the command ends with an error: help and version are no failures, what the parser refuses is wrong usage,
    /// and everything else has failed.
    static func ending(with error: any Error) -> (words: String, exitCode: Int32) {
        if let failure = error as? CommandFailure { return (failure.message, failure.exitCode) }
        let code =
            switch exitCode(for: error) {
            case .success: Int32(0)
            case .validationFailure: CommandFailure.usage
            default: CommandFailure.failed
            }
        return (fullMessage(for: error), code)
    }
}

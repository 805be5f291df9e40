import ArgumentParser

/// A word that stands where a subcommand belongs and is none, with what was meant most likely.
struct UnknownSubcommand: Equatable {
    let word: String
    /// The subcommands that there are, with the commands above them.
    let choices: [String]
    /// Of the choices, or of the subcommands elsewhere; nil: nothing is near.
    let suggestion: String?

    /// - Parameter words: a command line without its first word.
    /// - Returns: nil where all is well so far, or something else is wrong, which the parser tells.
    init?(_ words: [String], of root: any ParsableCommand.Type) {
        var above = Self.name(of: root)
        var subcommands = root.configuration.subcommands
        var unknown: String?
        for word in words {
            if subcommands.isEmpty || word.hasPrefix("-") || word == "help" { return nil }
            guard let command = subcommands.first(where: { Self.name(of: $0) == word }) else {
                unknown = word
                break
            }
            above += " \(word)"
            subcommands = command.configuration.subcommands
        }
        guard let unknown else { return nil }
        word = unknown
        let names = subcommands.map { Self.name(of: $0) }
        let prefix = above
        choices = names.map { "\(prefix) \($0)" }
        suggestion =
            Spelling.nearest(to: unknown, of: names).map { "\(prefix) \($0)" } ?? Self.path(to: unknown, below: root)
    }

    var failure: CommandFailure {
        CommandFailure(
            "there is no subcommand '\(word)'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
                + "\nThere are:\n" + choices.map { "  \($0)" }.joined(separator: "\n"),
            exitCode: CommandFailure.usage
        )
    }

    /// The command of that very name anywhere below.
    private static func path(to word: String, below root: any ParsableCommand.Type) -> String? {
        for command in root.configuration.subcommands {
            if name(of: command) == word { return "\(name(of: root)) \(word)" }
            if let below = path(to: word, below: command) { return "\(name(of: root)) \(below)" }
        }
        return nil
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        // All of ours have one.
        command.configuration.commandName ?? ""
    }
}

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
            Self.nearest(to: unknown, of: names).map { "\(prefix) \($0)" } ?? Self.path(to: unknown, below: root)
    }

    var failure: CommandFailure {
        CommandFailure(
            "there is no subcommand '\(word)'" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
                + "\nThere are:\n" + choices.map { "  \($0)" }.joined(separator: "\n"),
            exitCode: CommandFailure.usage
        )
    }

    // MARK: What was meant

    /// - Returns: the name that the fewest slips of the hand make out of the word, where these are few: one, and another
    ///   for each four letters.
    static func nearest(to word: String, of names: [String]) -> String? {
        let limit = 1 + word.count / 4
        return names.map { (name: $0, distance: distance($0, word)) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?.name
    }

    /// Characters to insert, delete, replace or swap with their neighbour, to make one word of the other (optimal string
    /// alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isSame = left[row] == right[column]
                var least = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
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

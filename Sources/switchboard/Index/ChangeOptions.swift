import ArgumentParser
import Foundation
import SwitchboardClient

/// What a change of the index says of itself.
struct ChangeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Who changes it, as history shows it ($SWITCHBOARD_AUTHOR; default: the user's name).",
            valueName: "name"
        )
    )
    var author: String?

    /// - Parameter source: the command.
    func options(source: String, environment: [String: String] = Environment.variables) -> PublishOptions {
        var options = PublishOptions()
        options.source = source
        options.author = author ?? Environment.nonEmpty(environment)["SWITCHBOARD_AUTHOR"] ?? NSUserName()
        return options
    }
}

/// `--on-conflict relabel|keep|reject`.
struct ConflictOption: ExpressibleByArgument {
    let value: PublishOptions.ConflictRule

    init(_ value: PublishOptions.ConflictRule) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = PublishOptions.ConflictRule(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { PublishOptions.ConflictRule.allCases.map(\.rawValue) }
    var defaultValueDescription: String { value.rawValue }
}

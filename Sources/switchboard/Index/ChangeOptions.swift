import ArgumentParser
import Foundation
import SwitchboardClient

/// What a change of the index says of itself.
struct ChangeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Who changes it, as history shows it ($SWITCHBOARD_AUTHOR; default: the user's name). A node with keys takes the \
            key's name, and another one from admins alone.
            """,
            valueName: "name"
        )
    )
    var author: String?

    /// - Parameters:
    ///   - source: the command.
    ///   - place: the node that is asked; where its index takes keys nobody is named unless somebody was.
    func options(
        source: String,
        at place: NodePlace,
        environment: [String: String] = Environment.variables,
    ) -> PublishOptions {
        var options = PublishOptions()
        options.source = source
        let usual = place.updater?.key == nil ? NSUserName() : ""
        options.author = author ?? Environment.nonEmpty(environment)["SWITCHBOARD_AUTHOR"] ?? usual
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

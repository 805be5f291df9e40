import ArgumentParser
import SwitchboardClient

struct IndexSetIntentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-intent",
        abstract: "Says what is known of an intent: description, phrase, attributes, whether callers are sent there.",
        discussion: """
            What is not named stays as it is; an empty value takes away what was there. Intents below it inherit the \
            phrase and the attributes that they lack. A path that is new is named by this.

              switchboard index set-intent orders/refund \\
                --phrase "about your refund" --attribute queue=payments
            """,
    )

    @Argument(help: "The intent, levels joined by '/'.")
    var path: String

    @Option(help: "Its vertical. Default: default.")
    var vertical = "default"

    @Option(help: "For people, and for the language model's prompt.")
    var description: String?

    @Option(help: "What may be said to the caller.")
    var phrase: String?

    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp("Such as queue=payments; may be repeated.", valueName: "key=value")
    )
    var attributes: [Attribute] = []

    @Flag(name: .customLong("disable"), help: "Send no callers there.")
    var disable = false

    @Flag(name: .customLong("enable"), help: "Send callers there again.")
    var enable = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !(disable && enable) else { throw ValidationError("it is either --enable or --disable") }
        guard description != nil || phrase != nil || !attributes.isEmpty || disable || enable else {
            throw ValidationError("say what is to be set: --description, --phrase, --attribute, --disable or --enable")
        }
    }

    func run() async throws {
        var options = try change.options(source: "index set-intent", at: connection.place())
        let changeID = ChangeID.make("set-intent")
        options.changeID = changeID
        var intentChange = SwitchboardClient.IntentChange()
        intentChange.description = description
        intentChange.phrase = phrase
        for attribute in attributes { intentChange.attributes[attribute.key] = attribute.value }
        intentChange.isEnabled = disable ? false : enable ? true : nil
        let (finished, finishedChange) = (options, intentChange)
        let receipt = try await connection.withClient { client in
            try await client.setIntent(path, vertical: vertical, to: finishedChange, options: finished)
        }
        try ChangeReport(receipt, changeID: changeID).show(
            receipt.unchanged > 0 ? "nothing changed; \(path) is so already" : "set \(path)",
            asJSON: json
        )
    }
}

/// `key=value`.
struct Attribute: ExpressibleByArgument, Equatable {
    let key: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}

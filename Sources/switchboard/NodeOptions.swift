import ArgumentParser

/// What `switchboard node` takes. Each may come from the environment (`SWITCHBOARD_DATA`...) or the config file too.
struct NodeOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: "What this node does: gateway, retriever, scorer, updater, clusterer. Default: all of it."
    )
    var roles: [String] = []

    @Option(help: "Data directory. Default: ~/.local/share/switchboard.")
    var data: String?

    @Option(
        help: ArgumentHelp(
            """
            tcp://host:port moves all services there (port 0: any); router=, worker=, index=, discovery= and http= set \
            one service's address. May be repeated.
            """,
            valueName: "address"
        )
    )
    var listen: [String] = []

    @Option(
        help: ArgumentHelp(
            "Worker port of a gateway elsewhere, tcp://host:7701; may be repeated.",
            valueName: "address"
        )
    )
    var connect: [String] = []

    @Option(
        help: ArgumentHelp(
            "The updater elsewhere, tcp://host:7702; as --connect with '#' and its public key where it uses keys.",
            valueName: "address"
        )
    )
    var updater: String?

    @Option(
        help: ArgumentHelp(
            """
            Encoder: a file (GGUF), openai:URL[#MODEL] for a server of OpenAI's protocol, or 'words' for the words by \
            themselves, without a model. Default: the one that deploy/setup installed.
            """,
            valueName: "file"
        )
    )
    var encoder: String?

    @Option(
        help: ArgumentHelp(
            """
            Language model: a file (GGUF), openai:URL[#MODEL] for a server that gives log-probabilities of the prompt, or \
            'none'. Default: the one that deploy/setup installed.
            """,
            valueName: "file"
        )
    )
    var scorer: String?

    @Option(
        help: ArgumentHelp(
            "LoRA adapter (GGUF) of the language model, or 'none'. Default: the one that deploy/setup installed.",
            valueName: "file"
        )
    )
    var adapter: String?

    @Option(
        help: ArgumentHelp(
            """
            LoRA adapter (GGUF) of the language model that judges and names clusters, as `deploy/train namer` makes it, or \
            'none': then --adapter does. Default: models/switchboard-namer.gguf of the cache, where you have put one there.
            """,
            valueName: "file"
        )
    )
    var namer: String?

    @Option(help: "Compute threads. Default: the cores.")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Feedback of this source and those above it makes exemplars: caller, agent, analyst, or none. Default: none.",
            valueName: "source"
        )
    )
    var learnFrom: String?

    @Option(
        help: ArgumentHelp(
            "The updater writes a snapshot of the index every so many records; 0: only when asked. Default: 50000.",
            valueName: "records"
        )
    )
    var snapshotEvery: Int?

    @Option(
        help: ArgumentHelp(
            """
            What is masked in unexplained utterances before they are kept: numbers, emails, cards, phones with commas \
            between, all, or none; VERTICAL=KINDS for one vertical, with blanks between several. Default: all.
            """,
            valueName: "rules"
        )
    )
    var mask: String?

    @Option(
        help: ArgumentHelp(
            """
            The program that tunes vectors to a run's own text (discover run and start --tune), as a rule deploy/train of a \
            checkout, which is called as 'deploy/train tune'. Default: none, and such runs are refused before they begin.
            """,
            valueName: "file"
        )
    )
    var tuner: String?

    @Option(
        help: ArgumentHelp(
            "Utterances routed with a lower probability are kept as unexplained, 0 to 1. Default: 0.5.",
            valueName: "probability"
        )
    )
    var poolBelow: Double?

    @Option(help: ArgumentHelp("Unexplained utterances are kept so many days. Default: 90.", valueName: "days"))
    var poolDays: Int?

    @Option(help: "The node's name in logs and among workers. Default: the host's.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            """
            The node's own key pair, as 'keys generate --out' makes it, where it has no data directory of its own \
            ($SWITCHBOARD_KEY, which an updater passes over: its pair is keys/node.key of its data directory). Clients need \
            keys then.
            """,
            valueName: "file"
        )
    )
    var key: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info.")
    var logLevel: String?

    @Option(
        help: ArgumentHelp(
            "JSON or YAML with the same names as these options; docs/operating.md has one with all of them.",
            valueName: "file"
        )
    )
    var config: String?

    @Flag(help: "Listen on addresses that other machines reach, although there are no keys.")
    var insecure = false
}

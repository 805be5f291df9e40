import ArgumentParser

/// Who may connect to a node, and for what.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes key pairs, and says who may connect and for what.",
        discussion: """
            The first admin, while the node is stopped:
              switchboard keys generate --role admin --data DIR
            From then on the node takes clients with keys only, and prints its addresses with its public key. Everybody else \
            makes a pair at home (keys generate --out FILE) and tells an admin its public half, who adds it (keys add).

            Roles: classify asks a router, publish maintains the index, review reads feedback and reviews what was \
            discovered, worker is for nodes, admin does everything.
            """,
        subcommands: [
            KeysGenerateCommand.self, KeysAddCommand.self, KeysListCommand.self, KeysRevokeCommand.self,
        ],
    )
}

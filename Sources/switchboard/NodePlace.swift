import SwitchboardClient

/// The node that a command asks: what the flags say, else the environment, else the one on this machine.
struct NodePlace: Equatable, Sendable {
    /// At least one; the first is the node whose index is asked where nothing names another.
    let gateways: [NodeAddress]
    /// Nil: nothing names it, and the gateway's address has no port that it could lie beside.
    let updater: NodeAddress?
    /// Of this command's own pair; nil: none is named.
    let keyFile: String?
    /// Nobody named a gateway.
    let isDefault: Bool

    /// - Parameters:
    ///   - connect: what `--connect` says, each an address or several with commas; empty: `SWITCHBOARD_CONNECT` or the
    ///     default.
    ///   - updater: what `--updater` says; nil: `SWITCHBOARD_UPDATER`, or the gateway's port + 2.
    ///   - key: what `--key` says; nil: `SWITCHBOARD_KEY`.
    /// - Throws: of usage, for what is no address.
    init(
        connect: [String],
        updater: String?,
        key: String? = nil,
        environment: [String: String] = Environment.variables,
    ) throws(CommandFailure) {
        let environment = Environment.nonEmpty(environment)
        let flag = connect.isEmpty ? nil : connect.joined(separator: ",")
        let named = Self.named(flag, "--connect", "SWITCHBOARD_CONNECT", environment)
        let written = named?.text ?? SwitchboardClient.Addresses().gateway
        var gateways: [NodeAddress] = []
        for text in written.split(separator: ",", omittingEmptySubsequences: false) {
            gateways.append(
                try NodeAddress(String(text.drop { $0 == " " }), from: named?.origin ?? "the default")
            )
        }
        self.gateways = gateways
        isDefault = named == nil
        keyFile = key ?? environment["SWITCHBOARD_KEY"]
        if let (text, origin) = Self.named(updater, "--updater", "SWITCHBOARD_UPDATER", environment) {
            self.updater = try NodeAddress(text, from: origin)
        } else if let text = gateways[0].updaterBeside {
            self.updater = try NodeAddress(text, from: "the gateway's port + 2")
        } else {
            self.updater = nil
        }
    }

    /// For a client, once their hosts have been found.
    ///
    /// - Parameter asksIndex: whether the updater is asked at all.
    /// - Throws: where a host cannot be found, or the updater is not known.
    func addresses(asksIndex: Bool = true) throws(CommandFailure) -> SwitchboardClient.Addresses {
        for gateway in gateways { try gateway.requireHost() }
        let names = gateways.map(\.text)
        guard asksIndex else {
            return SwitchboardClient.Addresses(gateways: names, key: try clientKey(for: gateways))
        }
        guard let updater else {
            throw CommandFailure(
                "\(names[0]) has no port that the index could lie beside; name the index with --updater",
                exitCode: CommandFailure.usage
            )
        }
        try updater.requireHost()
        return SwitchboardClient.Addresses(
            gateways: names,
            updater: updater.text,
            key: try clientKey(for: gateways + [updater])
        )
    }

    /// - Returns: nil where no address has a node's key.
    private func clientKey(for addresses: [NodeAddress]) throws(CommandFailure) -> ClientKey? {
        guard addresses.contains(where: { $0.key != nil }) else { return nil }
        guard let keyFile else {
            throw CommandFailure(
                "the address names a node that takes clients with keys only; name the file of your own with --key or "
                    + "$SWITCHBOARD_KEY ('switchboard keys generate' makes one, and an admin adds its public half)",
                exitCode: CommandFailure.usage
            )
        }
        do {
            return try ClientKey(file: keyFile)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// What helps where it does not answer.
    var advice: FailureAdvice { isDefault ? .askingHere : .asking }

    private static func named(
        _ flag: String?,
        _ flagName: String,
        _ variable: String,
        _ environment: [String: String],
    ) -> (text: String, origin: String)? {
        if let flag { return (flag, flagName) }
        return environment[variable].map { ($0, "$\(variable)") }
    }
}

import SwitchboardClient

/// The node that a command asks: what the flags say, else the environment, else the one on this machine.
struct NodePlace: Equatable, Sendable {
    /// At least one; the first is the node whose index is asked where nothing names another.
    let gateways: [NodeAddress]
    /// Nil: nothing names it, and the gateway's address has no port that it could lie beside.
    let updater: NodeAddress?
    /// Nil likewise.
    let discovery: NodeAddress?
    /// Whether somebody named it.
    let isDiscoveryNamed: Bool
    /// Of this command's own pair; nil: none is named.
    let keyFile: String?
    /// Nobody named a gateway.
    let isDefault: Bool

    /// - Parameters:
    ///   - connect: what `--connect` says, each an address or several with commas; empty: `SWITCHBOARD_CONNECT` or the
    ///     default.
    ///   - updater: what `--updater` says; nil: `SWITCHBOARD_UPDATER`, or the gateway's port + 2.
    ///   - discovery: what `--discovery` says; nil: `SWITCHBOARD_DISCOVERY`, or the gateway's port + 3.
    ///   - key: what `--key` says; nil: `SWITCHBOARD_KEY`.
    /// - Throws: of usage, for what is no address.
    init(
        connect: [String],
        updater: String?,
        discovery: String? = nil,
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
        let namedDiscovery = Self.named(discovery, "--discovery", "SWITCHBOARD_DISCOVERY", environment)
        isDiscoveryNamed = namedDiscovery != nil
        if let (text, origin) = namedDiscovery {
            self.discovery = try NodeAddress(text, from: origin)
        } else if let text = gateways[0].discoveryBeside {
            self.discovery = try NodeAddress(text, from: "the gateway's port + 3")
        } else {
            self.discovery = nil
        }
    }

    /// For a client, once their hosts have been found.
    ///
    /// - Parameters:
    ///   - asksIndex: whether the updater is asked at all.
    ///   - asksDiscovery: whether the clusterer is asked at all.
    /// - Throws: where a host cannot be found, or one that is asked is not known.
    func addresses(
        asksIndex: Bool = true,
        asksDiscovery: Bool = false,
    ) throws(CommandFailure) -> SwitchboardClient.Addresses {
        for gateway in gateways { try gateway.requireHost() }
        var addresses = SwitchboardClient.Addresses(gateways: gateways.map(\.text))
        var asked = gateways
        if asksIndex {
            let updater = try found(updater, "the index", "--updater")
            addresses.updater = updater.text
            asked.append(updater)
        }
        if asksDiscovery {
            let discovery = try found(discovery, "the clusterer", "--discovery")
            addresses.discovery = discovery.text
            asked.append(discovery)
        }
        addresses.key = try clientKey(for: asked)
        return addresses
    }

    private func found(
        _ address: NodeAddress?,
        _ what: String,
        _ flag: String,
    ) throws(CommandFailure) -> NodeAddress {
        guard let address else {
            throw CommandFailure(
                "\(gateways[0].text) has no port that \(what) could lie beside; name \(what) with \(flag)",
                exitCode: CommandFailure.usage
            )
        }
        try address.requireHost()
        return address
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

import SwitchboardClient

/// The node that a command asks: what the flags say, else the environment, else the one on this machine.
struct NodePlace: Equatable, Sendable {
    let gateway: NodeAddress
    /// Nil: nothing names it, and the gateway's address has no port that it could lie beside.
    let updater: NodeAddress?
    /// Nobody named a gateway.
    let isDefault: Bool

    /// - Parameters:
    ///   - connect: what `--connect` says; nil: `SWITCHBOARD_CONNECT` or the default.
    ///   - updater: what `--updater` says; nil: `SWITCHBOARD_UPDATER`, or the gateway's port + 2.
    /// - Throws: of usage, for what is no address.
    init(
        connect: String?,
        updater: String?,
        environment: [String: String] = Environment.variables,
    ) throws(CommandFailure) {
        let environment = Environment.nonEmpty(environment)
        let named = Self.named(connect, "--connect", "SWITCHBOARD_CONNECT", environment)
        gateway = try NodeAddress(
            named?.text ?? SwitchboardClient.Addresses().gateway,
            from: named?.origin ?? "the default"
        )
        isDefault = named == nil
        if let (text, origin) = Self.named(updater, "--updater", "SWITCHBOARD_UPDATER", environment) {
            self.updater = try NodeAddress(text, from: origin)
        } else if let text = gateway.updaterBeside {
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
        try gateway.requireHost()
        guard asksIndex else { return SwitchboardClient.Addresses(gateway: gateway.text) }
        guard let updater else {
            throw CommandFailure(
                "\(gateway.text) has no port that the index could lie beside; name the index with --updater",
                exitCode: CommandFailure.usage
            )
        }
        try updater.requireHost()
        return SwitchboardClient.Addresses(gateway: gateway.text, updater: updater.text)
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

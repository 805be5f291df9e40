/// Looks at an installation the way a node would that is started with the same configuration, and says what is wrong
/// with it and how to mend it.
///
/// Changes nothing, and reads the log only where no node holds it. Each check takes at most some seconds; a long log
/// takes as long as reading it does. Models are looked at by `ModelChecks`, apart from the rest, since a library built
/// for another CPU ends the process that loads it.
package struct Doctor: Sendable {
    private let configuration: NodeConfiguration

    package init(_ configuration: NodeConfiguration) {
        self.configuration = configuration
    }

    /// Runs all checks but those of the models.
    ///
    /// - Parameter tell: gets each result as soon as it is there.
    /// - Returns: whether a node runs on the data directory.
    package func run(_ tell: (DoctorCheck) -> Void) async -> Bool {
        tell(LibraryChecks.zeroMQ())
        tell(MachineChecks.processor())
        tell(MachineChecks.memory())
        for check in await EngineChecks(configuration).run() { tell(check) }
        let keys = KeyChecks(configuration: configuration)
        if let file = keys.file() { tell(file) }
        var isNodeRunning = false
        if configuration.roles.contains(.updater), let path = configuration.dataPath {
            let directory = DataDirectoryChecks(path: path)
            tell(directory.permission())
            if let disk = directory.disk() { tell(disk) }
            if let left = directory.abandonedBackups() { tell(left) }
            let (lock, holder) = directory.lock()
            isNodeRunning = holder != nil
            if let lock { tell(lock) }
            if !isNodeRunning {
                let encoder = configuration.roles.contains(.retriever) ? configuration.models.encoder : nil
                for check in await LogChecks(path: path, encoder: encoder, needsKeys: keys.areNeeded).run() {
                    tell(check)
                }
            }
        } else {
            tell(MachineChecks.clock())
        }
        for check in await ConnectionChecks(configuration: configuration, pair: keys.pair()).run() { tell(check) }
        var ports = PortChecks(isNodeRunning: isNodeRunning, pair: isNodeRunning ? keys.runningPair() : keys.pair())
        ports.mayBeThisNode = !configuration.roles.contains(.updater)
        ports.isNodeAtHTTP = PortChecks.isNode(atHTTP: configuration.addresses.http)
        for (service, addresses) in services {
            for address in addresses { tell(await ports.check(service, address)) }
        }
        if let http = configuration.addresses.http {
            tell(await ports.checkHTTP(http))
            if ports.isNodeAtHTTP, isNodeRunning || ports.mayBeThisNode {
                let hasScorer = configuration.roles.contains(.scorer) && configuration.models.scorer != nil
                for check in ReadinessChecks(address: http, hasScorer: hasScorer).run() { tell(check) }
            }
        }
        return isNodeRunning
    }

    /// Which services this configuration listens for, and where.
    private var services: [(String, [String])] {
        var services: [(String, [String])] = []
        if configuration.roles.contains(.gateway) {
            services.append(("router port", configuration.addresses.router))
            services.append(("worker port", configuration.addresses.worker))
        }
        if configuration.roles.contains(.updater) { services.append(("index port", configuration.addresses.index)) }
        if configuration.roles.contains(.clusterer) {
            services.append(("discovery port", configuration.addresses.discovery))
        }
        return services
    }
}

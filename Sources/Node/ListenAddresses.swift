package import Core

/// Where a node listens: an address list for each service.
package struct ListenAddresses: Sendable, Equatable {
    /// Router, Retriever and Scorer.
    package var router: [String]
    /// Worker.
    package var worker: [String]
    /// Index.
    package var index: [String]
    /// Discovery.
    package var discovery: [String]
    /// `host:port` of `/metrics`, `/healthz`, `/readyz`; nil: none.
    package var http: String?

    /// The contract's ports on this machine alone.
    package init() {
        self.init(host: "127.0.0.1", port: 7_700)
    }

    /// No address but those inside the process.
    package static let none = ListenAddresses(router: [], worker: [], index: [], http: nil)

    /// A port for each service, picked by the system, on this machine alone.
    package static let anyLocalPort = ListenAddresses(host: "127.0.0.1", port: 0)

    package init(router: [String], worker: [String], index: [String], discovery: [String] = [], http: String?) {
        self.router = router
        self.worker = worker
        self.index = index
        self.discovery = discovery
        self.http = http
    }

    private init(host: String, port: Int) {
        func address(_ offset: Int) -> String { "tcp://\(host):\(port == 0 ? 0 : port + offset)" }
        self.init(
            router: [address(0)],
            worker: [address(1)],
            index: [address(2)],
            discovery: [address(3)],
            http: "\(host):\(port == 0 ? 0 : port + 80)"
        )
    }

    /// Reads what `--listen` was given: `tcp://host:port` moves all services there (port, port + 1, port + 2, port + 3
    /// and port + 80; 0 lets the system pick), `service=address` (router, worker, index, discovery or http) sets one service's addresses; given
    /// again it adds another, but for HTTP, which has one.
    ///
    /// - Throws: `.invalidArgument`, saying what is accepted.
    package init(_ arguments: [String]) throws(SwitchboardError) {
        self.init()
        var seen: Set<String> = []
        // What moves everything comes first, wherever it was written, and does not take back what one service was given.
        for argument in arguments where !argument.contains("=") {
            guard let place = HostPort(tcp: argument), place.port == 0 || Int(place.port) + 80 <= 65_535 else {
                throw Self.unreadable(argument)
            }
            self = ListenAddresses(host: place.host, port: Int(place.port))
        }
        for argument in arguments where argument.contains("=") {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let isNew = seen.insert(parts[0]).inserted
            switch parts[0] {
            case "router": router = (isNew ? [] : router) + [try Self.checked(parts[1])]
            case "worker": worker = (isNew ? [] : worker) + [try Self.checked(parts[1])]
            case "index": index = (isNew ? [] : index) + [try Self.checked(parts[1])]
            case "discovery": discovery = (isNew ? [] : discovery) + [try Self.checked(parts[1])]
            case "http":
                guard isNew else { throw .invalid("HTTP listens on one address; '\(argument)' is another") }
                guard parts[1] == "none" || HostPort(parts[1]) != nil else { throw Self.unreadable(argument) }
                http = parts[1] == "none" ? nil : parts[1]
            default: throw Self.unreadable(argument)
            }
        }
    }

    /// - Throws: `.failedPrecondition` where somebody on another machine could connect.
    package func requireLocal() throws(SwitchboardError) {
        for address in router + worker + index + discovery where !Self.isLocal(address) {
            throw SwitchboardError(
                .failedPrecondition,
                "\(address) can be reached from other machines, and this node uses no keys; make the first admin with "
                    + "`switchboard keys generate --role admin --data DIR`, listen on 127.0.0.1, or say --insecure where "
                    + "the network is closed"
            )
        }
    }

    private static func isLocal(_ address: String) -> Bool {
        if address.hasPrefix("ipc://") || address.hasPrefix("inproc://") { return true }
        guard let host = HostPort(tcp: address)?.host else { return false }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback = numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
        return isLoopback || host == "localhost" || host == "[::1]"
    }

    private static func checked(_ address: String) throws(SwitchboardError) -> String {
        guard address.hasPrefix("ipc://") || HostPort(tcp: address) != nil else { throw unreadable(address) }
        return address
    }

    private static func unreadable(_ argument: String) -> SwitchboardError {
        .invalid(
            "'\(argument)' is no address to listen on; write tcp://host:port (the port, port + 1, + 2, + 3 and + 80 are "
                + "used), or service=address with router, worker, index, discovery (tcp://host:port or ipc://path) or http (host:port or "
                + "none)"
        )
    }
}

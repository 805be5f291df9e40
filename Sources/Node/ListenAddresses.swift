package import Core

/// Where a node listens: an address list for each service.
package struct ListenAddresses: Sendable, Equatable {
    /// Router, Retriever and Scorer.
    package var router: [String]
    /// Worker.
    package var worker: [String]
    /// Index.
    package var index: [String]
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

    package init(router: [String], worker: [String], index: [String], http: String?) {
        self.router = router
        self.worker = worker
        self.index = index
        self.http = http
    }

    private init(host: String, port: Int) {
        func address(_ offset: Int) -> String { "tcp://\(host):\(port == 0 ? 0 : port + offset)" }
        self.init(
            router: [address(0)],
            worker: [address(1)],
            index: [address(2)],
            http: "\(host):\(port == 0 ? 0 : port + 80)"
        )
    }

    /// Reads what `--listen` was given: `tcp://host:port` moves all services there (port, port + 1, port + 2 and port + 80;
    /// 0 lets the system pick), `service=address` (router, worker, index or http) sets one service's addresses.
    ///
    /// - Throws: `.invalidArgument`, saying what is accepted.
    package init(_ arguments: [String]) throws(SwitchboardError) {
        self.init()
        var isFirst: [String: Bool] = [:]
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 1 {
                guard let (host, port) = Self.hostAndPort(ofTCP: argument) else { throw Self.unreadable(argument) }
                self = ListenAddresses(host: host, port: port)
                continue
            }
            let isNew = isFirst.updateValue(false, forKey: parts[0]) == nil
            switch parts[0] {
            case "router": router = (isNew ? [] : router) + [try Self.checked(parts[1])]
            case "worker": worker = (isNew ? [] : worker) + [try Self.checked(parts[1])]
            case "index": index = (isNew ? [] : index) + [try Self.checked(parts[1])]
            case "http": http = parts[1] == "none" ? nil : parts[1]
            default: throw Self.unreadable(argument)
            }
        }
    }

    /// - Throws: `.failedPrecondition` where somebody on another machine could connect.
    package func requireLocal() throws(SwitchboardError) {
        for address in router + worker + index where !Self.isLocal(address) {
            throw SwitchboardError(
                .failedPrecondition,
                "\(address) can be reached from other machines, and this version has no keys; listen on 127.0.0.1, or "
                    + "say --insecure where the network is closed"
            )
        }
    }

    private static func isLocal(_ address: String) -> Bool {
        if address.hasPrefix("ipc://") || address.hasPrefix("inproc://") { return true }
        guard let (host, _) = hostAndPort(ofTCP: address) else { return false }
        return host.hasPrefix("127.") || host == "localhost" || host == "[::1]"
    }

    private static func hostAndPort(ofTCP address: String) -> (host: String, port: Int)? {
        guard address.hasPrefix("tcp://") else { return nil }
        let place = address.dropFirst(6)
        guard let colon = place.lastIndex(of: ":") else { return nil }
        let host = String(place[..<colon])
        let port = place[place.index(after: colon)...]
        if port == "*" { return (host, 0) }
        guard !host.isEmpty, let number = Int(port), (0...65_535).contains(number) else { return nil }
        return (host, number)
    }

    private static func checked(_ address: String) throws(SwitchboardError) -> String {
        guard address.hasPrefix("ipc://") || hostAndPort(ofTCP: address) != nil else { throw unreadable(address) }
        return address
    }

    private static func unreadable(_ argument: String) -> SwitchboardError {
        .invalid(
            "'\(argument)' is no address to listen on; write tcp://host:port, or service=address with router, worker, "
                + "index (tcp://host:port or ipc://path) or http (host:port or none)"
        )
    }
}

import ArgumentParser
import Core
import Foundation
import Logging
import Node

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Runs a node: gateway, retriever, scorer, updater and clusterer, or some of them.",
        discussion: """
            Without options it runs everything in one process, listens on this machine alone (7700 router, 7701 workers, \
            7702 index, 7703 discovery, 7780 metrics and health) and keeps its data in ~/.local/share/switchboard. SIGTERM or Ctrl-C \
            finishes what is in flight and exits 0.
            """,
    )

    @Flag(help: "Print the addresses as one JSON object.")
    var json = false

    @OptionGroup var options: NodeOptions

    func run() async throws {
        let settings = try await NodeSettings(options)
        var logger = Logger(label: "switchboard") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = settings.logLevel
        let supervisor = Supervisor(environment: Environment.variables, logger: logger)
        try await reportingFailures(.listening) { [logger] in
            try await NodeRunner(
                configuration: settings.configuration,
                supervisor: supervisor,
                logger: logger,
                onListening: { show($0) },
            ).run()
        }
    }

    /// What a person, or a script that asked for any port, wants to know.
    private func show(_ bound: RunningNode.Bound) {
        if json {
            let addresses = Addresses(
                router: bound.router,
                worker: bound.worker,
                index: bound.index,
                discovery: bound.discovery,
                http: bound.http
            )
            if let line = try? JSONLine.encode(addresses) { Terminal.line(line) }
            return
        }
        let services = [
            ("router", bound.router), ("worker", bound.worker), ("index", bound.index), ("discovery", bound.discovery),
        ]
        for (name, addresses) in services {
            for address in addresses { Terminal.line(Self.line(name, address)) }
        }
        if let http = bound.http { Terminal.line(Self.line("http", "http://\(http)/metrics")) }
    }

    static func line(_ service: String, _ address: String) -> String {
        service.padding(toLength: 10, withPad: " ", startingAt: 0) + address
    }

    private struct Addresses: Encodable {
        let router: [String]
        let worker: [String]
        let index: [String]
        let discovery: [String]
        let http: String?
    }
}

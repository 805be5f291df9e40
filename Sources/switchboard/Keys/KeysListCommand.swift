import ArgumentParser
import Foundation
import SwitchboardClient

struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows who may connect, and for what. Takes an admin's key."
    )

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let keys = try await connection.withClient { try await $0.keys() }
        if json {
            for key in keys { Terminal.line(try JSONLine.encode(key)) }
        } else {
            Terminal.line(Self.words(keys))
        }
    }

    static func words(_ keys: [KeyEntry]) -> String {
        guard !keys.isEmpty else { return "There are no keys: whoever reaches this node may do everything." }
        let width = keys.map(\.name.count).max() ?? 0
        return keys.map { key in
            let name = key.name.padding(toLength: width, withPad: " ", startingAt: 0)
            var rights = key.roles.joined(separator: ", ")
            if !key.verticals.isEmpty { rights += " in \(key.verticals.joined(separator: ", "))" }
            return "\(name)  \(key.publicKey)  \(rights)\(key.isRevoked ? " (revoked)" : "")"
        }.joined(separator: "\n")
    }
}

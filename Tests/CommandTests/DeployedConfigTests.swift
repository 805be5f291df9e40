import ArgumentParser
import Foundation
import Node
import Testing

@testable import switchboard

/// The config files that come with deploy/ are read by the program that they are for.
struct DeployedConfigTests {
    private static let files = ["docker", "kubernetes", "systemd"].flatMap { folder in
        ["updater", "gateway", "retriever", "scorer", "clusterer"].map { "\(folder)/config/\($0).yaml" }
    }

    private func settings(_ file: String) async throws -> NodeConfiguration {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let written = try String(contentsOf: root.appending(path: "deploy/\(file)"), encoding: .utf8)
        // What an operator puts a public key for; here there are no keys.
        let text = written.replacing(/#[A-Z]+-PUBLIC-KEY/, with: "")
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let options = try NodeOptions.parse(["--config", try scratch.write(text, to: "node.yaml")])
        let environment = ["HOME": "/home/nobody", "SWITCHBOARD_INSECURE": "true"]
        return try await NodeSettings(options, environment: environment).configuration
    }

    @Test(arguments: files)
    func eachIsReadAndSaysItsRole(file: String) async throws {
        let configuration = try await settings(file)
        let name = try #require(file.split(separator: "/").last?.split(separator: ".").first)
        let role = try #require(NodeRole(rawValue: String(name)))
        #expect(configuration.roles == [role])
        #expect(configuration.addresses.http != nil, "where health is asked for")
        #expect((configuration.updater != nil) == [.gateway, .retriever, .clusterer].contains(role))
        #expect(configuration.gateways.isEmpty == (role == .gateway))
    }

    @Test func theOneForAllRolesHasThemAll() async throws {
        let configuration = try await settings("systemd/config/node.yaml")
        #expect(configuration.roles == Set(NodeRole.allCases))
        #expect(configuration.dataPath == "/var/lib/switchboard/node")
    }
}

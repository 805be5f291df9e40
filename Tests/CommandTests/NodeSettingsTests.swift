import ArgumentParser
import Foundation
import Node
import Testing

@testable import switchboard

/// What a node makes of its config file and of the environment.
struct NodeSettingsTests {
    @Test func aScorerThatIsNamedComesWithoutTheInstalledAdapter() {
        let installed = ModelPaths(encoder: "e", scorer: "s", adapter: "a", policy: "p")
        #expect(installed.replacing(encoder: nil, scorer: nil, adapter: nil) == installed)
        let other = installed.replacing(encoder: "f", scorer: "t", adapter: nil)
        #expect(other == ModelPaths(encoder: "f", scorer: "t", adapter: nil, policy: "p"))
        #expect(installed.replacing(encoder: nil, scorer: "t", adapter: "b").adapter == "b")
        #expect(installed.replacing(encoder: nil, scorer: nil, adapter: "none").adapter == nil)
        #expect(installed.replacing(encoder: nil, scorer: nil, adapter: nil, namer: "n").namer == "n")
        #expect(ModelPaths(namer: "n").replacing(encoder: nil, scorer: "t", adapter: nil).namer == nil)
        #expect(ModelPaths(namer: "n").replacing(encoder: nil, scorer: nil, adapter: nil, namer: "none").namer == nil)
        #expect(installed.replacing(encoder: nil, scorer: "none", adapter: nil).scorer == nil)
    }

    private static let home = ["HOME": "/home/nobody"]

    /// Reads a config file of these words.
    private func settings(
        _ text: String,
        in name: String = "node.yaml",
        environment: [String: String] = NodeSettingsTests.home,
    ) async throws -> NodeConfiguration {
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let options = try NodeOptions.parse(["--config", try scratch.write(text, to: name)])
        return try await NodeSettings(options, environment: environment).configuration
    }

    @Test(arguments: [
        (
            "node.yaml",
            """
            roles: [gateway, retriever]
            data: /srv/data
            listen:
              - tcp://127.0.0.1:8800
              - http=none
            connect: tcp://127.0.0.1:9701
            updater: tcp://127.0.0.1:9702
            encoder: e.gguf
            scorer: none
            adapter: a.gguf
            threads: 3
            name: 7
            log-level: debug
            insecure: true
            """
        ),
        (
            "node.json",
            """
            {"roles": ["gateway", "retriever"], "data": "/srv/data", "listen": ["tcp://127.0.0.1:8800", "http=none"],
             "connect": "tcp://127.0.0.1:9701", "updater": "tcp://127.0.0.1:9702", "encoder": "e.gguf",
             "scorer": "none", "adapter": "a.gguf", "threads": 3, "name": "7", "log-level": "debug", "insecure": true}
            """
        ),
    ])
    func everyKeyIsRead(name: String, text: String) async throws {
        let configuration = try await settings(text, in: name)
        #expect(configuration.roles == [.gateway, .retriever])
        #expect(configuration.dataPath == "/srv/data")
        #expect(configuration.addresses.router == ["tcp://127.0.0.1:8800"])
        #expect(configuration.addresses.http == nil)
        #expect(configuration.gateways == ["tcp://127.0.0.1:9701"])
        #expect(configuration.updater == "tcp://127.0.0.1:9702")
        #expect(configuration.models == ModelPaths(encoder: "e.gguf", scorer: nil, adapter: "a.gguf"))
        #expect(configuration.computeThreads == 3)
        #expect(configuration.name == "7")
        #expect(configuration.isInsecure)
    }

    @Test func theDocumentedFileIsReadAndHasEveryKey() async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/operating.md")
        let parts = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "```yaml\n")
        try #require(parts.count == 2)
        let example = try #require(parts[1].components(separatedBy: "```").first)
        for key in NodeKey.allCases { #expect(example.contains("\(key.rawValue):"), "\(key.rawValue)") }
        #expect(try await settings(example).name == "node-1")
        // What stands there as a comment is accepted too.
        let whole = example.replacingOccurrences(of: "\n# ", with: "\n")
        #expect(try await settings(whole).updater == "tcp://127.0.0.1:7702")
    }

    @Test func theKeyOfWhoeverKeepsKeysIsNoUpdatersOwn() async throws {
        var environment = Self.home
        environment["SWITCHBOARD_KEY"] = "/home/ana/admin.key"
        func settings(_ arguments: [String]) async throws -> NodeConfiguration {
            try await NodeSettings(try NodeOptions.parse(arguments), environment: environment).configuration
        }
        let updater = try await settings(["--data", "/srv/data"])
        #expect(updater.keyFile == nil)
        #expect(updater.passedOverKeyFile == "/home/ana/admin.key")
        let named = try await settings(["--data", "/srv/data", "--key", "/srv/other.key"])
        #expect(named.keyFile == "/srv/other.key")
        let written = try await self.settings("key: /srv/written.key", environment: environment)
        #expect(written.keyFile == "/srv/written.key")
        // Others have no pair of their own but this one.
        let gateway = try await settings(["--roles", "gateway", "--updater", "tcp://127.0.0.1:7702"])
        #expect(gateway.keyFile == "/home/ana/admin.key")
        #expect(gateway.passedOverKeyFile == nil)
    }

    @Test func oneAddressNeedsNoList() async throws {
        #expect(try await settings("listen: tcp://127.0.0.1:8800").addresses.worker == ["tcp://127.0.0.1:8801"])
        let several = try await settings("listen: tcp://127.0.0.1:8800, http=none")
        #expect(several.addresses.index == ["tcp://127.0.0.1:8802"])
        #expect(several.addresses.http == nil)
    }

    @Test(arguments: [
        ("node.yaml", "thread: 2", ["'thread'", "'threads'", "log-level, insecure"]),
        ("node.yaml", "log_level: debug", ["'log_level'", "'log-level'"]),
        ("node.yaml", "gateways: [\"tcp://h:1\"]\nlisen: tcp://h:1", ["'gateways'", "'lisen'", "'listen'"]),
        ("node.json", "{\"Data\": \"/d\"}", ["'Data'", "'data'"]),
        ("node.json", "{\"node\": {\"data\": \"/d\"}}", ["'node'"]),
        ("node.yaml", "threads: many", ["'threads' is 'many'", "a whole number"]),
        ("node.yaml", "threads: [1, 2]", ["'threads' is a list of '1', '2'"]),
        ("node.yaml", "insecure: maybe", ["'insecure' is 'maybe'", "true or false"]),
        ("node.yaml", "data:", ["'data' is nothing", "text"]),
        ("node.yaml", "listen: {router: \"tcp://h:1\"}", ["'listen' is a set of keys", "list of texts"]),
        ("node.json", "{\"threads\": \"4\"}", ["'threads' is '4'"]),
        ("node.json", "{\"threads\": true}", ["'threads' is 'true'"]),
        ("node.json", "{\"listen\": [1]}", ["'listen' is a list of '1'"]),
        ("node.json", "{\"name\": null}", ["'name' is nothing"]),
    ])
    func whatAConfigFileCannotSayIsNamed(name: String, text: String, words: [String]) async throws {
        let failure = await #expect(throws: CommandFailure.self) { try await settings(text, in: name) }
        #expect(failure?.exitCode == CommandFailure.usage)
        for word in words { #expect(failure?.message.contains(word) == true, "\(word) in \(failure?.message ?? "")") }
    }

    @Test func theDoctorSaysTheSame() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("threads: many", to: "node.yaml")
        let command = try #require(
            try Switchboard.parseAsRoot(["doctor", "--config", file]) as? DoctorCommand
        )
        let failure = await #expect(throws: CommandFailure.self) { try await command.run() }
        #expect(failure?.message.contains("'threads' is 'many'") == true)
        withExtendedLifetime(scratch) {}
    }

    @Test(arguments: [
        ("SWITCHBOARD_THREADS", "many", "a whole number"), ("SWITCHBOARD_INSECURE", "perhaps", "true or false"),
    ])
    func theEnvironmentHasTypesToo(variable: String, value: String, words: String) async throws {
        var environment = Self.home
        environment[variable] = value
        let failure = await #expect(throws: CommandFailure.self) {
            try await NodeSettings(try NodeOptions.parse([]), environment: environment)
        }
        #expect(failure?.message == "\(variable) is '\(value)'; \(words) is accepted")
    }

    @Test func theEnvironmentStandsBeforeTheFileAndFlagsBeforeBoth() async throws {
        var environment = Self.home
        environment["SWITCHBOARD_THREADS"] = "5"
        environment["SWITCHBOARD_GATEWAYS"] = "tcp://127.0.0.1:1, tcp://127.0.0.1:2"
        environment["SWITCHBOARD_CONNECT"] = "tcp://127.0.0.1:3"
        environment["SWITCHBOARD_NAME"] = ""
        let configuration = try await settings("threads: 2\nname: file\nconnect: x", environment: environment)
        #expect(configuration.computeThreads == 5)
        #expect(configuration.gateways == ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"])
        #expect(configuration.name == "file")
        let options = try NodeOptions.parse(["--threads", "9"])
        #expect(try await NodeSettings(options, environment: environment).configuration.computeThreads == 9)
    }

    @Test(arguments: [
        ("thread", NodeKey.threads), ("LISTEN", NodeKey.listen), ("log_level", NodeKey.logLevel),
        ("encodr", NodeKey.encoder),
    ])
    func guessesWhatWasMeant(name: String, key: NodeKey) {
        #expect(NodeKey.nearest(to: name) == key)
        #expect(NodeKey.nearest(to: "port-of-the-router") == nil)
    }

    @Test func aModelServersKeyComesFromTheEnvironmentAlone() async throws {
        let environment = Self.home.merging(["SWITCHBOARD_OPENAI_KEY": "secret"]) { first, _ in first }
        let written = "encoder: openai:http://gpu-1:8000"
        let models = try await settings(written, environment: environment).models
        #expect(models.encoder == "openai:http://gpu-1:8000")
        #expect(models.engineKey != nil)
        #expect(!"\(models)".contains("secret"))
        #expect(try await settings(written).models.engineKey == nil)
        await #expect(throws: CommandFailure.self) { _ = try await settings("engine-key: secret") }
    }
}

import Calls
import Core
import Foundation
import Node
import SwitchboardClient
import Testing
import Wire

/// A whole node that discovers an intent in what it could not explain, over real sockets and without a model.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DiscoveryNodeTests {
    private static let said = [
        "the thermostat blinks red", "thermostat keeps blinking red", "red light on the thermostat",
        "thermostat flashes red light", "why is the thermostat blinking red", "the thermostat shows a red light",
        "thermostat has a red blinking light", "a red light blinks on our thermostat",
    ]

    /// A node whose index knows of parcels and refunds, and is sure of nothing else.
    private static func fixture(folder: URL? = nil) async throws -> NodeFixture {
        try await NodeFixture(folder: folder) { $0.models = ModelPaths(encoder: "words", scorer: nil) }
    }

    private static func client(_ fixture: NodeFixture) -> SwitchboardClient {
        SwitchboardClient(
            .init(
                gateway: fixture.node.bound.router[0],
                updater: fixture.node.bound.index[0],
                discovery: fixture.node.bound.discovery[0]
            )
        )
    }

    /// Whoever is not nearly like an exemplar is unknown.
    private static func makeStrict(_ fixture: NodeFixture) async throws {
        let encoder = try #require(try await fixture.client.updater.call(Methods.stats, StatsRequest()).encoder)
        let policy = Policy(retrieval: RetrievalPolicy(encoder: encoder, minimumFamiliarity: 0.9))
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            source: "tests",
            author: "tests",
            commands: [.setPolicy(PolicySet(scope: .everywhere, policy: policy))]
        )
        _ = try await fixture.client.updater.call(Methods.append, AppendRequest(batch: batch, wait: .applied))
    }

    private static func settings() -> DiscoverySettings {
        var settings = DiscoverySettings()
        settings.judge = .none
        settings.namesByModel = false
        return settings
    }

    private static func classify(_ text: String, _ fixture: NodeFixture) async throws -> ClassifyResponse {
        try await fixture.client.gateway.call(
            Methods.classify,
            ClassifyRequest(text: try UtteranceText(text), verticals: [try Vertical("shop")])
        )
    }

    /// Returns when the pool holds so many calls.
    private static func wait(for calls: Int, _ client: SwitchboardClient) async throws {
        let shop = PurgeSelection.vertical(try Vertical("shop"))
        while try await client.purgePool(shop, isDryRun: true).entries < calls {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func end(of run: Bits128, _ client: SwitchboardClient) async throws -> RunProgress {
        var last: RunProgress?
        for try await state in client.watchRun(run) { last = state.progress }
        return try #require(last)
    }

    @Test func whatNobodyCouldExplainIsAcceptedAndAnsweredAtOnce() async throws {
        let folder = NodeFixture.makeFolder()
        var fixture = try await Self.fixture(folder: folder)
        _ = try await fixture.add(NodeFixture.pairs)
        try await Self.makeStrict(fixture)
        for text in Self.said { #expect(try await Self.classify(text, fixture).outcome == .unknown) }
        var client = Self.client(fixture)
        try await Self.wait(for: Self.said.count, client)

        let run = try await client.startRun(verticals: [try Vertical("shop")], settings: Self.settings())
        let end = try await Self.end(of: run, client)
        #expect(end.phase == .finished, "\(end.note)")
        let list = try await client.proposals()
        let proposal = try #require(list.proposals.first)
        let whole = try await client.proposal(proposal.id).proposal
        #expect(Set(whole.members.map(\.text.value)).isSubset(of: Self.said))

        let path = try IntentPath("heating/red-light")
        let action = ReviewAction.accept(
            path: path,
            vertical: try Vertical("shop"),
            texts: nil,
            attributes: ["queue": "heating"]
        )
        let operation = Bits128.random()
        let answer = try await client.review(proposal.id, action, operation: operation, author: "ana")
        let position = try #require(answer.receipt)
        let member = try #require(whole.members.first).text
        let reply = try await fixture.client.gateway.call(
            Methods.classify,
            ClassifyRequest(text: member, verticals: [try Vertical("shop")], minPosition: position)
        )
        #expect(reply.outcome == .route)
        #expect(reply.intent == path)
        #expect(try await Self.classify("our thermostat has a red light", fixture).candidates.first?.intent == path)
        await #expect { _ = try await client.review(proposal.id, action, author: "ana") } throws: {
            ($0 as? ClientError)?.status == "ALREADY_EXISTS"
        }

        // All of it is there after a restart; then it is taken back.
        await client.close()
        await fixture.stop(keepingFolder: true)
        fixture = try await Self.fixture(folder: folder)
        client = Self.client(fixture)
        #expect(try await client.review(proposal.id, action, operation: operation).receipt == position)
        let history = try await client.proposal(proposal.id).history
        #expect(history.map(\.reviewer) == ["ana"])
        let undone = try await client.review(proposal.id, .undo, author: "ben")
        #expect(undone.proposal.state == .open)
        #expect(try await Self.classify(member.value, fixture).outcome == .unknown)
        await client.close()
        await fixture.stop()
    }

    @Test func aClustererByItselfTakesWhatGatewaysHandOn() async throws {
        let fixture = try await NodeFixture {
            $0.models = ModelPaths(encoder: "words", scorer: nil)
            $0.roles = [.gateway, .retriever, .updater]
        }
        let place = NodeFixture.makeFolder()
        var configuration = NodeFixture.configuration(place)
        configuration.roles = [.clusterer]
        configuration.gateways = fixture.node.bound.worker
        configuration.updater = fixture.node.bound.index[0]
        let clusterer = try await RunningNode.start(configuration, logger: NodeFixture.logger)
        _ = try await fixture.add(NodeFixture.pairs)
        try await Self.makeStrict(fixture)
        _ = try await Self.classify(Self.said[0], fixture)
        let client = SwitchboardClient(
            .init(
                gateway: fixture.node.bound.router[0],
                updater: fixture.node.bound.index[0],
                discovery: clusterer.bound.discovery[0]
            )
        )
        try await Self.wait(for: 1, client)
        let health = try await client.discovery.call(Methods.healthCheck, HealthRequest())
        #expect(health.status == .serving)
        await client.close()
        await clusterer.stop()
        await fixture.stop()
        try? FileManager.default.removeItem(at: place)
    }

    @Test func aClustererNeedsADataDirectoryAndAnUpdater() async throws {
        for change in [
            { (configuration: inout NodeConfiguration) in configuration.dataPath = nil },
            { (configuration: inout NodeConfiguration) in configuration.updater = nil },
        ] {
            var configuration = NodeFixture.configuration(NodeFixture.makeFolder())
            configuration.roles = [.clusterer]
            configuration.gateways = ["tcp://127.0.0.1:1"]
            configuration.updater = "tcp://127.0.0.1:2"
            change(&configuration)
            #expect(throws: SwitchboardError.self) { try configuration.validate() }
        }
    }

    private static func scorer(at gateway: String, named name: String = "node", threads: Int = 1) -> NodeConfiguration {
        var configuration = NodeFixture.configuration(NodeFixture.makeFolder())
        configuration.roles = [.scorer]
        configuration.gateways = [gateway]
        configuration.name = name
        configuration.computeThreads = threads
        return configuration
    }

    @Test(arguments: ["bad", "", "tcp://h", "tcp://h:0", "tcp://h:99999", "http://h:7701", "ipc://"])
    func whatIsNoAddressToConnectToIsRefusedBeforeTheStart(address: String) {
        let error = #expect(throws: SwitchboardError.self) { try Self.scorer(at: address).validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("tcp://host:7701") == true)
    }

    @Test(arguments: ["tcp://gateway-0.gateway:7701", "tcp://[::1]:7701", "ipc:///run/gateway"])
    func addressesToConnectToAreTaken(address: String) {
        #expect(throws: Never.self) { try Self.scorer(at: address).validate() }
    }

    @Test func namesAndThreadsHaveBounds() {
        let gateway = "tcp://h:7701"
        #expect(throws: Never.self) {
            try Self.scorer(at: gateway, named: String(repeating: "n", count: 200), threads: 1_024).validate()
        }
        for configuration in [
            Self.scorer(at: gateway, named: String(repeating: "n", count: 201)), Self.scorer(at: gateway, named: ""),
            Self.scorer(at: gateway, threads: 1_025), Self.scorer(at: gateway, threads: 0),
        ] {
            #expect(throws: SwitchboardError.self) { try configuration.validate() }
        }
    }
}

import Core
import Testing

@testable import SwitchboardClient
@testable import switchboard

/// Which node a command asks, and what it says where that cannot be.
struct NodePlaceTests {
    private func place(
        connect: String...,
        updater: String? = nil,
        discovery: String? = nil,
        _ environment: [String: String] = [:],
    ) throws -> NodePlace {
        try NodePlace(connect: connect, updater: updater, discovery: discovery, environment: environment)
    }

    @Test func withoutAWordItIsTheNodeOnThisMachine() throws {
        let place = try place()
        #expect(place.gateways.map(\.text) == ["tcp://127.0.0.1:7700"])
        #expect(place.updater?.text == "tcp://127.0.0.1:7702")
        #expect(place.isDefault)
    }

    @Test(arguments: [
        ("tcp://router.example:9000", "tcp://router.example:9002"), ("tcp://[::1]:7800", "tcp://[::1]:7802"),
    ])
    func theIndexLiesTwoPortsAboveTheRouter(gateway: String, updater: String) throws {
        #expect(try place(connect: gateway).updater?.text == updater)
        #expect(try place(["SWITCHBOARD_CONNECT": gateway]).updater?.text == updater)
        #expect(try !place(["SWITCHBOARD_CONNECT": gateway]).isDefault)
    }

    @Test func theClustererLiesThreePortsAboveTheRouter() throws {
        #expect(try place().discovery?.text == "tcp://127.0.0.1:7703")
        #expect(try place(connect: "tcp://[::1]:7800").discovery?.text == "tcp://[::1]:7803")
        #expect(try !place().isDiscoveryNamed)
        let named = try place(["SWITCHBOARD_DISCOVERY": "tcp://b:2"])
        #expect(named.discovery?.text == "tcp://b:2" && named.isDiscoveryNamed)
        #expect(
            try place(discovery: "tcp://c:3", ["SWITCHBOARD_DISCOVERY": "tcp://b:2"]).discovery?.text == "tcp://c:3"
        )
        // Above this port there are two more, and no third.
        let last = try place(connect: "tcp://127.0.0.1:65533")
        #expect(last.updater?.text == "tcp://127.0.0.1:65535" && last.discovery == nil)
        #expect(throws: CommandFailure.self) { try last.addresses(asksDiscovery: true) }
        let addresses = try place(connect: "tcp://127.0.0.1:9000").addresses(asksIndex: false, asksDiscovery: true)
        #expect(addresses.discovery == "tcp://127.0.0.1:9003")
    }

    @Test func whatIsNamedWins() throws {
        let environment = ["SWITCHBOARD_CONNECT": "tcp://a:1", "SWITCHBOARD_UPDATER": "tcp://b:2"]
        #expect(try place(environment).updater?.text == "tcp://b:2")
        let named = try place(connect: "tcp://c:3", updater: "tcp://d:4", environment)
        #expect(named.gateways.map(\.text) == ["tcp://c:3"])
        #expect(named.updater?.text == "tcp://d:4")
    }

    @Test func severalGatewaysAreNamedOneByOneOrWithCommas() throws {
        let all = ["tcp://a:1", "tcp://b:2", "ipc:///tmp/c"]
        #expect(try place(connect: "tcp://a:1", "tcp://b:2, ipc:///tmp/c").gateways.map(\.text) == all)
        let place = try place(["SWITCHBOARD_CONNECT": all.joined(separator: ",")])
        #expect(place.gateways.map(\.text) == all)
        #expect(place.updater?.text == "tcp://a:3")
        #expect(try self.place(connect: "tcp://127.0.0.1:1", "tcp://127.0.0.1:2").addresses().gateways.count == 2)
        #expect(throws: CommandFailure.self) { try self.place(connect: "tcp://a:1,") }
    }

    @Test func whatIsEmptyInTheEnvironmentIsNotSet() throws {
        let place = try place(["SWITCHBOARD_CONNECT": "", "SWITCHBOARD_UPDATER": ""])
        #expect(place.isDefault)
        #expect(place.updater?.text == "tcp://127.0.0.1:7702")
    }

    @Test(arguments: [
        "nonsense", "tcp://127.0.0.1", "tcp://:7700", "tcp://h:0", "tcp://h:70000", "tcp://h:x", "tcp://a b:1",
        "ipc://", "http://h:7700", "",
    ])
    func whatIsNoAddressIsWrongUsage(text: String) {
        let failure = #expect(throws: CommandFailure.self) { try place(connect: text) }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(failure?.message.contains("of --connect is no address; write tcp://host:port") == true)
    }

    @Test func besideAPathTheIndexHasToBeNamed() throws {
        let place = try place(connect: "ipc:///tmp/gateway")
        #expect(place.updater == nil)
        #expect(try place.addresses(asksIndex: false).gateway == "ipc:///tmp/gateway")
        let failure = #expect(throws: CommandFailure.self) { try place.addresses() }
        #expect(failure?.message.contains("--updater") == true)
    }

    @Test func aHostThatNobodyKnowsIsToldAsSuch() throws {
        // Longer than a name may be, so that nobody is asked for it.
        let name = String(repeating: "x", count: 70)
        let place = try place(connect: "tcp://\(name):7700")
        let failure = #expect(throws: CommandFailure.self) { try place.addresses() }
        #expect(failure?.exitCode == CommandFailure.unavailable)
        #expect(failure?.message.contains("the host '\(name)'") == true)
    }

    // MARK: What helps

    private func message(_ error: SwitchboardError, _ advice: FailureAdvice) -> String {
        CommandFailure(error, advice: advice).message
    }

    @Test func whereNobodyAnswersANodeIsProposed() {
        let error = SwitchboardError(.unavailable, "no node answers at tcp://h:1: the connection was refused")
        #expect(message(error, .askingHere).contains("switchboard node; or name another with --connect"))
        #expect(message(error, .asking).contains("Is a node running there?"))
        #expect(message(error, .alone) == error.message)
        #expect(CommandFailure(ClientError(error), advice: .asking).message.contains("--updater its index"))
    }

    @Test func aNodeThatLacksAWorkerIsNotProposedAgain() {
        let error = SwitchboardError(.unavailable, "no worker that serves it is attached; start a node with the role x")
        #expect(message(error, .askingHere) == error.message)
        #expect(CommandFailure(error, advice: .asking).exitCode == CommandFailure.unavailable)
    }

    @Test func aPortThatIsTakenIsNotAQuestionOfARunningNode() {
        let error = SwitchboardError(.unavailable, "cannot listen on tcp://127.0.0.1:7700: Address already in use")
        let text = message(error, .listening)
        #expect(text.contains("--listen") && text.contains("switchboard doctor"))
        #expect(!text.contains("Is a node running"))
    }

    @Test func whereHTTPCannotListenItsOwnOptionIsNamed() {
        let error = SwitchboardError(.failedPrecondition, "HTTP cannot listen on 127.0.0.1:7780; it may be in use")
        let text = message(error, .listening)
        #expect(text.contains("--listen http=HOST:PORT") && !text.contains("tcp://host:port"))
    }
}

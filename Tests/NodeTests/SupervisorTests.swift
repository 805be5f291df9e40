import Foundation
import Glibc
import Logging
import Testing

@testable import Node

@Suite(.serialized, .timeLimit(.minutes(5))) struct SupervisorTests {
    @Test func wordsGoAsOneMessage() async throws {
        let listener = try Listener()
        let supervisor = makeSupervisor(["NOTIFY_SOCKET": listener.path])
        await supervisor.tell(.ready, .status("serving\nas gateway"))
        await supervisor.tell(.stopping)
        await supervisor.tell(.alive)
        #expect(await listener.next() == "READY=1\nSTATUS=serving as gateway")
        #expect(await listener.next() == "STOPPING=1")
        #expect(await listener.next() == "WATCHDOG=1")
    }

    @Test(arguments: ["", "relative/path", "/", "@", "vsock:2:1234", "/" + String(repeating: "a", count: 107)])
    func whatIsNoSocketOfThisMachineIsToldNothing(written: String) async {
        #expect(NotificationSocket(written) == nil)
        let supervisor = makeSupervisor(["NOTIFY_SOCKET": written, "WATCHDOG_USEC": "1000000"])
        #expect(supervisor.watchdog == nil)
        await supervisor.tell(.ready)
    }

    @Test func aSupervisorThatIsGoneKeepsNobodyWaiting() async throws {
        let listener = try Listener()
        let socket = try #require(NotificationSocket(listener.path))
        #expect(socket.send("READY=1") == 0)
        unlink(listener.path)
        #expect(socket.send("READY=1") == ENOENT)
        await makeSupervisor(["NOTIFY_SOCKET": listener.path]).tell(.ready)
    }

    @Test(
        arguments: [
            ([:], nil),
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(15)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"], .seconds(15)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"], nil),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "many"], nil),
            (["WATCHDOG_USEC": "1"], .milliseconds(10)),
            (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
        ] as [([String: String], Duration?)]
    )
    func signsOfLifeComeTwiceAsOftenAsTheyMust(environment: [String: String], wanted: Duration?) throws {
        let listener = try Listener()
        let told = environment.merging(["NOTIFY_SOCKET": listener.path]) { old, _ in old }
        #expect(makeSupervisor(told).watchdog == wanted)
    }

    /// All of a node's life: it is ready when it serves, alive as long as it runs.
    @Test func aNodeIsReadyThenAlive() async throws {
        let listener = try Listener()
        let fixture = try await NodeFixture()
        let supervisor = makeSupervisor(["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "20000"])
        let watch = Task { await supervisor.watch(fixture.node) }
        var heard: [String] = []
        while Set(heard.map(\.firstWord)).isDisjoint(with: ["READY=1"]) || heard.last?.firstWord != "WATCHDOG=1" {
            heard.append(try #require(await listener.next()))
        }
        #expect(heard.contains("READY=1\nSTATUS=serving as clusterer, gateway, retriever, scorer, updater"))
        #expect(heard.contains { $0.hasPrefix("STATUS=waiting") })
        watch.cancel()
        await watch.value
        await fixture.stop()
    }

    /// It has nobody to follow, so it is not ready; it is alive all the same.
    @Test func aRetrieverWithoutAnUpdaterIsAliveAndNotReady() async throws {
        let listener = try Listener()
        let folder = NodeFixture.makeFolder()
        var configuration = NodeFixture.configuration(folder)
        configuration.roles = [.retriever]
        configuration.dataPath = nil
        configuration.gateways = ["ipc://\(folder.path).gateway"]
        configuration.updater = "ipc://\(folder.path).index"
        let node = try await RunningNode.start(configuration, logger: NodeFixture.logger)
        let supervisor = makeSupervisor(["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "20000"])
        let watch = Task { await supervisor.watch(node) }
        var heard: [String] = []
        while heard.count(where: { $0 == "WATCHDOG=1" }) < 3 { heard.append(try #require(await listener.next())) }
        #expect(!heard.contains { $0.hasPrefix("READY") })
        watch.cancel()
        await watch.value
        await node.stop()
    }

    private func makeSupervisor(_ environment: [String: String]) -> Supervisor {
        Supervisor(environment: environment, processID: 7, logger: NodeFixture.logger)
    }
}

extension String {
    fileprivate var firstWord: Substring { prefix { !$0.isNewline } }
}

import Core
import Node
import Testing

@Suite struct ListenAddressesTests {
    @Test(arguments: [
        "", "=", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://:1", "tcp://h:70000", "tcp://h:65500",
        "http=garbage", "http=", "http=127.0.0.1:http", "http=tcp://127.0.0.1:1",
    ])
    func whatIsNoAddressIsRefused(written: String) {
        #expect(throws: SwitchboardError.self) { try ListenAddresses([written]) }
    }

    @Test func oneServiceKeepsWhatItWasGiven() throws {
        let addresses = try ListenAddresses(["http=127.0.0.1:1", "tcp://127.0.0.1:9000"])
        #expect(addresses.http == "127.0.0.1:1")
        #expect(addresses.router == ["tcp://127.0.0.1:9000"])
        #expect(addresses.index == ["tcp://127.0.0.1:9002"])
    }

    @Test func anotherAddressJoinsTheFirstButForHTTP() throws {
        let two = ["router=tcp://127.0.0.1:1", "router=tcp://127.0.0.1:2"]
        #expect(try ListenAddresses(two).router == ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"])
        #expect(try ListenAddresses(["http=none"]).http == nil)
        #expect(throws: SwitchboardError.self) { try ListenAddresses(["http=127.0.0.1:1", "http=127.0.0.1:2"]) }
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "localhost"])
    func isLocal(host: String) throws {
        #expect(throws: Never.self) { try ListenAddresses(["tcp://\(host):9000"]).requireLocal() }
    }

    @Test(arguments: ["127.example", "127.0.0.1.example.org", "10.0.0.1", "*"])
    func isNotLocal(host: String) throws {
        #expect(throws: SwitchboardError.self) { try ListenAddresses(["tcp://\(host):9000"]).requireLocal() }
    }
}

import Core
import Testing

@Suite struct HostPortTests {
    @Test(arguments: [
        ("127.0.0.1:7700", "127.0.0.1", 7_700),
        ("localhost:0", "localhost", 0),
        ("*:*", "*", 0),
        ("[::1]:80", "::1", 80),
    ])
    func isRead(written: String, name: String, port: Int) throws {
        let place = try #require(HostPort(written))
        #expect(place.name == name)
        #expect(Int(place.port) == port)
        #expect(HostPort(tcp: "tcp://" + written) == place)
    }

    @Test(arguments: [
        "", ":", "garbage", "h:", ":1", "h:65536", "h:+1", "h:-1", "h:1x", "a b:1", "http://h:1", "h/x:1",
    ])
    func isNone(written: String) {
        #expect(HostPort(written) == nil)
    }

    @Test func onlyTCPIsTCP() {
        #expect(HostPort(tcp: "127.0.0.1:1") == nil)
        #expect(HostPort(tcp: "ipc:///tmp/socket:1") == nil)
    }
}

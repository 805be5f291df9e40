import Core
import Testing

/// How keys and addresses with keys are written.
@Suite struct KeyTextTests {
    @Test func z85IsThatOfTheRFC() {
        let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
        #expect(Z85.encode(bytes) == "HelloWorld")
        #expect(Z85.decode("HelloWorld") == bytes)
        #expect(Z85.encode([255, 255, 255, 255]) == "%nSc0")
    }

    @Test(arguments: ["Hello", "HelloWorl", "Hello World", "Hell\"", "#####", "%nSc1", "H\u{E9}llo"])
    func otherTextIsNotZ85(text: String) {
        let isOne = text == "Hello"
        #expect((Z85.decode(text) != nil) == isOne, "\(text)")
    }

    @Test func everyKeyComesBack() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let key = try #require(PublicKey(bytes: bytes))
            #expect(PublicKey(key.description) == key)
            for place in ["tcp://h:1", "tcp://[::1]:7700", "ipc:///run/a#b.socket"] {
                let address = try KeyedAddress("\(place)#\(key)")
                #expect(address == KeyedAddress(place: place, key: key))
                #expect(address.description == "\(place)#\(key)")
            }
        }
        #expect(PublicKey(bytes: [1, 2, 3]) == nil)
        #expect(PublicKey("short") == nil)
    }

    @Test func anAddressWithoutAKeyHasNone() throws {
        for written in ["tcp://h:1", "inproc://x", "ipc:///a/b", "ipc:///a#b"] {
            #expect(try KeyedAddress(written) == KeyedAddress(place: written, key: nil))
        }
    }

    @Test(arguments: ["tcp://h:1#", "tcp://h:1#abc", "tcp://h:1#" + String(repeating: "~", count: 40)])
    func anAddressWithHalfAKeyIsRefused(written: String) {
        let error = #expect(throws: SwitchboardError.self) { try KeyedAddress(written) }
        #expect(error?.message.contains("40 characters") == true)
        #expect(error?.message.contains("tcp://h:1") == true)
    }
}

import Testing

@testable import Core

@Suite struct UtteranceTextTests {
    @Test(arguments: [
        ("  where is\tmy\n parcel ", "where is my parcel"),
        ("caf\u{65}\u{301}", "caf\u{E9}"),
        ("a\u{7}b", "a b"),
        ("\u{3000}hello\u{A0}there", "hello there"),
    ])
    func normalises(input: String, expected: String) throws {
        let text = try UtteranceText(input)
        #expect(Array(text.value.utf8) == Array(expected.utf8))
    }

    @Test(arguments: [[], [0x20, 0x09], [0x61, 0x00, 0x62], [0xFF, 0xFE], [0xC3]] as [[UInt8]])
    func refusesWhatIsNoText(bytes: [UInt8]) {
        #expect(throws: SwitchboardError.self) { try UtteranceText(validating: bytes) }
    }

    @Test func refusesMoreThanEightKiB() throws {
        _ = try UtteranceText(String(repeating: "a", count: 8192))
        #expect(throws: SwitchboardError.self) { try UtteranceText(String(repeating: "a", count: 8193)) }
    }
}

@Suite struct IntentPathTests {
    @Test(arguments: ["orders/delivery/late", "a%2Fb/c", "100%/x", "50%25F/y"])
    func readsWhatItWrites(written: String) throws {
        let path = try IntentPath(written)
        #expect(try IntentPath(path.description) == path)
    }

    @Test func aCombiningMarkAfterASlashStartsALevel() throws {
        let path = try IntentPath("a/\u{301}b")
        #expect(path.depth == 2)
        #expect(path.description.utf8.filter { $0 == UInt8(ascii: "/") }.count == 1)
        let inside = try IntentPath(levels: ["a/\u{301}b"])
        #expect(Array(inside.description.utf8).starts(with: Array("a%2F".utf8)))
        #expect(try IntentPath(inside.description) == inside)
    }

    @Test func keepsASlashInsideALevel() throws {
        let path = try IntentPath(levels: ["and/or", "%2F literally"])
        #expect(path.description == "and%2For/%252F literally")
        #expect(try IntentPath(path.description).levels == path.levels)
    }

    @Test(arguments: ["", "/a", "a//b", "a/", "1/2/3/4/5/6/7/8/9", "a\u{1}b"])
    func refusesBadPaths(written: String) {
        #expect(throws: SwitchboardError.self) { try IntentPath(written) }
    }

    @Test func speaksItsLevels() throws {
        #expect(try IntentPath("card_payments/lost-card").spoken == "card payments / lost card")
    }
}

@Suite struct IdentifierTests {
    @Test func exemplarIDsFollowTheContract() throws {
        // First 16 bytes of SHA-256("default\0hello"), as sha256sum prints it.
        let id = ExemplarID(vertical: .default, text: try UtteranceText("hello"))
        #expect(id.description == "e20959cec7d01949f94ae2a0229c448e")
    }

    @Test func bitsReadWhatTheyWrite() {
        let bits = Bits128.random()
        #expect(Bits128(hex: bits.description) == bits)
        #expect(Bits128(bytes: bits.bytes) == bits)
    }
}

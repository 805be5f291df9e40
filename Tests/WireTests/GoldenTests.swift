import Core
import Testing

@testable import Wire

/// Messages in the bytes that Google's protobuf gives them: Tests/Fixtures/wire/make_golden.py.
@Suite struct GoldenTests {
    @Test func valuesAndBytesOfGooglesProtobufAgreeBothWays() throws {
        let goldens = try Self.read()
        let values = try GoldenValues().all()
        #expect(Set(goldens.keys) == Set(values.keys))
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            let golden = try #require(goldens[name], "golden.txt has no \(name)")
            #expect(try value.isRead(from: golden), "\(name) decodes to another value")
            #expect(value.encoded() == golden, "\(name) encodes to other bytes")
        }
    }

    @Test func everyMessageHasAGolden() throws {
        let named = Set(try Self.read().keys.map { "switchboard.v1." + $0.prefix { $0 != "/" } })
        #expect(named == Set(MessageKind.all.map(\.name)))
    }

    /// Lines of a name, a space and hexadecimal digits.
    private static func read() throws -> [String: [UInt8]] {
        var goldens: [String: [UInt8]] = [:]
        for line in try fixture("wire/golden.txt").split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            try #require(parts.count == 2 && parts[1].utf8.count.isMultiple(of: 2))
            let digits = Array(parts[1])
            goldens[String(parts[0])] = try stride(from: 0, to: digits.count, by: 2).map { index in
                try #require(UInt8(String(digits[index...(index + 1)]), radix: 16))
            }
        }
        return goldens
    }
}

extension Sampled {
    fileprivate func isRead(from bytes: [UInt8]) throws -> Bool { try Self(decoding: bytes) == self }
}

import Core
import Datasets
import SwitchboardClient
import Testing

@testable import switchboard

/// Which rows of a file are pairs.
struct PairFileTests {
    private func file(_ path: String, takesOutOfScope: Bool = false, fromLine: Int = 1) throws -> PairFile {
        try PairFile(
            DatasetLocation(path),
            format: nil,
            fromLine: fromLine,
            vertical: .default,
            takesOutOfScope: takesOutOfScope
        )
    }

    private static let rows = """
        {"text": "my parcel is late", "intent": "delivery/late", "vertical": "shop"}
        {"text": "how may i help you", "intent": "greeting", "role": "agent"}
        {"text": "sing a song", "intent": "oos"}
        {"text": "thanks", "role": "agent"}
        {"text": "i want a refund", "intent": ["refund", "complaint"], "conversation": "c-7"}

        """

    @Test func callersLabelledRowsArePairs() throws {
        let scratch = try Scratch()
        let file = try file(try scratch.write(Self.rows, to: "a.jsonl"))
        let first = try #require(try file.next())
        #expect(first.number == 1)
        #expect(first.exemplar.command.vertical.name == "shop")
        let second = try #require(try file.next())
        #expect(second.number == 5)
        #expect(second.exemplar.command.vertical == .default)
        #expect(second.exemplar.command.path.description == "refund")
        #expect(second.exemplar.command.origin == Array("c-7".utf8))
        #expect(try file.next() == nil)
        #expect(file.notes.sentences.count == 4)
        #expect(file.notes.outOfScopeRows == 1)
        #expect(file.notes.agentRows == 1)
    }

    @Test func outOfScopeIsAnIntentWhereThatIsAsked() throws {
        let scratch = try Scratch()
        let file = try file(try scratch.write(Self.rows, to: "a.jsonl"), takesOutOfScope: true)
        var paths: [String] = []
        while let pair = try file.next() { paths.append(pair.exemplar.command.path.description) }
        #expect(paths == ["delivery/late", "oos", "refund"])
    }

    @Test func anOriginThatIsTooLongNamesItsLine() throws {
        let scratch = try Scratch()
        let path = try scratch.write(
            "{\"text\": \"a\", \"intent\": \"b\"}\n{\"text\": \"a\", \"intent\": \"b\", \"origin\": \""
                + String(repeating: "x", count: 300) + "\"}\n",
            to: "a.jsonl"
        )
        let file = try file(path)
        _ = try file.next()
        let error = #expect(throws: DatasetError.self) { try file.next() }
        #expect(error?.line == 2)
        #expect(error?.reason.contains("at most 256 bytes") == true)
    }
}

import Core
import Datasets
import Testing
import Wire

@testable import switchboard

/// Which rows of a file are looked through, and as what.
struct UtteranceFileTests {
    private func read(
        _ path: String,
        format: DatasetFormat? = nil,
        pool: String = "p",
        vertical: Vertical = .default,
    ) throws -> (entries: [PoolEntry], told: [String], notes: [String]) {
        var told: [String] = []
        let file = try UtteranceFile(
            DatasetLocation(path),
            format: format,
            vertical: vertical,
            pool: pool,
            beginning: 1_000,
            tell: { told.append($0) }
        )
        var entries: [PoolEntry] = []
        while let entry = file.next() { entries.append(entry) }
        return (entries, told, file.notes.sentences)
    }

    private static let rows = """
        {"text": "where is it", "role": "customer", "conversation": "c-7"}
        {"text": "one moment", "role": "agent", "conversation": "c-7"}
        {"text": "where is it", "intent": "late", "vertical": "shop", "origin": "ann"}

        """

    @Test func rowsWithAndWithoutLabelsAreTaken() throws {
        let scratch = try Scratch()
        let bank = try Vertical("bank")
        let (entries, told, notes) = try read(try scratch.write(Self.rows, to: "a.jsonl"), vertical: bank)
        #expect(entries.map(\.text.value) == ["where is it", "one moment", "where is it"])
        #expect(entries.map(\.role) == [.caller, .agent, nil])
        #expect(entries.map(\.vertical.name) == ["bank", "bank", "shop"])
        #expect(entries.map(\.conversationID) == [Array("c-7".utf8), Array("c-7".utf8), []])
        #expect(entries.map(\.origin) == [Array("c-7".utf8), Array("c-7".utf8), Array("ann".utf8)])
        #expect(entries.map(\.timeMicroseconds) == [1_000, 1_001, 1_002])
        #expect(entries.allSatisfy { $0.reason == .file })
        #expect(told.isEmpty && notes.isEmpty)
    }

    @Test func aRowThatIsBrokenIsToldAndPassedOver() throws {
        let scratch = try Scratch()
        let text = "{\"text\": \"one\"}\n{\"text\": \n{\"text\": \"\", \"role\": \"user\"}\n{\"text\": \"two\"}\n"
        let path = try scratch.write(text, to: "a.jsonl")
        let (entries, told, notes) = try read(path)
        #expect(entries.map(\.text.value) == ["one", "two"])
        #expect(told.count == 2)
        #expect(told.first?.contains("\(path):2:") == true)
        #expect(told.last?.contains("\(path):3:") == true)
        #expect(notes == ["2 rows passed over that cannot be read"])
    }

    @Test func aRoleThatIsNotKnownIsToldAndLeavesTheRow() throws {
        let scratch = try Scratch()
        let row = "{\"text\": \"one\", \"role\": \"ivr\", \"conversation\": \"c\"}\n"
        let path = try scratch.write(Self.rows + String(repeating: row, count: 30), to: "a.jsonl")
        let (entries, told, notes) = try read(path)
        #expect(entries.map(\.role).prefix(4) == [.caller, .agent, nil, nil])
        #expect(entries.count == 33 && entries.dropFirst(3).allSatisfy { $0.role == nil && $0.text.value == "one" })
        #expect(entries.last?.conversationID == Array("c".utf8))
        #expect(told.count == UtteranceFile.toldRows)
        #expect(told.first?.hasPrefix("\(path):4: the role is not known (accepted are caller and agent") == true)
        // What stands in the file stays out of it.
        #expect(!told.contains { $0.contains("ivr") })
        #expect(notes == ["30 rows taken without a role, since what stands there is none"])
    }

    @Test func ofManyBrokenRowsTheFirstAreTold() throws {
        let scratch = try Scratch()
        let path = try scratch.write(String(repeating: "{\n", count: 100) + "{\"text\": \"one\"}\n", to: "a.jsonl")
        let (entries, told, notes) = try read(path)
        #expect(entries.count == 1)
        #expect(told.count == UtteranceFile.toldRows)
        #expect(notes == ["100 rows passed over that cannot be read"])
    }

    @Test func whatEndsTheReadingIsToldAfterManyBrokenRowsToo() throws {
        let scratch = try Scratch()
        let rows = String(repeating: "{\n", count: 30)
        let text = rows + "{\"text\": \"one\"}\n" + String(repeating: "x", count: 5 << 20) + "\n{\"text\": \"two\"}\n"
        let path = try scratch.write(text, to: "a.jsonl")
        let (entries, told, _) = try read(path)
        #expect(entries.map(\.text.value) == ["one"])
        #expect(told.count == UtteranceFile.toldRows + 1)
        #expect(told.last?.contains("nothing from there on is read") == true)
    }

    @Test func whatEndsTheReadingIsAFailureInTheEnd() throws {
        let scratch = try Scratch()
        func file(_ text: String, format: DatasetFormat) throws -> UtteranceFile {
            let file = try UtteranceFile(
                DatasetLocation(try scratch.write(text, to: "a")),
                format: format,
                vertical: .default,
                pool: "p",
                beginning: 0,
                tell: { _ in }
            )
            while file.next() != nil {}
            return file
        }
        let long = "one\n" + String(repeating: "x", count: 5 << 20) + "\ntwo\n"
        let failure = #expect(throws: CommandFailure.self) { try file(long, format: .lines).requireWhole() }
        #expect(failure?.exitCode == CommandFailure.failed)
        #expect(failure?.message.contains(":2: the line has more than 4194304 bytes") == true)
        let open = "text\none\n\"two\nthree\n"
        #expect(throws: CommandFailure.self) { try file(open, format: .csv).requireWhole() }
        // A row that is passed over leaves nothing else out.
        #expect(throws: Never.self) { try file("{\n{\"text\": \"one\"}\n", format: .jsonl).requireWhole() }
    }

    @Test(arguments: [DatasetFormat.jsonl, .lines])
    func aLineOfAMegabyteIsToldAndPassedOver(format: DatasetFormat) throws {
        let scratch = try Scratch()
        let lines = ["one", String(repeating: "said ", count: 200_000), "two"]
        let rows = lines.map { format == .jsonl ? "{\"text\": \"\($0)\"}\n" : "\($0)\n" }
        let path = try scratch.write(rows.joined(), to: "a.jsonl")
        let (entries, told, notes) = try read(path, format: format)
        #expect(entries.map(\.text.value) == ["one", "two"])
        #expect(told.count == 1)
        let word = try #require(told.first)
        #expect(word.contains("\(path):2:") && word.contains("8192"))
        // What the caller said stays out of it.
        #expect(!word.contains("said"))
        #expect(notes == ["1 row passed over that cannot be read"])
    }

    @Test func readAgainForItsPoolARowIsTheSame() throws {
        let scratch = try Scratch()
        let path = try scratch.write(Self.rows, to: "a.jsonl")
        let (first, again, other) = (try read(path), try read(path), try read(path, pool: "q"))
        #expect(first.entries.map(\.requestID) == again.entries.map(\.requestID))
        #expect(Set(first.entries.map(\.requestID)).count == 3)
        #expect(Set(first.entries.map(\.requestID)).isDisjoint(with: other.entries.map(\.requestID)))
        #expect(first.entries.allSatisfy { $0.requestID.count == 16 })
    }

    @Test func linesAreTakenWhereTheyAreNamed() throws {
        let scratch = try Scratch()
        let (entries, _, notes) = try read(try scratch.write("one, two\n\nthree\n", to: "a.txt"), format: .lines)
        #expect(entries.map(\.text.value) == ["one, two", "three"])
        #expect(notes == ["1 row without a text passed over"])
    }

    @Test func aConversationThatIsTooLongNamesItsLine() throws {
        let scratch = try Scratch()
        let long = String(repeating: "x", count: 300)
        let path = try scratch.write("{\"text\": \"a\", \"conversation\": \"\(long)\"}\n", to: "a.jsonl")
        let (entries, told, _) = try read(path)
        #expect(entries.isEmpty)
        #expect(told.first?.contains("\(path):1: its conversation has 300 bytes") == true)
    }
}

import Core
import Foundation
import Testing

@testable import Datasets

@Suite struct JSONLinesTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func readsEveryKeyUnderItsNames() throws {
        let file = try scratch.file(
            "pairs.jsonl",
            """
            {"text": "my boots never came", "intent": "orders/delivery/late", "vertical": "shop"}
            {"query": "who do I talk to", "label": "person", "role": "customer", "conversation": "c1"}
            {"utterance": "one moment please", "role": "Agent", "dialogue_id": 17, "turn_id": "x", "list": [1, {"a": []}]}
            {"input": "that is all", "reference_label": "goodbye", "predicted_label": "3", "origin": "call-9"}

            {"text": "no label here", "intent": null, "vertical": null}

            """
        )
        let rows = try DatasetReader.readAll(file)
        #expect(
            brief(rows) == [
                "my boots never came|orders/delivery/late|shop|-|-",
                "who do I talk to|person|-|caller|c1",
                "one moment please|-|-|agent|17",
                "that is all|goodbye|-|-|-",
                "no label here|-|-|-|-",
            ]
        )
        #expect(rows.map(\.line) == [1, 2, 3, 4, 6])
        #expect(rows[3].origin == "call-9")
        #expect(rows.allSatisfy { $0.file == file.path })
    }

    @Test func takesAVectorWithTheIDOfItsEncoder() throws {
        let encoder = String(repeating: "0a", count: 32)
        let file = try scratch.file(
            "pairs.jsonl",
            """
            {"text": "one", "intent": "a", "encoder": "\(encoder)", "vector": [0.6, -8e-01, 0]}
            {"text": "two", "intent": "a", "vector": [1, 0]}
            {"text": "three", "intent": "a", "encoder": "mine", "vector": [1, 0]}
            {"text": "four", "intent": "a", "encoder": {"name": 3}, "vector": {"x": 1}}
            {"text": "five", "intent": "a", "encoder": "\(encoder)", "vector": [1, "0"]}
            """
        )
        let rows = try DatasetReader.readAll(file)
        #expect(rows.map(\.vector) == [[0.6, -0.8, 0], [], [], [], []])
        #expect(rows.map { $0.encoder?.description } == [encoder, nil, nil, nil, nil])
    }

    @Test func prefersTheBetterNameWhicheverComesFirst() throws {
        let file = try scratch.file(
            "pairs.jsonl",
            """
            {"input": "worse", "text": "better", "label": "worse", "intent": "better"}
            {"text": "better", "input": "worse", "intent": "better", "label": "worse"}
            """
        )
        #expect(brief(try DatasetReader.readAll(file)) == ["better|better|-|-|-", "better|better|-|-|-"])
    }

    @Test func takesTheFirstOfSeveralIntentsAndCounts() throws {
        let file = try scratch.file(
            "pairs.jsonl",
            """
            {"text": "a refund and a new card", "intent": ["refund", "card"]}
            {"text": "a refund", "intent": ["refund"]}
            {"text": "nothing", "intent": []}
            """
        )
        let reader = try DatasetReader(file)
        #expect(brief(try reader.rest()).map { $0.split(separator: "|")[1] } == ["refund", "refund", "-"])
        #expect(reader.tally.severalIntents == 1)
        #expect(reader.tally.rows == 3)
        #expect(reader.tally.unlabelled == 1)
    }

    @Test func undoesEscapes() throws {
        let file = try scratch.file(
            "pairs.jsonl",
            #"{"text": "caf\u00e9 \"to go\" \ud83d\ude00 a\/b\\c", "intent": "x"}"# + "\r\n"
        )
        #expect(try DatasetReader.readAll(file).map(\.text.value) == ["caf\u{E9} \"to go\" \u{1F600} a/b\\c"])
    }

    @Test(arguments: ["oos", "OOS", "out_of_scope", "out-of-scope", "out of scope", "outofdomain", "other/oos"])
    func marksWhatIsOutOfScope(label: String) throws {
        let file = try scratch.file(
            "pairs.jsonl",
            "{\"text\": \"sing me a song\", \"intent\": \"\(label)\"}\n{\"text\": \"hi\", \"intent\": \"oostende\"}"
        )
        let reader = try DatasetReader(file)
        let rows = try reader.rest()
        #expect(rows.map(\.isOutOfScope) == [true, false])
        #expect(rows[0].path?.description == label)
        #expect(reader.tally.outOfScope == 1)
    }

    @Test(arguments: [
        (#"{"text": "half a li"#, "the file ends in the middle of this line"),
        (#"{"text": "a", "intent": "b""#, "the file ends in the middle of this line"),
        (#"{"text": "a", "intent": 3}"#, "the value of 'intent' is a number, not a string"),
        (#"{"text": ["a"], "intent": "b"}"#, "the value of 'text' is an array, not a string"),
        (
            #"{"txt": "a", "intent": "b"}"#,
            "there is no text; accepted are the keys 'text', 'query', 'utterance', 'input'"
        ),
        (#"{"text": "   ", "intent": "b"}"#, "empty"),
        (#"{"text": "a\u0000b", "intent": "b"}"#, "NUL"),
        (#"{"text": "\ud83d", "intent": "b"}"#, "surrogate"),
        (#"{"text": "a", "intent": "b"} {}"#, "something follows"),
        (#"{"text": "a" "intent": "b"}"#, "comma"),
        (#"["a", "b"]"#, "an object is expected"),
        (#"{"text": "a", "intent": "a//b"}"#, "empty level"),
        (#"{"text": "a", "intent": "1/2/3/4/5/6/7/8/9"}"#, "8 levels"),
        (#"{"text": "a", "intent": "b", "vertical": "No Such"}"#, "a vertical is"),
        (#"{"text": "a", "intent": "b", "role": "parrot"}"#, "the role is not known"),
        (#"{"text": "a", "intent": 01}"#, "a number, not a string"),
        ("{\"text\": \"a\tb\", \"intent\": \"b\"}", "control character"),
        (#"{"text": "a", "x": "# + String(repeating: "[", count: 100_000), "nesting"),
    ])
    func namesFileLineAndReason(line: String, reason: String) throws {
        let file = try scratch.file("pairs.jsonl", "{\"text\": \"good\", \"intent\": \"x\"}\n" + line)
        let reader = try DatasetReader(file)
        #expect(try reader.next()?.text.value == "good")
        let error = try #require(throws: DatasetError.self) { try reader.next() }
        #expect(error.file == file.path)
        #expect(error.line == 2)
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.description.hasPrefix("\(file.path):2: "))
        #expect(error.code == .invalidArgument)
        #expect(reader.tally.rows == 1)
        #expect(try reader.next() == nil)
    }

    @Test func goesOnAfterABadLineAndFromALine() throws {
        let file = try scratch.file(
            "pairs.jsonl",
            """
            {"text": "one", "intent": "a"}
            {"text": "two", "intent":
            {"text": "three", "intent": "a"}
            {"text": "four", "intent": "a"}
            """
        )
        let reader = try DatasetReader(file)
        #expect(try reader.next()?.line == 1)
        #expect(throws: DatasetError.self) { try reader.next() }
        #expect(try reader.next()?.line == 3)
        let later = try DatasetReader(file, fromLine: 3)
        #expect(try later.rest().map(\.line) == [3, 4])
        #expect(try DatasetReader(file, fromLine: 99).rest().isEmpty)
    }

    @Test func refusesBadEncodings() throws {
        let latin = try scratch.file("latin.jsonl", bytes: Array(#"{"text": "caf"#.utf8) + [0xE9] + Array(#""}"#.utf8))
        #expect(try failure(latin).reason.contains("not valid UTF-8"))
        let wide = try scratch.file("wide.jsonl", bytes: [0xFF, 0xFE, 0x7B, 0x00])
        #expect(try failure(wide).reason.contains("UTF-16"))
        let marked = try scratch.file("marked.jsonl", "\u{FEFF}{\"text\": \"a\", \"intent\": \"b\"}\n")
        #expect(try DatasetReader.readAll(marked).count == 1)
    }

    @Test func refusesRowsWithoutIntentWhereOneIsNeeded() throws {
        let file = try scratch.file(
            "pairs.jsonl",
            """
            {"text": "one", "intent": "a"}
            {"text": "how can I help", "role": "agent"}
            {"text": "two", "itent": "a"}
            """
        )
        let reader = try DatasetReader(file, requiresIntent: true)
        #expect(try reader.next()?.line == 1)
        let error = try #require(throws: DatasetError.self) { try reader.next() }
        #expect(error.line == 3)
        #expect(error.reason.contains("'intent', 'label'"))
        #expect(reader.tally.skippedUnlabelled == 1)
    }

    @Test func saysWhenTheLastLineHasNoEnd() throws {
        let line = "{\"text\": \"a\", \"intent\": \"b\"}"
        for (text, expected) in [(line, true), (line + "\n", false)] {
            let reader = try DatasetReader(try scratch.file("pairs.jsonl", text))
            _ = try reader.rest()
            #expect(reader.tally.endsWithoutLineEnd == expected)
        }
    }

    @Test func refusesALineWithoutEnd() throws {
        let file = try scratch.file("pairs.jsonl", bytes: [UInt8](repeating: 0x61, count: 6 << 20))
        let reader = try DatasetReader(file)
        let error = try #require(throws: DatasetError.self) { try reader.next() }
        #expect(error.reason.contains("is this a text file"))
        #expect(try reader.next() == nil)
    }

    @Test func readsALineThatSpansManyPieces() throws {
        let filler = String(repeating: "x", count: 700_000)
        let rows = (1...5).map { "{\"pad\": \"\(filler)\", \"text\": \"row \($0)\", \"intent\": \"a\"}\n" }
        let file = try scratch.file("pairs.jsonl", rows.joined())
        #expect(try DatasetReader.readAll(file).map(\.text.value) == (1...5).map { "row \($0)" })
    }
}

@Suite struct JSONLinesWriterTests {
    @Test func writesWhatItReadsByteForByte() throws {
        let scratch = try Scratch()
        let lines = [
            #"{"text": "my \"new\" card\\purse caf"# + "\u{E9} \u{1F600}"
                + #"", "intent": "a%2Fb/c", "vertical": "shop"}"#,
            #"{"text": "no label"}"#,
            #"{"text": "x", "intent": "oos", "role": "agent", "conversation": "c\u0001\n\t\r1", "origin": "o"}"#,
        ]
        let written = lines.joined(separator: "\n") + "\n"
        let rows = try DatasetReader.readAll(try scratch.file("a.jsonl", written))
        #expect(rows.map(JSONLinesWriter.line).joined() == written)
    }

    @Test func survivesRandomTexts() throws {
        let scratch = try Scratch()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var rows: [LabelledUtterance] = []
        while rows.count < 2_000 {
            let scalars = (0..<Int.random(in: 1...40, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 1...0x2_FFFF, using: &random))
            }
            let string = String(String.UnicodeScalarView(scalars))
            guard let text = try? UtteranceText(string) else { continue }
            rows.append(
                LabelledUtterance(
                    text: text,
                    path: try? IntentPath(levels: [String(text.value.prefix(4))]),
                    conversation: string
                )
            )
        }
        let written = rows.map(JSONLinesWriter.line).joined()
        let read = try DatasetReader.readAll(try scratch.file("a.jsonl", written))
        #expect(read.map(JSONLinesWriter.line).joined() == written, "seed \(seed)")
        #expect(read.map(\.conversation) == rows.map(\.conversation), "seed \(seed)")
    }
}

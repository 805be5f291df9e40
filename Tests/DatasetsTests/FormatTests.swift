import Core
import Foundation
import Testing

@testable import Datasets

@Suite struct FormatTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    // MARK: - clinc150

    private static let parts = """
        {
          "oos_val": [["sing me something", "oos"]],
          "train": [
            ["my card is gone", "lost_card"],
            [
              "what do I owe",
              "balance"
            ]
          ],
          "empty": []
        }
        """

    @Test func readsOnePart() throws {
        let file = try scratch.file("set.json", Self.parts)
        let train = try DatasetReader.readAll(DatasetLocation(file.path + "#train"))
        #expect(brief(train) == ["my card is gone|lost_card|-|-|-", "what do I owe|balance|-|-|-"])
        #expect(train.map(\.line) == [4, 5])
        #expect(train.map(\.isOutOfScope) == [false, false])
        let outside = try DatasetReader.readAll(DatasetLocation(file.path + "#oos_val"))
        #expect(outside.map(\.isOutOfScope) == [true])
        #expect(outside.map(\.path?.description) == ["oos"])
        #expect(try DatasetReader.readAll(DatasetLocation(file.path + "#empty")).isEmpty)
        #expect(try DatasetReader(DatasetLocation(file.path + "#train"), fromLine: 5).rest().count == 1)
    }

    @Test func namesThePartsThereAre() throws {
        let file = try scratch.file("set.json", Self.parts)
        #expect(try DatasetFormat.guess(file) == .clinc150)
        let expected = "\(file.path)#oos_val, \(file.path)#train, \(file.path)#empty"
        #expect(try failure(file).reason.contains("name one of \(expected)"))
        #expect(try failure(DatasetLocation(file.path + "#tset")).reason.contains("has no part 'tset'"))
    }

    @Test(arguments: [
        ("{\"a\": [[\"x\", \"y\"],\n[\"x\"]]}", 2, "a row is [text, label]"),
        ("{\"a\": [[\"x\", \"y\"],\n[\"x\", 3]]}", 2, "is a number, not a string"),
        ("{\"a\": [[\"x\", \"y\"],\n[\"x\", \"y\"]", 2, "the file is cut off"),
        ("{\"a\": [[\"x\", \"y\"],\n[\" \", \"y\"]]}", 2, "empty"),
        ("{\"a\": 3}", 1, "an array is expected"),
    ])
    func namesLineAndReasonInAPart(text: String, line: Int, reason: String) throws {
        let file = try scratch.file("set.json", text)
        let error = try failure(DatasetLocation(path: file.path, part: "a"), .clinc150)
        #expect(error.line == line)
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test func takesAFileWhoseNameHoldsTheMark() throws {
        let file = try scratch.file("calls#2.jsonl", "{\"text\": \"a\", \"intent\": \"b\"}\n")
        #expect(DatasetLocation(file.path).part == nil)
        #expect(DatasetLocation("x/set.json#train") == DatasetLocation(path: "x/set.json", part: "train"))
        #expect(
            try failure(DatasetLocation(path: file.path, part: "train"), .jsonl).reason.contains("leave out the '#'")
        )
    }

    // MARK: - lines

    @Test func takesLinesWithoutLabels() throws {
        let file = try scratch.file(
            "calls.txt",
            bytes: Array("one, two\n\n".utf8) + [0xFF, 0x0A] + Array("three\n".utf8)
        )
        let reader = try DatasetReader(file, format: .lines)
        #expect(try reader.next()?.text.value == "one, two")
        let error = #expect(throws: DatasetError.self) { try reader.next() }
        #expect(error?.line == 3)
        #expect(brief(try reader.rest()) == ["three|-|-|-|-"])
        #expect(reader.tally.unlabelled == 2 && reader.tally.skippedEmpty == 1)
        #expect(try failure(file, .lines, requiresIntent: true).reason.contains("there is no intent"))
    }

    // MARK: - lines-dir

    @Test func pairsLines() throws {
        _ = try scratch.file("set/seq.in", "where is it\nsing\n")
        _ = try scratch.file("set/label", "late\noos\n")
        let rows = try DatasetReader.readAll(DatasetLocation(scratch.folder + "/set"))
        #expect(brief(rows) == ["where is it|late|-|-|-", "sing|oos|-|-|-"])
        #expect(rows.map(\.isOutOfScope) == [false, true])
        #expect(rows.map(\.line) == [1, 2])
    }

    @Test func refusesUnequalCountsBeforeTheFirstRow() throws {
        _ = try scratch.file("set/seq.in", "one\ntwo\nthree\n")
        _ = try scratch.file("set/label", "a\nb\n")
        let error = try #require(throws: DatasetError.self) {
            try DatasetReader(DatasetLocation(scratch.folder + "/set"))
        }
        #expect(error.file.hasSuffix("/label"))
        #expect(error.line == 3)
        #expect(error.reason.contains("seq.in has 3 lines and label 2"))
    }

    @Test func keepsPairsTogetherAfterABadLine() throws {
        _ = try scratch.file("set/seq.in", bytes: Array("one\n".utf8) + [0xFF, 0x0A] + Array("three\n".utf8))
        _ = try scratch.file("set/label", "a\nb\nc\n")
        let reader = try DatasetReader(DatasetLocation(scratch.folder + "/set"))
        _ = try reader.next()
        #expect(throws: DatasetError.self) { try reader.next() }
        #expect(brief(try reader.rest()) == ["three|c|-|-|-"])
    }

    // MARK: - hwu

    @Test func readsAFolderOfTables() throws {
        let header = "answerid;scenario;intent;answer_annotation;answer_from_anno;answer_from_user\n"
        _ = try scratch.file(
            "hwu/b.csv",
            header + "7;music;likeness;\"i [x : like] it\";\"i like; it\";\"I like; it!\"\n"
        )
        _ = try scratch.file(
            "hwu/a.csv",
            header + "1;alarm;set;\"wake me\";\"wake me\";\"Wake me.\"\n2;alarm;set;;;Up!\n"
        )
        let folder = DatasetLocation(scratch.folder + "/hwu")
        let reader = try DatasetReader(folder)
        #expect(reader.format == .hwu)
        #expect(
            brief(try reader.rest()) == [
                "wake me|alarm/set|-|-|-", "Up!|alarm/set|-|-|-", "i like; it|music/likeness|-|-|-",
            ]
        )
        #expect(try DatasetReader.readAll(DatasetLocation(scratch.folder + "/hwu/b.csv")).count == 1)
        let error = try #require(throws: DatasetError.self) { try DatasetReader(folder, fromLine: 2) }
        #expect(error.reason.contains("needs one file"))
    }

    // MARK: - multidogo

    @Test func readsTurns() throws {
        let file = try scratch.file(
            "turns.tsv",
            "conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent\n"
                + "c1\t0.0\tu0\thello\tO\topeninggreeting\n"
                + "c1\t2.0\tu2\tnew card and my balance\tO O\treplacecard<div>checkbalance\n"
                + "c1\t4.0\tu4\t\tO\toutofdomain\n"
                + "c2\t0.0\tu5\t\"two\tparts\nand a line\"\tO O\tcontentonly\n"
                + "c2\t2.0\tu6\ttell me a joke\tO\toutofdomain\n"
        )
        let reader = try DatasetReader(file)
        #expect(reader.format == .multidogo)
        let rows = try reader.rest()
        #expect(
            brief(rows) == [
                "hello|openinggreeting|-|caller|c1",
                "new card and my balance|replacecard|-|caller|c1",
                "two parts and a line|contentonly|-|caller|c2",
                "tell me a joke|outofdomain|-|caller|c2",
            ]
        )
        #expect(rows.map(\.isOutOfScope) == [false, false, false, true])
        #expect(reader.tally.severalIntents == 1)
        #expect(reader.tally.skippedEmpty == 1)
        #expect(Dialogue.gather(rows).map { $0.turns.map(\.line) } == [[2, 3], [5, 7]])
    }

    // MARK: - star

    @Test func readsDialogues() throws {
        let dialogue = """
            {"DialogueID": 12,
             "Events": [
              {"Agent": "UserGuide", "Action": "instruct", "Text": "You lost a parcel."},
              {"Agent": "User", "Action": "utter", "Text": "My parcel is gone."},
              {"Agent": "Wizard", "Action": "request_suggestions", "Text": "number"},
              {"Agent": "Wizard", "Action": "pick_suggestion", "ActionLabel": "ask_number", "Text": "Which number?"},
              {"Agent": "Wizard", "Action": "query", "Constraints": [{"a": "b"}]},
              {"Agent": "User", "Action": "utter", "Text": "Four."},
              {"Agent": "Wizard", "Action": "utter", "Text": "Thank you."},
              {"Agent": "User", "Action": "complete"}],
             "Scenario": {"Domains": ["post"], "WizardCapabilities": [{"Domain": "post", "Task": "parcel_lost"}]}}
            """
        _ = try scratch.file("star/12.json", dialogue)
        let folder = DatasetLocation(scratch.folder + "/star")
        let reader = try DatasetReader(folder)
        #expect(reader.format == .star)
        let rows = try reader.rest()
        #expect(
            brief(rows) == [
                "My parcel is gone.|post/parcel_lost|-|caller|12",
                "Which number?|ask_number|-|agent|12",
                "Four.|-|-|caller|12",
                "Thank you.|-|-|agent|12",
            ]
        )
        #expect(rows.map(\.line) == [4, 6, 8, 9])
        let labelled = try DatasetReader(folder, requiresIntent: true)
        #expect(try labelled.rest().count == 2)
        #expect(labelled.tally.skippedUnlabelled == 2)
        #expect(try DatasetReader.readAll(folder, requiresIntent: true, keepsTurns: true).map(\.line) == [4, 6, 8, 9])
        let other = try scratch.file("other.json", "{\"DialogueID\": 1}")
        #expect(try failure(other, .star).reason.contains("no 'Events'"))
    }

    // MARK: - rasa

    @Test func readsRasasYAML() throws {
        let file = try scratch.file(
            "nlu.yml",
            """
            version: "3.1"
            nlu:
            - intent: late_order
              examples: |
                - where is my [blue coat](item)
                - it is [two days]{"entity": "duration", "role": "delay"} late

                - what [now]
            - synonym: coat
              examples: |
                - jacket
            - intent: faq/hours
              examples:
              - text: |
                  when do you open
              - are you open on [Sunday](day)
            stories: []
            """
        )
        let rows = try DatasetReader.readAll(file)
        #expect(
            brief(rows) == [
                "where is my blue coat|late_order|-|-|-",
                "it is two days late|late_order|-|-|-",
                "what [now]|late_order|-|-|-",
                "when do you open|faq/hours|-|-|-",
                "are you open on Sunday|faq/hours|-|-|-",
            ]
        )
        #expect(rows.prefix(3).map(\.line) == [5, 6, 8])
        #expect(rows.last?.line == 16)
    }

    @Test(arguments: [
        ("nlu:\n- intent: a\n  examples: |\n    - x\n    y\n", 5, "begins with '- '"),
        ("nlu:\n- intent: a\n", 2, "needs a name and 'examples:'"),
        ("nlu: [\n", nil, "is no YAML"),
        ("stories: []\n", 1, "no 'nlu:'"),
        ("nlu: 3\n", 1, "not a list"),
        ("nlu:\n- intent: a\n  examples: |\n    - x\n    -\n", 5, "empty"),
        ("nlu:\n" + String(repeating: "[", count: 5_000), nil, "is no YAML"),
    ])
    func namesLineAndReasonInYAML(text: String, line: Int?, reason: String) throws {
        let error = try failure(try scratch.file("nlu.yml", text), .rasa)
        if let line { #expect(error.line == line) }
        #expect(error.reason.contains(reason), "\(error)")
    }

    // MARK: - Guessing

    @Test func tellsTheFormatFromTheContent() throws {
        let pair = "{\"text\": \"a\", \"intent\": \"b\"}\n"
        #expect(try DatasetFormat.guess(scratch.file("a.json", pair)) == .jsonl)
        #expect(try DatasetFormat.guess(scratch.file("pairs", pair)) == .jsonl)
        #expect(try DatasetFormat.guess(scratch.file("a.txt", "text,category\na,b\n")) == .csv)
        #expect(try DatasetFormat.guess(scratch.file("a.ndjson", "")) == .jsonl)
        let single = try scratch.file("single.csv", "\"Text\"\r\nhello\r\n")
        #expect(try DatasetFormat.guess(single) == .csv)
        #expect(try DatasetReader.readAll(single).map(\.text.value) == ["hello"])
        for name in ["nothing.txt", "nothing.bin"] {
            let file = try scratch.file(name, "just words")
            let error = try #require(throws: DatasetError.self) { try DatasetFormat.guess(file) }
            #expect(error.reason.contains("--format: jsonl, csv, clinc150, lines-dir, hwu, multidogo, star, rasa"))
            #expect(error.reason.contains("lines takes each line for an utterance") == name.hasSuffix(".txt"))
        }
        let list = try scratch.file("list.json", "[{\"text\": \"a\", \"intent\": \"b\"}]")
        #expect(try failure(list).reason.contains("a JSON list"))
        let absent = DatasetLocation(scratch.folder + "/absent")
        let error = try #require(throws: DatasetError.self) { try DatasetFormat.guess(absent) }
        #expect(error.code == .notFound)
        #expect(try DatasetFormat(named: "lines-dir") == .linesDirectory)
        #expect(throws: DatasetError.self) { try DatasetFormat(named: "xml") }
    }

    @Test(.timeLimit(.minutes(1))) func readsFromAPipeWhoseFormatIsNamed() throws {
        let pipe = DatasetLocation(scratch.folder + "/pipe")
        try #require(mkfifo(pipe.path, 0o600) == 0)
        // A guess would wait for a writer here, or take the beginning away.
        let error = try #require(throws: DatasetError.self) { try DatasetFormat.guess(pipe) }
        #expect(error.reason.contains("--format"))
        let lines = (1...5_000).map { "{\"text\": \"row \($0)\", \"intent\": \"a\"}\n" }.joined()
        let path = pipe.path
        let writer = Thread {
            // Opens when the reader does; a failure shows as rows that are missing below.
            FileHandle(forWritingAtPath: path)?.write(Data(lines.utf8))
        }
        writer.start()
        #expect(try DatasetReader.readAll(pipe, format: .jsonl).count == 5_000)
    }

    @Test func neverTrapsOnMutilatedFiles() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let samples: [(DatasetFormat, String, String?)] = [
            (
                .jsonl, "{\"text\": \"a\\u00e9\", \"intent\": [\"b\", \"c\"]}\n{\"query\": \"x\", \"label\": \"y\"}\n",
                nil
            ),
            (.csv, "text,category\n\"a \"\"q\"\" \nb\",c\nd,e\n", nil),
            (.clinc150, Self.parts, "train"),
            (.hwu, "scenario;intent;answer_from_anno\na;b;\"c\"\n", nil),
            (.multidogo, "conversationId\tutterance\tintent\nc\t\"u\"\ti<div>j\n", nil),
            (
                .star,
                "{\"Events\": [{\"Agent\": \"User\", \"Action\": \"utter\", \"Text\": \"t\"}], \"Scenario\": {}}", nil
            ),
            (.rasa, "nlu:\n- intent: a\n  examples: |\n    - [x](y) z\n", nil),
        ]
        for round in 0..<1_400 {
            let (format, sample, part) = samples[round % samples.count]
            var bytes = Array(sample.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                default: bytes.removeLast(bytes.count - place)
                }
            }
            var location = try scratch.file("mutilated", bytes: bytes)
            location.part = part
            guard let reader = try? DatasetReader(location, format: format) else { continue }
            var steps = 0
            while steps < 1_000 {
                steps += 1
                do {
                    if try reader.next() == nil { break }
                } catch {
                    #expect(!error.reason.isEmpty)
                }
            }
            #expect(steps < 1_000, "seed \(seed), round \(round), \(format)")
        }
    }
}

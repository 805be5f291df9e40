import Core
import Foundation
import Testing

@testable import Datasets

@Suite struct DelimitedTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func readsQuotedFields() throws {
        let file = try scratch.file(
            "pairs.csv",
            "\u{FEFF}Category,\"Text\",note\r\n"
                + "late,\"where, oh where, is it\",1\r\n"
                + "card,\"he said \"\"no\"\" to me\",\"\"\r\n"
                + "\r\n"
                + "long,\"first line\r\nsecond line\n\nfourth\",x\r\n"
                + "screen,my 5\" screen broke,y\n"
                + "tv,\"\"\"both ends\"\"\","
        )
        let rows = try DatasetReader.readAll(file)
        #expect(
            brief(rows) == [
                "where, oh where, is it|late|-|-|-",
                "he said \"no\" to me|card|-|-|-",
                "first line second line fourth|long|-|-|-",
                "my 5\" screen broke|screen|-|-|-",
                "\"both ends\"|tv|-|-|-",
            ]
        )
        #expect(rows.map(\.line) == [2, 3, 5, 9, 10])
    }

    @Test(arguments: [(",", "a.csv"), ("\t", "a.tsv"), (";", "a.csv")])
    func findsTheDelimiterInTheHeader(delimiter: String, name: String) throws {
        let header = ["text", "intent", "vertical", "conversation_id"].joined(separator: delimiter)
        let row = ["hello there", "greeting", "shop", "7"].joined(separator: delimiter)
        let file = try scratch.file(name, header + "\n" + row + "\n")
        #expect(brief(try DatasetReader.readAll(file)) == ["hello there|greeting|shop|-|7"])
    }

    @Test(arguments: [
        ("words,category\na,b\n", 1, "no column for the text; accepted names: 'text', 'query'"),
        ("text,kind\na,b\n", 1, "no column for the intent; accepted names: 'intent', 'label'"),
        ("", nil, "the file is empty"),
        ("text,category\nok,x\na,b,c\n", 3, "the record has 3 fields, the header 2"),
        ("text,category\nok,x\nhalf a li", 3, "the file ends in the middle of a line"),
        ("text,category\nok,x\n\"never closed,b\nmore\n", 3, "never closed"),
        ("text,category\nok,x\n\"a\"b,c\n", 3, "goes on after its closing quote"),
        ("text,category\nok,x\n\"  \",c\n", 3, "empty"),
        ("text,category\nok,x\na\u{0}b,c\n", 3, "NUL"),
    ])
    func namesLineAndReason(text: String, line: Int?, reason: String) throws {
        let error = try failure(try scratch.file("pairs.csv", text), .csv, requiresIntent: true)
        #expect(error.line == line)
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test func namesTheFirstByteThatIsNoUTF8() throws {
        let bytes = Array("text,category\nok,x\ncaf".utf8) + [0xE9] + Array(" latte,y\nfine,z\n".utf8)
        let reader = try DatasetReader(try scratch.file("pairs.csv", bytes: bytes))
        #expect(try reader.next()?.line == 2)
        let error = try #require(throws: DatasetError.self) { try reader.next() }
        #expect(error.line == 3)
        #expect(error.reason.contains("the field 'text' is not valid UTF-8 from its byte 4 on"))
        #expect(try reader.next()?.line == 4)
    }

    @Test func goesOnFromALineAndKeepsTheHeader() throws {
        let file = try scratch.file("pairs.csv", "category,text\na,\"one\ntwo\"\nb,three\nc,four\n")
        #expect(brief(try DatasetReader(file, fromLine: 4).rest()) == ["three|b|-|-|-", "four|c|-|-|-"])
        #expect(try DatasetReader(file, fromLine: 1).rest().count == 3)
    }

    @Test func needsAnIntentOnlyWhereAsked() throws {
        let file = try scratch.file("pairs.csv", "text,category\nhello,\n")
        #expect(brief(try DatasetReader.readAll(file)) == ["hello|-|-|-|-"])
        #expect(try failure(file, requiresIntent: true).line == 2)
        let texts = try scratch.file("texts.csv", "id,utterance\n1,hello\n")
        #expect(brief(try DatasetReader.readAll(texts)) == ["hello|-|-|-|-"])
    }
}

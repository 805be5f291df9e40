import Foundation
import SwitchboardClient
import Testing

@testable import switchboard

/// What is taken for text: lines of stdin, words of the command line; and how answers are shown.
struct InputTests {
    private func lines(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let scratch = try Scratch()
        let handle = try #require(FileHandle(forReadingAtPath: try scratch.write(bytes, to: "lines")))
        var reader = ByteLines(descriptor: handle.fileDescriptor)
        var lines: [[UInt8]] = []
        while let line = try reader.next() { lines.append(line) }
        try handle.close()
        return lines
    }

    @Test func emptyLinesAndForeignBytesAreKept() throws {
        #expect(try lines(Array("a\n\nb c\r\n".utf8)) == [Array("a".utf8), [], Array("b c".utf8)])
        #expect(try lines([0x63, 0xE9, 0x0A, 0x78]) == [[0x63, 0xE9], [0x78]])
        #expect(try lines([]) == [])
    }

    @Test func aLineMayBeLongerThanWhatIsReadAtOnce() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 200_000)
        #expect(try lines(long + [0x0A] + long).map(\.count) == [200_000, 200_000])
    }

    @Test func anArgumentThatIsNoUTF8IsRefused() throws {
        try RawArguments.requireUTF8([Array("classify".utf8), Array("café".utf8)])
        let words = [Array("classify".utf8), [0x63, 0x61, 0x66, 0xE9]]
        let failure = #expect(throws: CommandFailure.self) { try RawArguments.requireUTF8(words) }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(failure?.message.hasPrefix("argument 2") == true)
        #expect(failure?.message.contains("is it Latin-1?") == true)
    }

    @Test func whatHasNoAnswerKeepsItsPlace() throws {
        #expect(UnansweredLine.empty(3).words == "line 3 is empty")
        #expect(try JSONLine.encode(UnansweredLine.empty(3)) == #"{"error":"the line is empty","line":3}"#)
        #expect(UnansweredLine.refused(4, "too long").words == "line 4 is refused: too long")
    }

    @Test func candidatesOfWhichNothingSpeaksAreLeftOut() throws {
        let figures = [
            ("delivery/track", "0.9", "0.97"), ("delivery/lost", "0", "0.02"), ("refund/ask", "0", "0.0001"),
        ]
        let candidates = figures.map { intent, vote, probability in
            #"{"vertical":"shop","intent":"\#(intent)","intent_id":9,"vote":\#(vote),"probability":\#(probability)}"#
        }
        let list = candidates.joined(separator: ",")
        let answer = """
            {"reply_id":"0123456789abcdef0123456789abcdef","text":"where is my parcel","outcome":"ROUTE","vertical":"shop",
            "intent":"delivery/track","intent_id":9,"score":0.8,"levels":[],"candidates":[\(list)],
            "evidence":[],"decided_by":"RETRIEVAL","attributes":{},"log_id":"fedcba9876543210fedcba9876543210","seq":12,
            "truncated":false,"timings_ms":{"queue":0,"encode":1,"search":1,"score":0,"total":2}}
            """
        let text = ClassificationText(try JSONDecoder().decode(Classification.self, from: Data(answer.utf8))).text
        #expect(text.contains("delivery/lost"))
        #expect(!text.contains("refund/ask"))
    }

    @Test func whatIsUnknownSaysHowFamiliarItIs() throws {
        let answer = #"""
            {"reply_id":"0123456789abcdef0123456789abcdef","text":"a purple song","outcome":"UNKNOWN","score":0.53,
            "familiarity":-0.25,"levels":[],"candidates":[],"evidence":[],"decided_by":"RETRIEVAL","attributes":{},
            "log_id":"fedcba9876543210fedcba9876543210","seq":12,"truncated":false,
            "timings_ms":{"queue":0,"encode":1,"search":1,"score":0,"total":2}}
            """#
        let text = ClassificationText(try JSONDecoder().decode(Classification.self, from: Data(answer.utf8))).text
        #expect(text.contains("score 0.53 (not calibrated), familiarity -0.25, decided by retrieval"))
    }
}

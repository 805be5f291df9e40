import Evaluating
import Foundation
import Testing

@testable import switchboard

struct FiguresTests {
    @Test(arguments: [(0.0, "[....]"), (0.5, "[##..]"), (0.99, "[###.]"), (1.0, "[####]"), (1.2, "[####]")])
    func drawsAsMuchOfABarAsIsDone(share: Double, text: String) {
        #expect(Figures.bar(share, width: 4) == text)
    }

    @Test(arguments: [
        (Duration.milliseconds(420), "0.4 s"), (.seconds(23), "23 s"), (.seconds(250), "4 min 10 s"),
        (.seconds(7_500), "2 h 05 min"), (.milliseconds(59_700), "1 min 00 s"),
    ])
    func namesTimesAsPeopleDo(time: Duration, text: String) {
        #expect(Figures.time(time) == text)
    }

    @Test func countsOneAndMany() {
        #expect(Figures.count(1, "pair") == "1 pair")
        #expect(Figures.count(2_000, "pair") == "2,000 pairs")
        #expect(Figures.count(2, "row names", "rows name") == "2 rows name")
    }
}

struct ShellCommandTests {
    @Test(arguments: [
        ("train.jsonl", "train.jsonl"), ("data.json#train", "'data.json#train'"), ("my file", "'my file'"),
        ("it's", #"'it'\''s'"#), ("", "''"), ("tcp://127.0.0.1:7702", "tcp://127.0.0.1:7702"), ("a$b", "'a$b'"),
    ])
    func quotesWhatAShellWouldChange(word: String, quoted: String) {
        #expect(ShellCommand.quoted(word) == quoted)
    }

    /// The shell itself has the last word on what the quotes mean.
    @Test(arguments: ["it's", "a b", "x#y", "$HOME `id` \\ \"q\"", "über"])
    func aShellReadsBackTheWord(word: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "printf %s \(ShellCommand.quoted(word))"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(String(decoding: data, as: UTF8.self) == word)
    }
}

struct ResumeAdviceTests {
    private let advice = ResumeAdvice(
        arguments: ["switchboard", "index", "load", "my pairs.csv", "--from-line", "10", "--vertical", "shop"])

    @Test func replacesTheLineToBeginAt() {
        #expect(
            advice.command(fromLine: 812) == "switchboard index load 'my pairs.csv' --vertical shop --from-line 812"
        )
    }

    @Test func replacesTheLineWrittenWithAnEqualsSign() {
        let advice = ResumeAdvice(arguments: ["switchboard", "index", "load", "--from-line=7", "a.csv"])
        #expect(advice.command(fromLine: 9) == "switchboard index load a.csv --from-line 9")
    }

    @Test func withoutALineItIsTheWholeFile() {
        #expect(advice.command(fromLine: nil) == "switchboard index load 'my pairs.csv' --vertical shop")
        #expect(advice.afterBadRow(line: nil, nextLine: nil).contains("what is in stays as it is"))
    }

    @Test func afterABadRowBothWaysAreNamed() {
        let text = advice.afterBadRow(line: 17, nextLine: 19)
        #expect(text.contains("Correct line 17 and go on with:\n"))
        #expect(text.contains("--from-line 17\nor leave it out:\n"))
        #expect(text.hasSuffix("--from-line 19"))
    }

    @Test func aBadLastLineMayBeLeftOut() {
        let text = advice.afterBadRow(line: 17, nextLine: nil, isLast: true)
        #expect(text.contains("--from-line 17\nor leave it out: it is the last line"))
        #expect(!advice.afterBadRow(line: 17, nextLine: nil).contains("leave it out"))
    }
}

struct ProgressLineTests {
    private final class Screen {
        var written: [String] = []
    }

    @Test func whereNobodyLooksItIsALineASecond() {
        let screen = Screen()
        var line = ProgressLine(isInteractive: false) { screen.written.append($0) }
        let start = ContinuousClock.now
        for tenth in 0...35 { line.show(at: start + .milliseconds(100 * tenth)) { "\(tenth)" } }
        line.clear()
        #expect(screen.written == ["10\n", "20\n", "30\n"])
    }

    @Test func whereNobodyLooksItMayBeRarer() {
        let screen = Screen()
        var line = ProgressLine(isInteractive: false, plainTime: .seconds(5)) { screen.written.append($0) }
        let start = ContinuousClock.now
        for second in 0...12 { line.show(at: start + .seconds(second)) { "\(second)" } }
        #expect(screen.written == ["5\n", "10\n"])
    }

    @Test func whereAPersonLooksItIsRedrawnAndTakenAway() {
        let screen = Screen()
        var line = ProgressLine(isInteractive: true) { screen.written.append($0) }
        let start = ContinuousClock.now
        line.show(at: start) { "a" }
        line.show(at: start + .milliseconds(50)) { "b" }
        line.show(at: start + .milliseconds(120)) { "c" }
        line.clear()
        line.clear()
        #expect(screen.written == ["\r\u{1B}[2Kc", "\r\u{1B}[2K"])
    }
}

struct EvalPaceTests {
    private let start = ContinuousClock.now

    @Test func aStageSaysHowLongItWillTake() {
        var pace = EvalPace()
        let begun = pace.text(EvalProgress(.fittingLLM, done: 0, of: 60), at: start)
        #expect(begun.hasSuffix("0 of 60"))
        let text = pace.text(EvalProgress(.fittingLLM, done: 20, of: 60), at: start + .seconds(40))
        #expect(text == "fitting the LLM's part [##########....................] 20 of 60, 1 min 20 s left")
        // The next vertical's has a pace of its own.
        let other = pace.text(EvalProgress(.fitting, done: 1, of: 91), at: start + .seconds(50))
        #expect(other.hasSuffix("1 of 91"))
        let next = pace.text(EvalProgress(.fitting, done: 31, of: 91), at: start + .seconds(80))
        #expect(next.hasSuffix("31 of 91, 1 min 00 s left"))
        let end = pace.text(EvalProgress(.fitting, done: 91, of: 91), at: start + .seconds(140))
        #expect(end.hasSuffix("91 of 91"))
    }
}

struct LoadProgressTests {
    private let start = ContinuousClock.now

    @Test func showsShareRateAndTimeLeft() {
        var progress = LoadProgress(lines: 1_001, firstLine: 2, at: start)
        progress.note(pairs: 250, line: 251, at: start + .seconds(1))
        let text = progress.text(at: start + .seconds(1), withBar: false)
        #expect(text == "25 %  250 pairs  250/s  3.0 s left")
        let bar = progress.text(at: start + .seconds(1), withBar: true)
        #expect(bar.hasPrefix("[######..................]  25 %  250 pairs"))
    }

    @Test func whereTheLinesAreNotKnownItCountsPairs() {
        var progress = LoadProgress(lines: nil, firstLine: 1, at: start)
        progress.note(pairs: 1_200, line: 1, at: start + .seconds(4))
        #expect(progress.text(at: start + .seconds(4), withBar: true) == "1,200 pairs  300/s")
    }

    @Test func theRateIsThatOfTheLastSeconds() {
        var progress = LoadProgress(lines: nil, firstLine: 1, at: start)
        // Ten seconds at 1,000 a second, then twenty at 10 a second.
        for second in 1...10 { progress.note(pairs: 1_000 * second, line: 1, at: start + .seconds(second)) }
        for second in 11...30 {
            progress.note(pairs: 10_000 + 10 * (second - 10), line: 1, at: start + .seconds(second))
        }
        #expect(progress.text(at: start + .seconds(30), withBar: false) == "10,200 pairs  10/s")
    }

    @Test func countsTheLinesOfAFileWithAndWithoutALastLineEnd() throws {
        let folder = try Scratch()
        #expect(LineCount.of(try folder.write("a\nb\nc\n", to: "whole")) == 3)
        #expect(LineCount.of(try folder.write("a\nb\nc", to: "cut")) == 3)
        #expect(LineCount.of(try folder.write("", to: "empty")) == 0)
        #expect(LineCount.of(folder.path) == nil)
    }
}

import Testing

@testable import switchboard

/// Words that are no subcommand.
struct UnknownSubcommandTests {
    @Test(arguments: [
        ("classify", "classify", 0), ("clasify", "classify", 1), ("calssify", "classify", 1), ("", "abc", 3),
        ("abc", "", 3), ("kitten", "sitting", 3),
    ])
    func countsSlipsOfTheHand(left: String, right: String, distance: Int) {
        #expect(Spelling.distance(left, right) == distance)
        #expect(Spelling.distance(right, left) == distance)
    }

    @Test(arguments: [
        (["clasify", "hello"], "switchboard classify"), (["nod"], "switchboard node"),
        (["index", "lod", "a.jsonl"], "switchboard index load"), (["load", "a.jsonl"], "switchboard index load"),
        (["feedback", "exprot"], "switchboard feedback export"),
    ])
    func saysWhatWasMeant(words: [String], suggestion: String) throws {
        let unknown = try #require(UnknownSubcommand(words, of: Switchboard.self))
        #expect(unknown.suggestion == suggestion)
        #expect(unknown.failure.exitCode == CommandFailure.usage)
        #expect(unknown.failure.message.contains("did you mean '\(suggestion)'?"))
    }

    @Test func whereNothingIsNearItListsThem() throws {
        let unknown = try #require(UnknownSubcommand(["index", "xyzzy"], of: Switchboard.self))
        #expect(unknown.suggestion == nil)
        #expect(unknown.choices.contains("switchboard index watch"))
        #expect(unknown.failure.message.contains("there is no subcommand 'xyzzy'\nThere are:\n"))
    }

    @Test(arguments: [
        [], ["--help"], ["help", "index"], ["classify", "nod"], ["index"], ["index", "--help"],
        ["index", "load", "lod"], ["--version"],
    ])
    func letsThroughWhatTheParserKnows(words: [String]) {
        #expect(UnknownSubcommand(words, of: Switchboard.self) == nil)
    }
}

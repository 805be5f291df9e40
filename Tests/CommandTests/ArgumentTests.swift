import ArgumentParser
import Core
import Datasets
import Foundation
import SwitchboardClient
import Testing

@testable import switchboard

/// What the command line makes of its words.
struct ArgumentTests {
    private func parsed<Command: ParsableCommand>(_ words: [String], as type: Command.Type) throws -> Command {
        try #require(try Switchboard.parseAsRoot(words) as? Command)
    }

    @Test func loadTakesItsOptions() throws {
        let command = try parsed(
            [
                "index", "load", "a.csv", "--format", "csv", "--vertical", "shop", "--from-line", "17", "--on-conflict",
                "keep", "--no-create-intents", "--dry-run", "--json", "--author", "ana", "--updater", "tcp://h:1",
            ],
            as: IndexLoadCommand.self
        )
        let source = try command.pairs.source()
        #expect(source.location.path == "a.csv")
        #expect(source.format == .csv)
        #expect(source.vertical.name == "shop")
        #expect(source.fromLine == 17)
        #expect(command.onConflict.value == .keep)
        #expect(command.noCreateIntents && command.dryRun && command.json)
        #expect(try command.change.options(source: "index load", at: command.connection.place()).author == "ana")
        #expect(command.connection.updater == "tcp://h:1")
    }

    @Test func theAuthorIsTheFlagsElseTheEnvironmentsElseTheUsers() throws {
        func author(
            _ words: [String],
            _ environment: [String: String],
            at address: String = "tcp://127.0.0.1:7700"
        ) throws -> String {
            let place = try NodePlace(connect: [address], updater: nil, environment: environment)
            return try parsed(["index", "load", "a.csv"] + words, as: IndexLoadCommand.self)
                .change.options(source: "index load", at: place, environment: environment).author
        }
        #expect(try author(["--author", "ana"], ["SWITCHBOARD_AUTHOR": "ben"]) == "ana")
        #expect(try author([], ["SWITCHBOARD_AUTHOR": "ben"]) == "ben")
        #expect(try author([], ["SWITCHBOARD_AUTHOR": ""]) == NSUserName())
        // Where keys are in use the key's name is taken, unless somebody else is named.
        let keyed = "tcp://127.0.0.1:7700#" + String(repeating: "1", count: 40)
        #expect(try author([], [:], at: keyed) == "")
        #expect(try author(["--author", "ana"], [:], at: keyed) == "ana")
    }

    @Test(arguments: [
        ["--format", "xml"], ["--vertical", "Shop!"], ["--from-line", "0"],
    ])
    func loadRefusesWhatItDoesNotKnowAsUsage(words: [String]) throws {
        let command = try parsed(["index", "load", "a.csv"] + words, as: IndexLoadCommand.self)
        let failure = #expect(throws: CommandFailure.self) { try command.pairs.source() }
        #expect(failure?.exitCode == CommandFailure.usage)
    }

    @Test func evalAndBenchClassifyTakeSeveralGateways() throws {
        let gateways = ["--connect", "tcp://h:1", "--connect", "tcp://h:2"]
        let addresses = ["tcp://h:1", "tcp://h:2"]
        #expect(try parsed(["eval", "--test", "b"] + gateways, as: EvalCommand.self).connect == addresses)
        #expect(try parsed(["bench", "classify"] + gateways, as: BenchCommand.Classify.self).connect == addresses)
    }

    @Test func evalTakesTurnsWithTheLanguageModel() throws {
        let words = ["eval", "--train", "a", "--test", "b", "--llm", "auto", "--turns", "3"]
        #expect(try parsed(words, as: EvalCommand.self).turns == 3)
    }

    @Test(arguments: [
        ["eval", "--train", "a", "--test", "b", "--llm", "off", "--turns", "2"],
        ["eval", "--train", "a", "--test", "b", "--llm", "auto", "--turns", "101"],
        ["bench", "classify", "--valid", "a"],
        ["bench", "classify", "--llm", "auto", "--connect", "tcp://h:1"],
        ["bench", "classify", "--llm", "auto", "--sample", "0"],
        ["bench", "classify", "--llm-batch-tokens", "0"],
    ])
    func whatDoesNotGoTogetherIsRefused(words: [String]) {
        #expect(throws: (any Error).self) { try Switchboard.parseAsRoot(words) }
    }

    @Test func theFormatsAreNamedInTheRefusal() throws {
        let command = try parsed(["index", "load", "a.csv", "--format", "xml"], as: IndexLoadCommand.self)
        let failure = #expect(throws: CommandFailure.self) { try command.pairs.source() }
        #expect(failure?.message.contains("jsonl, csv, clinc150") == true)
    }

    @Test func attributesAreKeysAndValues() throws {
        let command = try parsed(
            ["index", "set-intent", "a/b", "--attribute", "queue=pay=1", "--attribute", "tier=", "--disable"],
            as: IndexSetIntentCommand.self
        )
        #expect(command.attributes == [Attribute(argument: "queue=pay=1"), Attribute(argument: "tier=")])
        #expect(command.attributes[0].value == "pay=1")
        #expect(Attribute(argument: "noequals") == nil)
        #expect(Attribute(argument: "=x") == nil)
    }

    @Test(arguments: [
        ["index", "set-intent", "a/b"],
        ["index", "set-intent", "a/b", "--enable", "--disable"],
        ["index", "remove"],
        ["index", "remove", "text", "--id", "00"],
        ["index", "add", "text"],
        ["index", "load", "a", "--on-conflict", "maybe"],
        ["index", "export", "--json"], ["feedback", "export", "--json"], ["training-set", "a.jsonl", "--json"],
        ["feedback", "confirm", "--reply-id", "00", "--source", "agent"],
        ["feedback", "confirm", "--reply", "-"],
        ["feedback", "correct", "--reply", "-", "--source", "agent"],
        ["feedback", "confirm", "--reply", "-", "--source", "boss"],
        ["index", "no-such"],
        ["classify", "hello", "--deadline", "0"],
    ])
    func wrongUsageIsRefusedWhileParsing(words: [String]) {
        #expect(throws: (any Error).self) { try Switchboard.parseAsRoot(words) }
    }

    @Test(arguments: [
        ["index"], ["index", "load"], ["index", "add"], ["index", "remove"], ["index", "set-intent"],
        ["index", "stats"], ["index", "export"], ["index", "watch"], ["index", "reencode"],
        ["feedback"], ["feedback", "correct"],
        ["feedback", "export"], ["doctor"],
    ])
    func everyCommandHasHelp(words: [String]) throws {
        let error = #expect(throws: (any Error).self) {
            var command = try Switchboard.parseAsRoot(words + ["--help"])
            try command.run()
        }
        let help = Switchboard.fullMessage(for: try #require(error))
        #expect(help.contains("OVERVIEW:") && help.contains("USAGE: switchboard \(words.joined(separator: " "))"))
        #expect(!help.contains("only-models"))
    }

    @Test(arguments: [["index", "load", "-"], ["index", "load", "-", "--dry-run"]])
    func loadSaysThatItDoesNotReadStdin(words: [String]) throws {
        let command = try parsed(words, as: IndexLoadCommand.self)
        let failure = #expect(throws: CommandFailure.self) { try command.pairs.source() }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(failure?.message.contains("stdin is not read here") == true)
    }

    @Test func aLineToBeginAtLiesInTheFile() throws {
        let scratch = try Scratch()
        let file = try scratch.write("{}\n{}\n{}\n", to: "a.jsonl")
        func source(_ line: String) throws -> PairSource {
            try parsed(["index", "load", file, "--from-line", line], as: IndexLoadCommand.self).pairs.source()
        }
        try source("3").requireFirstLine()
        let behind = try source("4")
        let failure = #expect(throws: CommandFailure.self) { try behind.requireFirstLine() }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(failure?.message.contains("which has 3 lines") == true)
    }

    @Test func addressesOfANodeStandInAColumn() {
        let lines = [NodeCommand.line("router", "x"), NodeCommand.line("index", "x"), NodeCommand.line("http", "x")]
        #expect(Set(lines.map(\.count)).count == 1)
    }

    @Test(
        arguments: [
            (["index", "no-such"], CommandFailure.usage),
            (["classify", "hello", "--deadline", "0"], CommandFailure.usage),
            (["index", "load"], CommandFailure.usage), (["--version"], 0), (["index", "--help"], 0), (["index"], 0),
        ] as [([String], Int32)]
    )
    func whatTheParserRefusesIsWrongUsageAndHelpIsNot(words: [String], exitCode: Int32) throws {
        let error = #expect(throws: (any Error).self) {
            var command = try Switchboard.parseAsRoot(words)
            try command.run()
        }
        #expect(Switchboard.ending(with: try #require(error)).exitCode == exitCode)
    }

    @Test func whatFailsOnThisMachineIsNoWrongUsage() {
        let errors: [any Error] = [
            CocoaError(.fileWriteOutOfSpace), CancellationError(),
            DatasetError(file: "a.csv", reason: "is not there"),
            DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no JSON")),
        ]
        for error in errors {
            let (words, exitCode) = Switchboard.ending(with: error)
            #expect(exitCode == CommandFailure.failed, "\(error)")
            #expect(!words.isEmpty && !words.contains("USAGE"))
        }
        let failure = CommandFailure("no node answers", exitCode: CommandFailure.unavailable)
        #expect(Switchboard.ending(with: failure).exitCode == 69)
        #expect(Switchboard.ending(with: failure).words == "no node answers")
    }

    @Test func statusesBecomeExitCodes() {
        #expect(CommandFailure(ClientErrors.unavailable).exitCode == 69)
        #expect(CommandFailure(ClientErrors.invalid).exitCode == 2)
        #expect(CommandFailure(ClientErrors.notFound).exitCode == 1)
    }
}

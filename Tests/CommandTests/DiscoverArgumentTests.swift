import ArgumentParser
import Core
import Testing
import Wire

@testable import switchboard

/// What the words of `switchboard discover` mean.
struct DiscoverArgumentTests {
    private func parsed<Command: ParsableCommand>(_ words: [String], as type: Command.Type) throws -> Command {
        try #require(try Switchboard.parseAsRoot(["discover"] + words) as? Command)
    }

    @Test func runTakesItsSettings() throws {
        let command = try parsed(
            [
                "run", "a.jsonl", "--method", "dial-in", "--judge", "both", "--cut", "finer", "--tune", "--seed", "9",
                "--clusters", "40", "--min-size", "3", "--neighbours", "20", "--good-probability", "0.75", "--samples",
                "12", "--sampling", "mixed",
                "--rounds", "7", "--unassigned", "0", "--base", "ward", "--keyword-names", "--vertical", "shop",
                "--format", "jsonl",
                "--discovery", "tcp://h:1", "--connect", "tcp://g:2",
            ],
            as: DiscoverRunCommand.self
        )
        var settings = DiscoverySettings()
        settings.method = .dialIn
        settings.judge = .both
        settings.cut = .finer
        settings.isTuned = true
        settings.seed = 9
        settings.clusters = 40
        settings.minimumSize = 3
        settings.neighbours = 20
        settings.goodProbability = 0.75
        settings.samples = 12
        settings.sampling = .mixed
        settings.rounds = 7
        settings.base = .ward
        settings.unassignedShare = 0
        settings.namesByModel = false
        #expect(try command.options.settings() == settings)
        #expect(try command.connection.place().discovery?.text == "tcp://h:1")
        #expect(command.vertical == "shop" && command.format == "jsonl")
    }

    @Test func whatWasCancelledIsNamedWhole() throws {
        #expect(try parsed(["cancel", "4f3a", "--json"], as: DiscoverCancelCommand.self).json)
        let run = try ProposalSamples.id("4f3a").description
        #expect(try JSONLine.encode(DiscoverCancelCommand.Cancelled(run: run)) == "{\"run\":\"\(run)\"}")
    }

    @Test func withoutAWordTheSettingsAreTheDefaults() throws {
        #expect(try parsed(["start"], as: DiscoverStartCommand.self).options.settings() == DiscoverySettings())
    }

    @Test(arguments: [
        (["--neighbours", "1"], "2 to 100"), (["--good-probability", "1.5"], "0 to 1"),
        (["--rounds", "0"], "1 to 100"),
        (["--clusters", "0"], "1 to"), (["--samples", "257"], "1 to 256"),
    ])
    func settingsOutOfBoundsAreWrongUsage(words: [String], says: String) throws {
        let command = try parsed(["start"] + words, as: DiscoverStartCommand.self)
        let failure = #expect(throws: CommandFailure.self) { try command.options.settings() }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(failure?.message.contains(says) == true)
    }

    @Test(arguments: [
        ["--method", "magic"], ["--judge", "me"], ["--cut", "raw"], ["--sampling", "best"], ["--base", "birch"],
    ])
    func whatIsNotInTheListIsRefused(words: [String]) {
        #expect(throws: (any Error).self) { try parsed(["start"] + words, as: DiscoverStartCommand.self) }
    }

    @Test func acceptTakesPathAttributesAndTexts() throws {
        let command = try parsed(
            [
                "accept", "4F3a", "--path", "orders/cancel", "--vertical", "shop", "--attribute", "queue=a",
                "--attribute", "level=2", "--text", " one  two ", "--author", "ann", "--json",
            ],
            as: DiscoverAcceptCommand.self
        )
        let (path, texts, vertical) = try command.checked()
        #expect(try path == IntentPath("orders/cancel"))
        #expect(try texts == [UtteranceText("one two")])
        #expect(vertical?.name == "shop")
        #expect(command.attributes.map(\.key) == ["queue", "level"])
        #expect(command.review.proposal == "4F3a" && command.review.json)
        #expect(try parsed(["accept", "4f3a", "--path", "a"], as: DiscoverAcceptCommand.self).checked().texts == nil)
    }

    @Test(arguments: [["--path", "a//b"], ["--path", "a", "--vertical", "Shop!"], ["--path", "a", "--text", "  "]])
    func acceptRefusesWhatIsNoIntent(words: [String]) throws {
        let command = try parsed(["accept", "4f3a"] + words, as: DiscoverAcceptCommand.self)
        let failure = #expect(throws: CommandFailure.self) { try command.checked() }
        #expect(failure?.exitCode == CommandFailure.usage)
    }

    @Test func whatAgentsSayIsAcceptedOnlyWhereThatIsMeant() throws {
        let plain = try parsed(["accept", "4f3a", "--path", "a"], as: DiscoverAcceptCommand.self)
        let meant = try parsed(["accept", "4f3a", "--path", "a", "--agents"], as: DiscoverAcceptCommand.self)
        #expect(try plain.note(on: ProposalSamples.proposal("aaaa", "cancel-order")) == nil)
        let told = try ProposalSamples.proposal("aaaa", "answer-time") { $0.role = .agent }
        let failure = #expect(throws: CommandFailure.self) { try plain.note(on: told) }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(try meant.note(on: told) == nil)
        var guessed = told
        guessed.isRoleOfName = true
        #expect(try plain.note(on: guessed)?.contains("by the verb") == true)
    }

    @Test func listTakesAPoolAndARole() throws {
        let command = try parsed(["list", "--pool", "live", "--role", "agents"], as: DiscoverListCommand.self)
        #expect(command.role == .agents)
        #expect(try DiscoverRunCommand.pool(named: "live").isEmpty)
        #expect(try DiscoverRunCommand.pool(named: "calls") == "calls")
        #expect(throws: (any Error).self) { try parsed(["list", "--role", "me"], as: DiscoverListCommand.self) }
    }

    @Test func whoUndoesInTheIndexWhatWasAcceptedHearsOfTheProposal() throws {
        let note = try #require(IndexUndoCommand.proposalNote("accept-4f3a9c01"))
        #expect(note.contains("discover undo") && note.contains("change_id 4f3a9c01"))
        #expect(IndexUndoCommand.proposalNote("load-1") == nil)
    }

    @Test func theProposalComesBeforeWhatIsDoneWithIt() throws {
        let rename = try parsed(["rename", "4f3a", "track-parcel"], as: DiscoverRenameCommand.self)
        #expect(rename.review.proposal == "4f3a" && rename.name == "track-parcel")
        let merge = try parsed(["merge", "4f3a", "bbbb"], as: DiscoverMergeCommand.self)
        #expect(merge.review.proposal == "4f3a" && merge.into == "bbbb")
    }

    @Test(arguments: [
        ["rename", "4f3a", ""], ["accept", "4f3a"], ["list", "--limit", "0"], ["show", "4f3a", "--limit", "-1"],
    ])
    func refusesWhatIsMissingOrEmpty(words: [String]) {
        #expect(throws: (any Error).self) { try Switchboard.parseAsRoot(["discover"] + words) }
    }

    @Test func aPoolHasItsOwnNameUnlessToldOtherwise() throws {
        #expect(try DiscoverRunCommand.poolName("calls") == "calls")
        let (one, other) = (try DiscoverRunCommand.poolName(nil), try DiscoverRunCommand.poolName(nil))
        #expect(one != other && one.hasPrefix("file-"))
        #expect(one.utf8.count <= DiscoveryAddRequest.maximumPoolBytes)
        for name in ["", "live", String(repeating: "x", count: 65)] {
            #expect(throws: CommandFailure.self) { try DiscoverRunCommand.poolName(name) }
        }
    }

    @Test(
        arguments: [
            ([], CommandFailure.failed), (["--format", "magic"], CommandFailure.usage),
        ] as [([String], Int32)]
    )
    func aFileThatIsNotThereFailsAndAnUnknownFormatIsWrongUsage(words: [String], exitCode: Int32) throws {
        let command = try parsed(["run", "/nowhere/calls.jsonl"] + words, as: DiscoverRunCommand.self)
        let failure = #expect(throws: CommandFailure.self) { try command.utterances(for: "calls") }
        #expect(failure?.exitCode == exitCode)
    }

    // MARK: Ids

    @Test(arguments: ["4f3", "", "4f3g", String(repeating: "a", count: 33), "4f3a-"])
    func whatBeginsNoIDIsWrongUsage(written: String) {
        let failure = #expect(throws: CommandFailure.self) { try IDPrefix(written, of: "proposal") }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(failure?.message.contains("4 to 32 hexadecimal digits") == true)
    }

    @Test func aPrefixNamesTheOneThatBeginsSo() throws {
        let proposals = [
            try ProposalSamples.proposal("4f3a9c01", "cancel-order"), try ProposalSamples.proposal("4f3a9d", "track"),
            try ProposalSamples.proposal("bbbb", "other"),
        ]
        #expect(try IDPrefix("BBBB", of: "proposal").proposal(among: proposals) == proposals[2].id)
        #expect(try IDPrefix("4f3a9c", of: "proposal").proposal(among: proposals) == proposals[0].id)
        let several = #expect(throws: CommandFailure.self) {
            try IDPrefix("4f3a", of: "proposal").proposal(among: proposals)
        }
        #expect(several?.message.contains("cancel-order") == true && several?.message.contains("track") == true)
        let none = #expect(throws: CommandFailure.self) {
            try IDPrefix("cccc", of: "proposal").proposal(among: proposals)
        }
        #expect(none?.message.contains("discover list --all") == true)
        let undone = #expect(throws: CommandFailure.self) {
            try IDPrefix("cccc", of: "proposal").proposal(among: proposals, advice: DiscoverUndoCommand.advice)
        }
        #expect(undone?.message.contains("index undo accept-") == true)
        #expect(try IDPrefix(proposals[0].id.description, of: "proposal").whole == proposals[0].id)
    }
}

import ArgumentParser
import Core
import Evaluating
import Foundation
import Node
import Testing

@testable import switchboard

/// What the words of `switchboard eval-discovery` mean.
struct EvalDiscoveryArgumentTests {
    private func parsed(_ words: [String]) throws -> EvalDiscoveryCommand {
        try #require(try Switchboard.parseAsRoot(["eval-discovery", "a.jsonl"] + words) as? EvalDiscoveryCommand)
    }

    @Test func takesTheSettingsOfARun() throws {
        let settings = try parsed([
            "--method", "dial-in", "--judge", "both", "--samples", "8", "--sampling", "extreme", "--rounds", "3",
            "--unassigned", "0.1", "--good-probability", "0.7", "--min-size", "3", "--seed", "9", "--keyword-names",
            "--tune", "--gold-k", "--measure-judge", "--ablate", "--noise", "contentonly", "greeting",
        ]).settings()
        var run = DiscoverySettings()
        run.method = .dialIn
        run.judge = .both
        run.samples = 8
        run.sampling = .extreme
        run.rounds = 3
        run.unassignedShare = 0.1
        run.goodProbability = 0.7
        run.minimumSize = 3
        run.seed = 9
        run.namesByModel = false
        run.isTuned = true
        #expect(settings.run == run)
        #expect(settings.measuresGoldCount && settings.measuresJudge && settings.measuresSteps)
        #expect(settings.noise == ["contentonly", "greeting"])
    }

    @Test func withoutAWordTheSettingsAreThoseOfARun() throws {
        let settings = try parsed([]).settings()
        #expect(settings.run == DiscoverySettings())
        #expect(!settings.measuresGoldCount && !settings.measuresJudge && !settings.measuresSteps)
    }

    @Test(arguments: [[], ["--roles"]])
    func filesWithoutALabelAreWrongUsage(words: [String]) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "unlabelled-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{\"text\": \"where is my parcel\"}\n".utf8).write(to: file)
        let root = try Switchboard.parseAsRoot(["eval-discovery", file.path] + words)
        let command = try #require(root as? EvalDiscoveryCommand)
        let failure = await #expect(throws: CommandFailure.self) { try await command.run() }
        #expect(failure?.exitCode == CommandFailure.usage)
    }

    @Test func aJudgeIsNotMeasuredWithoutItsModel() throws {
        let wanted: [(judge: DiscoverySettings.JudgeKind, models: ModelPaths, option: String)] = [
            (.scorer, ModelPaths(scorer: "m"), "--adapter FILE"), (.both, ModelPaths(scorer: "m"), "--adapter FILE"),
            (.scorer, ModelPaths(adapter: "a"), "--adapter FILE"), (.llm, ModelPaths(adapter: "a"), "--scorer FILE"),
        ]
        for (judge, models, option) in wanted {
            let failure = #expect(throws: CommandFailure.self) {
                try EvalDiscoveryCommand.requireModel(of: judge, in: models)
            }
            #expect(failure?.exitCode == CommandFailure.usage)
            #expect(failure?.message.hasPrefix("--judge \(judge.rawValue) ") == true)
            #expect(failure?.message.contains(option) == true)
        }
    }

    @Test(arguments: DiscoverySettings.JudgeKind.allCases)
    func aJudgeWithItsModelIsMeasured(judge: DiscoverySettings.JudgeKind) {
        let models = ModelPaths(scorer: "m", adapter: "a")
        #expect(throws: Never.self) { try EvalDiscoveryCommand.requireModel(of: judge, in: models) }
    }

    @Test func settingsOutOfBoundsAreWrongUsage() throws {
        let command = try parsed(["--neighbours", "1"])
        let failure = #expect(throws: CommandFailure.self) { try command.settings() }
        #expect(failure?.exitCode == CommandFailure.usage)
        #expect(throws: (any Error).self) { try parsed(["--sample", "0"]) }
    }
}

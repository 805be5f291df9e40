import Core
import Foundation
import Testing

@testable import Discovering

@Suite struct JudgeWeightsTests {
    private func file(_ contents: Data) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-judge-\(UUID()).json")
        try contents.write(to: file)
        return file
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var weights = JudgeWeights.builtin
        weights.tuned = weights.published
        weights.published.both = LogisticFit(
            features: ["overlap", JudgeFits.ownShare],
            means: [0.1, 0.2],
            deviations: [1, 2],
            weights: [0.5, -0.25],
            bias: 0.125,
            temperature: 1.5
        )
        let file = try file(weights.written())
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try JudgeWeights.load(file) == weights)
        let (one, other) = (try weights.written(), try weights.written())
        #expect(one == other)
    }

    @Test func whatIsBuiltInIsSound() throws {
        let file = try file(JudgeWeights.builtin.written())
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try JudgeWeights.load(file) == .builtin)
    }

    @Test func aFileThatIsNoneIsNamed() throws {
        let missing = URL(fileURLWithPath: "/nowhere/switchboard-judge.json")
        let error = #expect(throws: SwitchboardError.self) { try JudgeWeights.load(missing) }
        #expect(error?.message.contains("/nowhere/switchboard-judge.json") == true)
        let torn = try file(Data("{\"fitted_on\": [".utf8))
        defer { try? FileManager.default.removeItem(at: torn) }
        #expect(throws: SwitchboardError.self) { try JudgeWeights.load(torn) }
    }

    @Test func unknownFeaturesAndOddNumbersAreRefused() throws {
        var unknown = JudgeWeights.builtin
        unknown.published.vectors.features[0] = "mood"
        var short = JudgeWeights.builtin
        short.published.mixes.weights.removeLast()
        var flat = JudgeWeights.builtin
        flat.published.scorer.deviations[0] = 0
        // What needs other clusters has no place among a mix's features.
        var misplaced = JudgeWeights.builtin
        misplaced.published.mixes.features[0] = JudgeFeature.silhouette.rawValue
        var impossible = JudgeWeights.builtin
        impossible.published.leastSimilarity = 2
        let wrong = [
            (unknown, "mood"), (short, "mixes"), (flat, "scorer"), (misplaced, "silhouette"), (impossible, "cosine"),
        ]
        for (weights, word) in wrong {
            let file = try file(weights.written())
            defer { try? FileManager.default.removeItem(at: file) }
            let error = #expect(throws: SwitchboardError.self) { try JudgeWeights.load(file) }
            #expect(error?.message.contains(word) == true)
        }
    }
}

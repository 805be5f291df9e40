import Datasets
import Evaluating
import Foundation
import Testing

/// Accuracy without the language model on public sets, in the splits whose published figures these floors come from.
@Suite(.serialized)
struct PublicSetTests {
    private static let datasets = ProcessInfo.processInfo.environment["SWITCHBOARD_DATASETS"].flatMap {
        $0.isEmpty ? nil : $0
    }

    @Test(
        .enabled(
            if: datasets != nil,
            "SWITCHBOARD_DATASETS is not set, so accuracy on BANKING77, CLINC150 and HWU64 is not measured"
        ),
        .timeLimit(.minutes(30)),
        arguments: [("BANKING77", 0.922), ("CLINC150", 0.902), ("HWU64", 0.870)]
    )
    func accuracyWithoutLLMReachesItsFloor(set: String, floor: Double) async throws {
        let folder = try #require(Self.datasets) + "/few-shot-splits/\(set)"
        let data = try EvalData(
            reading: EvalFiles(
                train: ["\(folder)/train"],
                valid: ["\(folder)/valid"],
                test: ["\(folder)/test"],
                format: .linesDirectory,
            )
        )
        let report = try await TestNode.evaluate(data, EvalSettings(latencyCalls: 0)).report
        #expect(report.accuracy >= floor, "\(set): \(report.accuracy)")
    }
}

import Core
import Discovering
import Foundation
import Testing

@testable import Evaluating

struct DiscoveryReportTests {
    private func report() throws -> DiscoveryReport {
        let set = try Planted.set(["a", "a", "b", "b"])
        let figures = try ClusterFigures(
            FoundClusters(clusters: [0, 0, 1, 1], isGood: [true, false]),
            of: set,
            noise: ["b"]
        )
        var settings = DiscoverySettings()
        settings.seed = 7
        var effort = RunEffort()
        effort.llmCalls = 5
        effort.llmTokens = 300
        effort.seconds = 12
        let offers: [[DiscoverySettings.Cut]] = [[.coarser], [], [.chosen, .finer]]
        let cuts = offers.enumerated().map { number, offers in
            SweptCut(
                vertical: .default,
                role: nil,
                resolution: Double(number + 1),
                clusters: number + 1,
                silhouette: 0.1,
                offeredAs: offers
            )
        }
        return DiscoveryReport(
            figures,
            .init(settings: settings, effort: effort, largestMergedShare: 0.25, cuts: cuts, encoder: "abc")
        )
    }

    private func object(_ report: DiscoveryReport) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
    }

    @Test func jsonHasTheContractsNames() throws {
        var report = try report()
        let bare: Set<String> = [
            "n", "nmi", "ari", "acc", "clusters", "gold_clusters", "coverage", "coverage_of_intents",
            "pure_coverage", "pure_coverage_of_intents", "goodness",
            "largest_share", "largest_merged_share", "method", "judge_kind", "tuned", "cuts", "llm_calls", "llm_tokens",
            "llm_seconds", "seconds", "encoder", "seed", "version",
        ]
        #expect(Set(try object(report).keys) == bare)
        let cuts = try #require(try object(report)["cuts"] as? [[String: Any]])
        #expect(Set(cuts[0].keys) == ["vertical", "resolution", "clusters", "silhouette", "offered_as"])
        report.nmiGoldK = 0.9
        report.accGoldK = 0.8
        let judged = try JudgeFigures(probabilities: [0.95, 0.05], isGood: [true, false])
        let mixes = try JudgeFigures(probabilities: [0.6, 0.4, 0.95, 0.2], isGood: [true, false, false, true])
        report.add(JudgeTrial.Figures(clusters: judged, mixes: mixes), calls: 4, fittedOn: ["hwu64"])
        report.add(
            DownstreamTrial.Figures(
                accuracy: 0.9,
                exemplars: 10,
                kMeans: 0.8,
                gold: 0.95,
                everyCluster: 0.85,
                pureClusters: 0.92,
                pValueToKMeans: 0.01,
                pValueToGold: 0.2,
                testUtterances: 100
            )
        )
        let whole = try object(report)
        #expect(Set(whole.keys).subtracting(bare) == ["nmi_gold_k", "acc_gold_k", "judge", "downstream"])
        let judge = try #require(whole["judge"] as? [String: Any])
        #expect(
            Set(judge.keys) == [
                "clusters", "good", "auroc_clusters", "auroc_mixes", "ece", "ece_mixes", "accuracy", "accuracy_mixes",
                "accuracy_when_sure", "share_sure", "calls", "fitted_on",
            ]
        )
        let downstream = try #require(whole["downstream"] as? [String: Any])
        #expect(
            Set(downstream.keys) == [
                "n", "accuracy", "exemplars", "k_means", "gold", "every_cluster", "pure_clusters", "p_value_k_means",
                "p_value_gold",
            ]
        )
    }

    @Test func aJudgeIsMeasuredOnBothKindsOfClustersTogether() throws {
        var report = try report()
        let clusters = try JudgeFigures(probabilities: [0.95, 0.05], isGood: [true, false])
        let mixes = try JudgeFigures(probabilities: [0.6, 0.4, 0.95, 0.2], isGood: [true, false, false, true])
        report.add(JudgeTrial.Figures(clusters: clusters, mixes: mixes), calls: 4, fittedOn: ["hwu64"])
        let judge = try #require(report.judge)
        #expect(judge.clusters == 6 && judge.calls == 4 && judge.fittedOn == ["hwu64"])
        // Sure of three of six, right on two of these.
        #expect(isNear(judge.shareSure, 0.5) && isNear(judge.accuracyWhenSure, 2.0 / 3))
        #expect(judge.aurocClusters == 1 && isNear(judge.aurocMixes, 0.25))
    }

    @Test func figuresOfARunAreToldWithIt() throws {
        let report = try report()
        #expect(report.n == 4 && report.acc == 1 && report.clusters == 2)
        #expect(report.coverageOfIntents == 1 && report.largestMergedShare == 0.25)
        #expect(report.cuts?.map(\.clusters) == [1, 2, 3])
        #expect(report.cuts?.map(\.offeredAs) == [["coarser"], [], ["chosen", "finer"]])
        #expect(report.table().contains { $0.contains("coarser 1, chosen 3, finer 3") })
        #expect(report.method == "graph" && report.seed == 7 && report.llmCalls == 5 && report.seconds == 12)
        #expect(report.table().contains { $0.contains("NMI, ACC, ARI") && $0.contains("100.00 %") })
        #expect(report.table().allSatisfy { $0.count <= 110 })
    }
}

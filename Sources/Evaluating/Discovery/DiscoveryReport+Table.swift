internal import Core

// The figures for people.
extension DiscoveryReport {
    /// Lines of at most 110 columns, the name of a figure first.
    package func table() -> [String] {
        var lines = [
            line("utterances", "\(n.grouped), with \(goldClusters.grouped) gold labels"),
            line("clusters", "\(clusters.grouped)" + (cuts.map { "; " + Self.words(of: $0) } ?? "")),
            line("NMI, ACC, ARI", "\(nmi.percent)   \(acc.percent)   \(ari.percent)"),
            line("in clusters judged good", Self.words(of: coverage, coverageOfIntents)),
            line("in clusters 4/5 one label", Self.words(of: pureCoverage, pureCoverageOfIntents)),
            line("of those 4/5 one label", goodness?.percent ?? "none was judged good"),
            line("largest cluster", "\(largestShare.percent); largest merged one \(largestMergedShare.percent)"),
        ]
        if let nmiGoldK, let accGoldK {
            lines.append(line("at the gold number", "NMI \(nmiGoldK.percent)   ACC \(accGoldK.percent)"))
        }
        if let judge { lines += table(of: judge) }
        if let namesRight, let names {
            let byModel = namesByModel.map { ", \($0.percent) by the language model" } ?? ""
            lines.append(line("names right", "\(namesRight.percent) of \(names.grouped)\(byModel)"))
        }
        if let downstream { lines += table(of: downstream) }
        if let roles {
            lines.append(line("verbs tell the role", "\(roles.agreement.percent) of \(roles.judged.grouped)"))
        }
        if let ablation { lines += table(of: ablation) }
        lines += [
            line(
                "language model",
                "\(llmCalls.grouped) calls, \(llmTokens.grouped) tokens, \(llmSeconds.formatted(1)) s"
            ),
            line("took", "\(seconds.formatted(1)) s"),
            "",
            "method \(method), judge \(judgeKind), \(tuned ? "tuned" : "not tuned"), encoder \(encoder.prefix(12)), "
                + "seed \(seed), switchboard \(version)",
        ]
        return lines
    }

    private static func words(of coverage: Double, _ coverageOfIntents: Double?) -> String {
        coverage.percent + (coverageOfIntents.map { "; of what is an intent \($0.percent)" } ?? "")
    }

    /// Over all verticals and roles.
    private static func words(of cuts: [Cut]) -> String {
        DiscoverySettings.Cut.allCases.map { offer in
            let clusters = cuts.filter { $0.offeredAs.contains(offer.rawValue) }.reduce(0) { $0 + $1.clusters }
            return "\(offer.rawValue) \(clusters.grouped)"
        }.joined(separator: ", ")
    }

    private func table(of judge: Judge) -> [String] {
        func both(_ clusters: Double?, _ mixes: Double?) -> String {
            "clusters \(clusters?.percent ?? "-")   mixes \(mixes?.percent ?? "-")"
        }
        return [
            line("judge: AUROC", both(judge.aurocClusters, judge.aurocMixes)),
            line("judge: calibration error", both(judge.ece, judge.eceMixes)),
            line("judge: right", both(judge.accuracy, judge.accuracyMixes)),
            line(
                "judge: right where sure",
                "\(judge.accuracyWhenSure?.percent ?? "-"), sure of \(judge.shareSure.percent) of \(judge.clusters.grouped)"
            ),
        ]
    }

    private func table(of downstream: Downstream) -> [String] {
        [
            line(
                "test accuracy",
                "\(downstream.accuracy.percent) of \(downstream.n.grouped) by \(downstream.exemplars.grouped) exemplars"
            ),
            line(
                "beside",
                "k-means \(downstream.kMeans.percent) (p \(downstream.pValueToKMeans.formatted(4)))   "
                    + "gold \(downstream.gold.percent) (p \(downstream.pValueToGold.formatted(4)))"
            ),
            line(
                "of all clusters",
                "\(downstream.everyCluster.percent)   of those 4/5 one label \(downstream.pureClusters.percent)"
            ),
        ]
    }

    private func table(of steps: [Step]) -> [String] {
        ["", columns("step", ["NMI", "ACC", "clusters", "covered", "good", "calls", "s"])]
            + steps.map { step in
                columns(
                    step.step,
                    [
                        step.nmi.percent, step.acc.percent, step.clusters.grouped, step.coverage.percent,
                        step.goodness?.percent ?? "-", step.llmCalls.grouped, step.seconds.formatted(1),
                    ]
                )
            } + [""]
    }

    private func line(_ name: String, _ text: String) -> String { name.padded(to: 26) + text }

    private func columns(_ name: String, _ cells: [String]) -> String {
        name.padded(to: 26) + cells.map { $0.padded(to: 11) }.joined().trimmedRight
    }
}

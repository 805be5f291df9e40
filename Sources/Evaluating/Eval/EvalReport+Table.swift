internal import Core

// The figures for people.
extension EvalReport {
    /// Lines of at most 110 columns, the name of a figure first.
    package func table() -> [String] {
        var lines = [
            line("test utterances", "\(n.grouped), against \(indexSize.grouped) exemplars"),
            line("accuracy", accuracy.percent),
            line("macro F1", macroF1.percent),
            line(
                "among the first",
                recallAtK.map { (Int($0.key) ?? 0, $0.value) }.sorted { $0 < $1 }.map { ("\($0)", $1) }
            ),
            line(
                "calibration error",
                (ece.map { "\($0.percent)" } ?? "not calibrated") + "; of the vote's share \(eceUncalibrated.percent)"
            ),
        ]
        if levels.count > 1 { lines.append(line("right to level", levels.map { ("\($0.depth)", $0.accuracy) })) }
        lines.append(
            line(
                "of the surest",
                coverage.enumerated().filter { $0.offset.isMultiple(of: 2) || $0.offset == coverage.count - 1 }.map {
                    ("\(Int((100 * $0.element.coverage).rounded())) %:", $0.element.accuracy)
                }
            )
        )
        lines.append(
            line(
                "decided by",
                [("retrieval", decidedBy.retrieval), ("LLM", decidedBy.llm), ("degraded", decidedBy.degraded)]
            )
        )
        lines.append(
            line(
                "told",
                [("ROUTE", outcomes.route), ("CLARIFY", outcomes.clarify), ("UNKNOWN", outcomes.unknown)]
            )
        )
        if let precision = outcomes.routePrecision {
            lines.append(
                line("right of the routes", "\(precision.percent); to a parent \(outcomes.backedOff.percent) of all")
            )
        }
        if let oos { lines += table(of: oos) }
        if verticals.count > 1 { lines += tableOfVerticals() }
        if let latencyMs { lines += table(of: latencyMs) }
        lines += [
            "",
            "encoder \(encoder.prefix(12)), LLM \(llm)" + (adapter.map { ", adapter \($0.prefix(12))" } ?? "")
                + ", k \(k), seed \(seed), switchboard \(version)",
        ]
        return lines
    }

    private func table(of oos: OutOfScopeFigures) -> [String] {
        var caught = "caught \(oos.recall.percent)"
        if let precision = oos.precision { caught += ", precision \(precision.percent)" }
        if let f1 = oos.f1 { caught += ", F1 \(f1.percent)" }
        return [
            line("out of scope", caught + ", AUROC \(oos.auroc.percent)"),
            line(
                "in scope, refusals wrong",
                "\(oos.inScopeAccuracy.percent)"
                    + (oos.threshold.map { ", UNKNOWN below familiarity \($0.formatted(3))" } ?? "")
            ),
        ]
    }

    private func tableOfVerticals() -> [String] {
        ["", columns("vertical", ["n", "accuracy", "precision", "recall", "F1"])]
            + verticals.map { vertical in
                let shares = [vertical.accuracy, vertical.precision, vertical.recall, vertical.f1]
                return columns(vertical.vertical, [vertical.n.grouped] + shares.map(\.percent))
            }
    }

    private func table(of latency: LatencyFigures) -> [String] {
        var stages = [("encode", latency.encode), ("search", latency.search)]
        if let score = latency.score { stages.append(("score", score)) }
        stages.append(("total", latency.total))
        return ["", columns("ms, one call at a time", ["p50", "p95", "p99"])]
            + stages.map { name, figures in
                columns(name, [figures.p50, figures.p95, figures.p99].map { $0.formatted(2) })
            }
    }

    private func line(_ name: String, _ shares: [(String, Double)]) -> String {
        line(name, shares.map { "\($0) \($1.percent)" }.joined(separator: "   "))
    }

    private func line(_ name: String, _ text: String) -> String { name.padded(to: 26) + text }

    private func columns(_ name: String, _ cells: [String]) -> String {
        name.padded(to: 26) + cells.map { $0.padded(to: 12) }.joined().trimmedRight
    }
}

internal import Core

// Figures into rows. Shares are in 0...1, times in milliseconds, an empty cell was not measured.
extension EvalTables {
    /// Table 1: every method, over all verticals (`*`) and, where there are several, in each.
    static func methods(_ results: [MethodResult], _ sampled: [MethodResult]) -> DataTable {
        var table = DataTable(
            "methods",
            title: "Table 1: methods (all test utterances, or the sample that the LLM was asked of)",
            columns: [
                "utterances", "method", "vertical", "n", "accuracy", "precision", "recall", "f1", "known", "p50_ms",
            ],
            words: ["utterances", "method", "vertical"]
        )
        for (name, results) in [("all", results), ("sample", sampled)] {
            for result in results {
                var parts: [(name: String, result: MethodResult)] = [("*", result)]
                if result.verticals.count > 1 { parts += result.verticals.map { ($0.name, result.on($0)) } }
                for part in parts {
                    guard let figures = part.result.figures else { continue }
                    let costs = [result.known.map { String($0) } ?? "", result.medianMs.cell(3)]
                    table.add([name, result.method, part.name] + cells(of: figures) + costs)
                }
            }
        }
        return table
    }

    private static func cells(of figures: MethodResult.Figures) -> [String] {
        [String(figures.n)]
            + [figures.accuracy, figures.macro.precision, figures.macro.recall, figures.macro.f1].map {
                $0.formatted(4)
            }
    }

    static func retrievers(_ figures: [RetrieverFigures]) -> DataTable {
        var table = DataTable(
            "retrievers",
            title: "Table 2: retrievers (the right intent among the first k; their vote)",
            columns: ["retriever", "k", "recall", "vote_accuracy"],
            words: ["retriever"]
        )
        for row in figures {
            table.add([row.retriever, String(row.k), row.recall.cell(), row.voteAccuracy.cell()])
        }
        return table
    }

    static func unseen(_ figures: [UnseenFigures]) -> DataTable {
        var table = DataTable(
            "unseen-vertical",
            title: "Table 3: a vertical in the index on which nothing was fitted",
            columns: ["vertical", "method", "n", "accuracy", "precision", "recall", "f1"],
            words: ["vertical", "method"]
        )
        for row in figures { table.add([row.vertical.name, row.method] + cells(of: row.figures)) }
        return table
    }

    static func neighbours(_ figures: [NeighbourFigures]) -> DataTable {
        var table = DataTable(
            "neighbours",
            title: "Figure 4: k against accuracy and latency",
            columns: ["k", "vote_accuracy", "retrieval_accuracy", "p50_ms"]
        )
        for row in figures {
            table.add([
                String(row.k), row.voteAccuracy.cell(), row.retrievalAccuracy.cell(), row.medianMs.cell(3),
            ])
        }
        return table
    }

    /// AUROC of whatever a method is sure by; the other figures where it has a threshold.
    static func outOfScope(_ results: [MethodResult]) -> DataTable {
        var table = DataTable(
            "out-of-scope",
            title: "Out of scope",
            columns: ["method", "n", "out_of_scope", "auroc", "in_scope_accuracy", "recall", "precision", "f1"],
            words: ["method"]
        )
        for result in results where !result.outOfScope.isEmpty {
            let all = result.answers + result.outOfScope
            let measures = Measure.outOfScope(
                all.map {
                    Measure.ScopedAnswer(score: $0.familiarity, isOutOfScope: $0.gold == nil, isRight: $0.isRight)
                },
                isRefused: all.map(\.isRefused),
            )
            let auroc = Measure.auroc(
                positive: result.answers.map(\.familiarity),
                negative: result.outOfScope.map(\.familiarity)
            )
            let refused = [measures.inScopeAccuracy, measures.recall, measures.precision, measures.f1]
            table.add(
                [result.method, String(result.answers.count), String(result.outOfScope.count), auroc.cell()]
                    + refused.map { result.refuses ? $0.cell() : "" }
            )
        }
        return table
    }

    static func calibration(_ results: [MethodResult]) -> DataTable {
        var table = DataTable(
            "calibration",
            title: "Calibration error (ECE, 15 bins) of the probability or, without one, of the share",
            columns: ["method", "n", "ece", "of"],
            words: ["method", "of"]
        )
        for result in results {
            let error = Measure.expectedCalibrationError(
                probabilities: result.answers.map(\.sureness),
                isRight: result.answers.map(\.isRight)
            )
            let isProbability = result.answers.allSatisfy { $0.probability != nil }
            table.add([
                result.method, String(result.answers.count), error.cell(), isProbability ? "probability" : "share",
            ])
        }
        return table
    }

    static func coverage(_ results: [MethodResult]) -> DataTable {
        var table = DataTable(
            "coverage",
            title: "Accuracy when only the surest are answered",
            columns: ["method", "coverage", "accuracy"],
            words: ["method"]
        )
        for result in results {
            for point in coverage(of: result) {
                table.add([result.method, point.coverage.formatted(4), point.accuracy.formatted(4)])
            }
        }
        return table
    }

    /// In steps of a twentieth; equally sure answers are given together, so a point may cover more than its step.
    static func coverage(of result: MethodResult) -> [Measure.CoveragePoint] {
        let curve = Measure.coverageCurve(
            scores: result.answers.map(\.sureness),
            isRight: result.answers.map(\.isRight)
        )
        return Measure.points((1...20).map { Double($0) / 20 }, of: curve).reduce(into: []) { points, point in
            if points.last != point { points.append(point) }
        }
    }

    static func reliability(_ results: [MethodResult]) -> DataTable {
        var table = DataTable(
            "reliability",
            title: "Reliability diagram",
            columns: ["method", "count", "probability", "accuracy"],
            words: ["method"]
        )
        for result in results {
            for bin in reliability(of: result) {
                table.add([
                    result.method, String(bin.count), bin.probability.formatted(4), bin.accuracy.formatted(4),
                ])
            }
        }
        return table
    }

    static func reliability(of result: MethodResult) -> [Measure.ReliabilityBin] {
        Measure.reliability(
            probabilities: result.answers.map(\.sureness),
            isRight: result.answers.map(\.isRight)
        )
    }

    static func settings(_ learnt: Baselines) -> DataTable {
        var table = DataTable(
            "settings",
            title: "What was chosen for the linear methods",
            columns: ["method", "strength", "trained_on", "features"],
            words: ["method"]
        )
        for (method, classifier) in [("linear-tfidf", learnt.words), ("linear-encoder", learnt.head)] {
            table.add([
                method, classifier.strength.formatted(3), String(classifier.trainedOn), String(classifier.features),
            ])
        }
        return table
    }
}

internal import Core

// Out of replies into the measures of the contract.
extension EvalReport {
    /// - Parameters:
    ///   - answers: to the in-scope test utterances; at least one, each with its gold intent.
    ///   - outOfScope: to utterances that no intent fits; may be empty.
    ///   - timings: of calls made one after the other; may be empty.
    ///   - threshold: the familiarity below which the answer is UNKNOWN; nil where it is not known.
    package init(
        answers: [EvalAnswer],
        outOfScope: [EvalAnswer] = [],
        timings: [EvalTiming] = [],
        threshold: Double? = nil,
        setup: Setup,
    ) {
        let gold = answers.compactMap(\.gold)
        guard gold.count == answers.count,
            let macro = Measure.macro(gold: gold, predicted: answers.map(\.leader))
        else {
            preconditionFailure("a report is made of in-scope answers, each with its gold intent")
        }
        let isRight = answers.map(\.isRight)
        func share(_ claim: (EvalAnswer) -> Bool) -> Double { Measure.share(answers.map(claim)) ?? 0 }
        self.init(
            n: answers.count,
            indexSize: setup.indexSize,
            accuracy: share(\.isRight),
            macroF1: macro.f1,
            verticals: Self.verticals(answers),
            levels: Self.levels(answers),
            recallAtK: Self.recall(answers, k: setup.k),
            ece: Self.probabilities(of: answers).flatMap {
                Measure.expectedCalibrationError(probabilities: $0, isRight: isRight)
            },
            eceUncalibrated: Measure.expectedCalibrationError(probabilities: answers.map(\.vote), isRight: isRight)
                ?? 0,
            oos: Self.outOfScope(answers, outOfScope, threshold: threshold),
            decidedBy: DecidedByFigures(
                retrieval: share { $0.decidedBy == .retrieval || $0.decidedBy == .exact },
                llm: share { $0.decidedBy == .llm },
                degraded: share { $0.decidedBy == .degraded },
            ),
            outcomes: OutcomeFigures(
                route: share { $0.outcome == .route },
                clarify: share { $0.outcome == .clarify },
                unknown: share { $0.outcome == .unknown },
                routePrecision: Measure.share(answers.filter { $0.outcome == .route }.map(\.isRoutedRightly)),
                backedOff: share(\.isBackedOff),
            ),
            coverage: Self.coverage(answers),
            latencyMs: LatencyFigures(timings),
            llm: setup.llm,
            adapter: setup.adapter,
            encoder: setup.encoder,
            k: setup.k,
            seed: setup.seed,
            version: setup.version,
        )
    }

    /// Nil where an answer has none.
    private static func probabilities(of answers: [EvalAnswer]) -> [Double]? {
        let probabilities = answers.compactMap(\.probability)
        return probabilities.count == answers.count ? probabilities : nil
    }

    private static func verticals(_ answers: [EvalAnswer]) -> [VerticalFigures] {
        Set(answers.compactMap { $0.gold?.vertical }).sorted().compactMap { vertical in
            let own = answers.filter { $0.gold?.vertical == vertical }
            guard let macro = Measure.macro(gold: own.compactMap(\.gold), predicted: own.map(\.leader)),
                let accuracy = Measure.share(own.map(\.isRight))
            else { return nil }
            return VerticalFigures(
                vertical: vertical.name,
                n: own.count,
                precision: macro.precision,
                recall: macro.recall,
                f1: macro.f1,
                accuracy: accuracy,
            )
        }
    }

    /// A leader in another vertical is wrong at every level.
    private static func levels(_ answers: [EvalAnswer]) -> [LevelFigures] {
        let levels = Measure.accuracyByDepth(
            gold: answers.compactMap { $0.gold?.path },
            predicted: answers.map { $0.leader?.vertical == $0.gold?.vertical ? $0.leader?.path : nil },
        )
        return levels.map { LevelFigures(depth: $0.depth, accuracy: $0.accuracy) }
    }

    private static func recall(_ answers: [EvalAnswer], k: Int) -> [String: Double] {
        let gold = answers.compactMap(\.gold)
        var recall: [String: Double] = [:]
        for depth in [1, 3, 5, 10] where depth <= k {
            recall[String(depth)] = Measure.recall(atK: depth, gold: gold, retrieved: answers.map(\.retrieved))
        }
        return recall
    }

    /// From half of the utterances to all of them, in steps of a twentieth; equally sure ones are answered together, so
    /// a point may cover more than its step.
    private static func coverage(_ answers: [EvalAnswer]) -> [CoverageFigures] {
        let curve = Measure.coverageCurve(scores: answers.map(\.sureness), isRight: answers.map(\.isRight))
        var figures: [CoverageFigures] = []
        for point in Measure.points((10...20).map { Double($0) / 20 }, of: curve)
        where point.coverage != figures.last?.coverage {
            figures.append(CoverageFigures(coverage: point.coverage, accuracy: point.accuracy))
        }
        return figures
    }

    private static func outOfScope(
        _ answers: [EvalAnswer],
        _ outOfScope: [EvalAnswer],
        threshold: Double?,
    ) -> OutOfScopeFigures? {
        let all = answers + outOfScope
        let measures = Measure.outOfScope(
            all.map {
                Measure.ScopedAnswer(score: $0.familiarity, isOutOfScope: $0.gold == nil, isRight: $0.isRight)
            },
            isRefused: all.map(\.isRefused),
        )
        guard let accuracy = measures.inScopeAccuracy, let recall = measures.recall,
            let auroc = Measure.auroc(positive: answers.map(\.familiarity), negative: outOfScope.map(\.familiarity))
        else { return nil }
        return OutOfScopeFigures(
            inScopeAccuracy: accuracy,
            recall: recall,
            precision: measures.precision,
            f1: measures.f1,
            auroc: auroc,
            threshold: threshold,
        )
    }
}

extension EvalReport.LatencyFigures {
    /// Nil of no calls.
    init?(_ timings: [EvalTiming]) {
        guard let encode = EvalReport.Percentiles(timings.map(\.encode)),
            let search = EvalReport.Percentiles(timings.map(\.search)),
            let total = EvalReport.Percentiles(timings.map(\.total))
        else { return nil }
        let asks = timings.contains { $0.score > .zero }
        let score = asks ? EvalReport.Percentiles(timings.map(\.score)) : nil
        self.init(encode: encode, search: search, score: score, total: total)
    }
}

extension EvalReport.Percentiles {
    init?(_ durations: [Duration]) {
        guard let ranks = Measure.percentiles([0.50, 0.95, 0.99], of: durations) else { return nil }
        self.init(
            p50: ranks[0].roundedMilliseconds,
            p95: ranks[1].roundedMilliseconds,
            p99: ranks[2].roundedMilliseconds,
        )
    }
}

package import Core

/// The retrieval part of a policy, fitted on utterances that are not their own evidence.
///
/// A value: the same samples give the same policy. In this order: how much whole intents count beside the nearest
/// exemplars; the calibration, by the likelihood of the leader being right; the familiarity below which nothing fits;
/// the sureness that a route needs. All but the first is tried through `Decision` itself, so that what was fitted is what
/// is served.
package struct PolicyFit: Sendable {
    /// What the thresholds aim at.
    package struct Aim: Sendable {
        /// Without out-of-scope examples: the share of in-scope utterances that UNKNOWN must spare.
        package var keptInScope: Double
        /// Routes are right at least this often; as few questions as that allows.
        package var routePrecision: Double
        /// With out-of-scope examples: at most this share of the in-scope utterances may be refused for them.
        package var mostRefused: Double
        /// Where thresholds have the least cost, whatever the precision and however many are refused; nil: as said above.
        package var costs: AnswerCosts?

        package init(
            keptInScope: Double = 0.99,
            routePrecision: Double = 0.95,
            mostRefused: Double = 1,
            costs: AnswerCosts? = nil,
        ) {
            self.keptInScope = keptInScope
            self.routePrecision = routePrecision
            self.mostRefused = mostRefused
            self.costs = costs
        }
    }

    package private(set) var policy: RetrievalPolicy
    /// What was fitted by which aim and how far that was reached, for people.
    package private(set) var words: [String] = []

    /// - Parameters:
    ///   - base: encoder, k and all that is not fitted.
    ///   - inScope: without any, `base` stays as it is.
    ///   - outOfScope: examples of what no intent fits; may be empty.
    package init(base: RetrievalPolicy, inScope: [FitSample], outOfScope: [FitSample], aim: Aim = Aim()) {
        policy = base
        guard !inScope.isEmpty else { return }
        weigh(inScope)
        calibrate(inScope)
        if outOfScope.isEmpty {
            keep(aim.keptInScope, of: inScope)
        } else {
            separate(inScope, outOfScope, aim)
        }
        route(inScope, aim)
    }

    // MARK: Class evidence

    /// Weights and a vote temperature that are tried, and which samples they get right.
    private struct Trial {
        let policy: RetrievalPolicy
        let change: Double
        let isRight: [Bool]
        let right: Int

        /// Whether it is no worse than the best by more than chance: by one standard error of the difference, whose
        /// variance is the number of samples on which the two disagree (McNemar 1947).
        func isAsGood(as best: Trial) -> Bool {
            let disagreements = zip(isRight, best.isRight).count { $0 != $1 }
            let behind = Double(best.right - right)
            return behind * behind <= Double(disagreements)
        }
    }

    /// Tries weights and vote temperatures around the default ones. Of all that are as good as the best it takes those
    /// that change least: a few hundred utterances tell many of them apart by chance alone.
    private mutating func weigh(_ samples: [FitSample]) {
        guard let start = samples.lazy.compactMap(\.input.classes?.weights).first else { return }
        let temperatures = [0.4, 0.6, 1, 1.4, 2]
        let evidence = samples.map { [policy] sample in
            TriedEvidence(sample, voteTemperatures: temperatures.map { policy.voteTemperature * $0 })
        }
        var trials: [Trial] = []
        for density in [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3] {
            for cosine in [0, 0.5, 1, 2, 4] {
                for (place, temperature) in temperatures.enumerated() {
                    let change = abs(density - 1) + abs(cosine - 1) / 2 + abs(temperature - 1)
                    var weights = start
                    weights.density *= density
                    weights.cosine *= cosine
                    var tried = policy
                    tried.classWeights = weights
                    tried.voteTemperature *= temperature
                    let isRight = evidence.map { $0.isRight(under: weights, voteTemperature: place) }
                    trials.append(
                        Trial(policy: tried, change: change, isRight: isRight, right: isRight.count { $0 })
                    )
                }
            }
        }
        guard let best = trials.max(by: { ($0.right, -$0.change) < ($1.right, -$1.change) }),
            let taken = trials.filter({ $0.isAsGood(as: best) }).min(by: { $0.change < $1.change }),
            let weights = taken.policy.classWeights
        else { return }
        policy = taken.policy
        words.append(
            "vote temperature \(policy.voteTemperature.formatted(3)), class evidence weighs \(weights.density.formatted(3)) x log-density + "
                + "\(weights.cosine.formatted(1)) x cosine: \((Double(taken.right) / Double(samples.count)).percent) right"
        )
    }

    // MARK: Calibration

    private mutating func calibrate(_ samples: [FitSample]) {
        let fit = TemperatureFit(samples.map { $0.calibrationSample(under: policy) })
        // Where every neighbourhood agrees there is nothing to fit, and any temperature gives the same.
        policy.calibrationTemperature = fit?.temperature ?? 1
        guard let fit else { return }
        words.append("calibration temperature \(fit.temperature.formatted(2)) on \(samples.count) utterances")
    }

    // MARK: UNKNOWN

    private mutating func keep(_ share: Double, of samples: [FitSample]) {
        guard let lowest = Measure.percentile(1 - share, of: samples.compactMap { $0.familiarity(under: policy) })
        else { return }
        policy.minimumFamiliarity = lowest
        words.append(
            "UNKNOWN below familiarity \(lowest.formatted(3)): spares \(share.percent) of the in-scope utterances"
        )
    }

    private static let distanceWeights = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1]
    private static let meanWeights = [0, 0.25, 0.5, 0.75, 1]
    /// What other weights must gain in AUROC, so that chance alone changes none.
    private static let leastGain = 0.002

    /// What is to be familiar: as much of the nearest exemplar, of the nearest mean and of the distance as tells the two
    /// apart best.
    private mutating func weighFamiliarity(_ inScope: [FitSample], _ outOfScope: [FitSample]) {
        func auroc(_ policy: RetrievalPolicy) -> Double {
            Measure.auroc(
                positive: inScope.compactMap { $0.familiarity(under: policy) },
                negative: outOfScope.compactMap { $0.familiarity(under: policy) }
            ) ?? 0
        }
        var best = (policy: policy, auroc: auroc(policy) + Self.leastGain)
        for mean in Self.meanWeights {
            for distance in Self.distanceWeights {
                var tried = policy
                tried.meanWeight = mean
                tried.distanceWeight = distance
                let reached = auroc(tried)
                if reached > best.auroc { best = (tried, reached) }
            }
        }
        policy = best.policy
    }

    private mutating func separate(_ inScope: [FitSample], _ outOfScope: [FitSample], _ aim: Aim) {
        weighFamiliarity(inScope, outOfScope)
        let answers = (inScope + outOfScope).map { sample in
            Measure.ScopedAnswer(
                score: sample.familiarity(under: policy) ?? -.greatestFiniteMagnitude,
                isOutOfScope: sample.gold == nil,
                isRight: sample.isRight(sample.decision(under: policy)),
            )
        }
        let objective = aim.costs.map {
            ThresholdFit.Objective.leastCost(wrong: $0.wrongAnswer, refused: $0.refusal, stranger: $0.stranger)
        }
        guard let fit = ThresholdFit(answers, maximising: objective ?? .balanced) else { return }
        let mostRefused = aim.costs == nil ? aim.mostRefused : 1
        let bound = Measure.percentile(mostRefused, of: inScope.compactMap { $0.familiarity(under: policy) })
        policy.minimumFamiliarity = min(fit.threshold, bound ?? fit.threshold)
        let measures = Measure.outOfScope(answers, threshold: policy.minimumFamiliarity)
        words.append(
            "UNKNOWN below familiarity \(policy.minimumFamiliarity.formatted(3)), in which the nearest mean weighs "
                + "\(policy.meanWeight.formatted(2)) and the distance \(policy.distanceWeight.formatted(2)): in-scope accuracy "
                + "\((measures.inScopeAccuracy ?? 0).percent), out-of-scope recall \((measures.recall ?? 0).percent)"
        )
    }

    // MARK: ROUTE

    private mutating func route(_ samples: [FitSample], _ aim: Aim) {
        let decisions = samples.filter { ($0.familiarity(under: policy) ?? -.infinity) >= policy.minimumFamiliarity }
            .map { sample in
                let decision = sample.decision(under: policy)
                return (decision: decision, isRight: sample.isRight(decision))
            }
        guard let fit = RouteFit(decisions, margin: policy.clarifyMargin, aim) else { return }
        policy.routeScore = fit.threshold
        words.append(fit.words)
    }
}

package import Core
internal import Foundation

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
        /// With out-of-scope examples: at most this share of the right answers to in-scope utterances may be refused for them. Strangers are
        /// the fewer callers by far, and what refuses a known one in twenty is of no use, however many of them it keeps out.
        /// Nil: 4 %, and any where costs say what a refusal is worth.
        package var mostRefused: Double?
        /// Where thresholds have the least cost, whatever the precision; nil: as said above.
        package var costs: AnswerCosts?

        package init(
            keptInScope: Double = 0.99,
            routePrecision: Double = 0.95,
            mostRefused: Double? = nil,
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

    /// What the default weights and the vote temperature are multiplied by, and how many samples come out right.
    private struct Trial {
        let density: Double
        let cosine: Double
        let words: Double
        let temperature: Double
        let right: Int

        var change: Double { abs(density - 1) + abs(cosine - 1) / 2 + abs(words - 1) + abs(temperature - 1) }
    }

    /// Right answers for which one setting is e times as likely as another.
    private static let tellingAnswers = 4.0

    /// Tries weights and vote temperatures around the default ones, and takes the mean of all: the more, the more come
    /// out right with it, and the less it changes. A few hundred utterances tell many settings apart by chance alone, so
    /// the best would be another one each time, and worse on the next utterances than what lies between the good ones.
    private mutating func weigh(_ samples: [FitSample]) {
        guard let start = samples.lazy.compactMap(\.input.classes?.weights).first else { return }
        let temperatures = [0.5, 1, 1.5, 2]
        let evidence = samples.map { [policy] sample in
            TriedEvidence(sample, voteTemperatures: temperatures.map { policy.voteTemperature * $0 })
        }
        var trials: [Trial] = []
        for density in [0, 0.25, 0.5, 1, 1.5, 2, 3] {
            for cosine in [0, 0.5, 1, 2, 4] {
                for words in [0, 0.5, 1, 1.5, 2.5] {
                    var weights = start
                    weights.density *= density
                    weights.cosine *= cosine
                    weights.words *= words
                    for (place, temperature) in temperatures.enumerated() {
                        let right = evidence.count { $0.isRight(under: weights, voteTemperature: place) }
                        trials.append(
                            Trial(
                                density: density,
                                cosine: cosine,
                                words: words,
                                temperature: temperature,
                                right: right,
                            )
                        )
                    }
                }
            }
        }
        guard let most = trials.map(\.right).max() else { return }
        let counts = trials.map { exp(Double($0.right - most) / Self.tellingAnswers - $0.change) }
        let total = counts.reduce(0, +)
        func mean(_ figure: (Trial) -> Double) -> Double {
            zip(trials, counts).reduce(0) { $0 + figure($1.0) * $1.1 } / total
        }
        var weights = start
        weights.density *= mean(\.density)
        weights.cosine *= mean(\.cosine)
        weights.words *= mean(\.words)
        policy.voteTemperature *= exp(mean { log($0.temperature) })
        policy.classWeights = weights
        let right = samples.count { $0.isRight($0.decision(under: policy)) }
        words.append(
            "vote temperature \(policy.voteTemperature.formatted(3)), class evidence weighs \(weights.density.formatted(3)) x log-density + "
                + "\(weights.cosine.formatted(1)) x cosine + \(weights.words.formatted(2)) x words: \((Double(right) / Double(samples.count)).percent) right"
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
    private static let wordWeights = [0, 0.025, 0.05, 0.075, 0.1]
    /// Of words where nothing speaks for more or less. They count where that was tried alone: of callers who talk at length and
    /// of a few dozen exemplars they tell less.
    private static let usualWordWeight = 0.05
    /// What is not worth a change, in AUROC: by so much weights differ by chance alone.
    private static let leastGain = 0.002

    /// What is to be familiar: as much of the nearest exemplar, of the nearest mean, of the distance and of the words as tells
    /// the two apart; of all that do so about as well as the best those that change least.
    private mutating func weighFamiliarity(_ inScope: [FitSample], _ outOfScope: [FitSample]) {
        var trials: [(policy: RetrievalPolicy, change: Double, auroc: Double)] = []
        for mean in Self.meanWeights + [policy.meanWeight] {
            for distance in Self.distanceWeights + [policy.distanceWeight] {
                for words in Self.wordWeights {
                    var tried = policy
                    tried.meanWeight = mean
                    tried.distanceWeight = distance
                    tried.wordWeight = words
                    let auroc = Measure.auroc(
                        positive: inScope.compactMap { $0.familiarity(under: tried) },
                        negative: outOfScope.compactMap { $0.familiarity(under: tried) }
                    )
                    let change =
                        abs(mean - policy.meanWeight) + abs(distance - policy.distanceWeight)
                        + 4 * abs(words - Self.usualWordWeight)
                    trials.append((tried, change, auroc ?? 0))
                }
            }
        }
        guard let best = trials.map(\.auroc).max(),
            let taken = trials.filter({ $0.auroc >= best - Self.leastGain }).min(by: { $0.change < $1.change })
        else { return }
        policy = taken.policy
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
        let mostRefused = aim.mostRefused ?? (aim.costs == nil ? 0.04 : 1)
        // Whoever is answered wrong anyway loses nothing by UNKNOWN.
        let helped = answers.filter { !$0.isOutOfScope && $0.isRight }.map(\.score)
        let bound = Measure.percentile(mostRefused, of: helped)
        policy.minimumFamiliarity = min(fit.threshold, bound ?? fit.threshold)
        let measures = Measure.outOfScope(answers, threshold: policy.minimumFamiliarity)
        words.append(
            "UNKNOWN below familiarity \(policy.minimumFamiliarity.formatted(3)), in which the nearest mean weighs "
                + "\(policy.meanWeight.formatted(2)) and the distance \(policy.distanceWeight.formatted(2)), words \(policy.wordWeight.formatted(2)): in-scope accuracy "
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

// What the figures of a policy may be. Any finite figure can be written down, but not every one can be reckoned with: at
// 1e308 sums overflow, and one policy would leave a whole scope without answers.

extension Policy {
    /// Whether a policy may be set.
    ///
    /// - Throws: `.invalidArgument`, naming the first figure that is out of bounds, and what is accepted.
    package func check() throws(SwitchboardError) {
        var refusal: SwitchboardError?
        _ = mapped { figure, name, accepted in
            if refusal == nil, !accepted.contains(figure) {
                refusal = SwitchboardError.invalid(
                    "the policy's \(name) is \(figure); \(accepted.lowerBound) to \(accepted.upperBound) is accepted",
                    field: name.split(separator: ".").last.map(String.init)
                )
            }
            return figure
        }
        if let refusal { throw refusal }
    }

    /// The policy as answers are made by it: what is out of bounds, in a log from before they held, counts as the
    /// nearest figure that is accepted. In the log and in digests it stays as it was set.
    package var bounded: Policy {
        mapped { figure, _, accepted in min(max(figure, accepted.lowerBound), accepted.upperBound) }
    }

    private func mapped(_ change: PolicyBounds.Change) -> Policy {
        Policy(retrieval: retrieval?.mapped(change), llm: llm?.mapped(change))
    }
}

private enum PolicyBounds {
    /// What a figure becomes; it comes with its field's name in the protos, and what is accepted.
    typealias Change = (_ figure: Double, _ name: String, _ accepted: ClosedRange<Double>) -> Double

    static let temperature = 1e-6...1e6
    /// Of evidence, also of what is made of it: `min_familiarity` is held against a weighed distance.
    static let weight = -1e6...1e6
    /// Of shares and probabilities; beyond 0 and 1 for always and never.
    static let threshold = -10.0...10.0
    /// What a search may be asked for; a record with another number could not be read again.
    static let exemplars = 1.0...1_000.0
    static let candidates = 2.0...Double(Decision.maximumCandidates)
    static let exemplarsEach = 1.0...32.0
    /// On the wire 0 stands for the default.
    static let share = 1e-6...1.0
    /// No more voted than exemplars were searched for.
    static let intents = 0.0...1_000.0

    /// The same for a whole number. One that is not changed is not converted: the greatest have no `Double` of their own.
    static func whole(_ number: Int, _ name: String, _ accepted: ClosedRange<Double>, _ change: Change) -> Int {
        let figure = change(Double(number), name, accepted)
        return figure == Double(number) ? number : Int(figure)
    }
}

extension RetrievalPolicy {
    fileprivate func mapped(_ change: PolicyBounds.Change) -> RetrievalPolicy {
        var policy = self
        policy.k = PolicyBounds.whole(k, "retrieval.k", PolicyBounds.exemplars, change)
        policy.voteTemperature = change(voteTemperature, "retrieval.vote_temperature", PolicyBounds.temperature)
        policy.calibrationTemperature = calibrationTemperature.map {
            change($0, "retrieval.calibration_temperature", PolicyBounds.temperature)
        }
        policy.minimumFamiliarity = change(minimumFamiliarity, "retrieval.min_familiarity", PolicyBounds.weight)
        policy.distanceWeight = change(distanceWeight, "retrieval.distance_weight", PolicyBounds.weight)
        policy.meanWeight = change(meanWeight, "retrieval.mean_weight", PolicyBounds.weight)
        policy.wordWeight = change(wordWeight, "retrieval.word_weight", PolicyBounds.weight)
        policy.routeScore = change(routeScore, "retrieval.route_score", PolicyBounds.threshold)
        policy.clarifyMargin = change(clarifyMargin, "retrieval.clarify_margin", PolicyBounds.threshold)
        policy.classWeights = classWeights.map { weights in
            ClassWeights(
                density: change(weights.density, "retrieval.class_weights.density", PolicyBounds.weight),
                cosine: change(weights.cosine, "retrieval.class_weights.cosine", PolicyBounds.weight),
                words: change(weights.words, "retrieval.class_weights.words", PolicyBounds.weight),
                temperature: change(
                    weights.temperature,
                    "retrieval.class_weights.temperature",
                    PolicyBounds.temperature
                )
            )
        }
        policy.widening = widening.map { widening in
            Widening(
                k: PolicyBounds.whole(widening.k, "retrieval.widening.k", PolicyBounds.exemplars, change),
                belowShare: change(widening.belowShare, "retrieval.widening.below_share", PolicyBounds.threshold),
                fewerIntents: PolicyBounds.whole(
                    widening.fewerIntents,
                    "retrieval.widening.fewer_intents",
                    PolicyBounds.intents,
                    change
                )
            )
        }
        return policy
    }
}

extension LLMPolicy {
    fileprivate func mapped(_ change: PolicyBounds.Change) -> LLMPolicy {
        var policy = self
        policy.evidenceWeight = change(evidenceWeight, "llm.vote_weight", PolicyBounds.weight)
        policy.llmWeight = change(llmWeight, "llm.llm_weight", PolicyBounds.weight)
        policy.calibrationTemperature = calibrationTemperature.map {
            change($0, "llm.calibration_temperature", PolicyBounds.temperature)
        }
        policy.skipShare = change(skipShare, "llm.skip_share", PolicyBounds.threshold)
        policy.routeScore = change(routeScore, "llm.route_score", PolicyBounds.threshold)
        policy.clarifyMargin = change(clarifyMargin, "llm.clarify_margin", PolicyBounds.threshold)
        policy.candidates = PolicyBounds.whole(candidates, "llm.candidates", PolicyBounds.candidates, change)
        policy.exemplarsEach = PolicyBounds.whole(
            exemplarsEach,
            "llm.exemplars_each",
            PolicyBounds.exemplarsEach,
            change
        )
        policy.leastShare = change(leastShare, "llm.least_share", PolicyBounds.share)
        return policy
    }
}

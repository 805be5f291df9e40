/// Whose answers a policy decides: looked up as the vertical's, then `*`, then `builtin`.
package enum PolicyScope: Sendable, Hashable, CustomStringConvertible {
    case vertical(Vertical)
    case everywhere
    case builtin

    /// - Throws: `.invalidArgument` where it is neither `*`, `builtin` nor a vertical.
    package init(_ written: String) throws(SwitchboardError) {
        switch written {
        case "*": self = .everywhere
        case "builtin": self = .builtin
        default: self = .vertical(try Vertical(written))
        }
    }

    package var description: String {
        switch self {
        case .vertical(let vertical): vertical.name
        case .everywhere: "*"
        case .builtin: "builtin"
        }
    }
}

/// How answers are decided. Both parts are bound to models and hold by themselves.
package struct Policy: Sendable, Hashable {
    package var retrieval: RetrievalPolicy?
    package var llm: LLMPolicy?

    package init(retrieval: RetrievalPolicy?, llm: LLMPolicy? = nil) {
        self.retrieval = retrieval
        self.llm = llm
    }

    /// This policy's parts, and those of another where it has none.
    package func over(_ other: Policy?) -> Policy {
        Policy(retrieval: retrieval ?? other?.retrieval, llm: llm ?? other?.llm)
    }

    /// The retrieval part that holds for vectors of an encoder: this policy's, unless it was fitted for another, else
    /// the built-in one.
    package func retrieval(for encoder: ModelID?) -> RetrievalPolicy {
        guard let fitted = retrieval, fitted.holds(for: encoder) else { return .builtin }
        return fitted
    }

    /// What it says by now.
    package var withoutSuperseded: Policy {
        var policy = self
        policy.retrieval?.superseded = nil
        return policy
    }

    /// Every figure as bytes, in a fixed order, for the state digest.
    var canonicalParts: [[UInt8]] {
        var parts: [[UInt8]] = []
        func add(_ number: Double) { parts.append(StateDigest.littleEndian(number.bitPattern)) }
        if let retrieval {
            parts.append(Array("retrieval".utf8))
            parts.append(retrieval.encoder?.bytes ?? [])
            add(Double(retrieval.k))
            add(retrieval.voteTemperature)
            add(retrieval.trustsExact ? 1 : 0)
            add(retrieval.calibrationTemperature ?? 0)
            if let superseded = retrieval.standingSuperseded {
                add(superseded.minimumFamiliarity)
                add(superseded.distanceWeight)
            } else {
                add(retrieval.minimumFamiliarity)
                add(retrieval.distanceWeight)
                add(retrieval.meanWeight)
                // As in policies from before words counted; so below.
                if retrieval.wordWeight != 0 { add(retrieval.wordWeight) }
            }
            add(retrieval.routeScore)
            add(retrieval.clarifyMargin)
            parts.append(Array(retrieval.llmMode.rawValue.utf8))
            if let weights = retrieval.classWeights {
                add(weights.density)
                add(weights.cosine)
                add(weights.temperature)
                if weights.words != 0 { add(weights.words) }
            }
            if let widening = retrieval.widening {
                parts.append(Array("widening".utf8))
                add(Double(widening.k))
                add(widening.belowShare)
                add(Double(widening.fewerIntents))
            }
        }
        if let llm {
            parts.append(Array("llm".utf8))
            parts.append(llm.baseModel.bytes)
            parts.append(llm.adapter?.bytes ?? [])
            parts.append(llm.prompt.bytes)
            add(llm.evidenceWeight)
            add(llm.llmWeight)
            add(llm.calibrationTemperature ?? 0)
            add(llm.skipShare)
            add(llm.routeScore)
            add(llm.clarifyMargin)
            // Policies from before there was a choice keep their digest.
            if llm.candidates != LLMPolicy.defaultCandidates || llm.exemplarsEach != LLMPolicy.defaultExemplarsEach {
                add(Double(llm.candidates))
                add(Double(llm.exemplarsEach))
            }
            if llm.leastShare != LLMPolicy.defaultLeastShare {
                parts.append(Array("least_share".utf8))
                add(llm.leastShare)
            }
            if llm.stopsEarly { parts.append(Array("stops_early".utf8)) }
        }
        return parts
    }
}

/// Whether the language model is asked.
package enum LLMMode: String, Sendable, Hashable, CaseIterable {
    case off
    /// Only where the other evidence is not sure and the deadline allows.
    case auto
    /// Every request with at least two candidates.
    case always
}

/// The part that holds without the language model; for `OFF` and `DEGRADED` too.
package struct RetrievalPolicy: Sendable, Hashable {
    /// Nil only in the built-in policy, which holds for any encoder.
    package var encoder: ModelID?
    /// How many exemplars vote.
    package var k: Int
    /// A vote weighs exp(similarity / voteTemperature).
    package var voteTemperature: Double
    /// An equal exemplar decides alone.
    package var trustsExact: Bool
    /// Nil: not calibrated, so replies carry no probability.
    package var calibrationTemperature: Double?
    /// UNKNOWN where `familiarity` is less.
    package var minimumFamiliarity: Double
    /// How much `ClassEvidence.relativeDistance` takes from familiarity.
    package var distanceWeight: Double
    /// How much of familiarity is the similarity of the nearest intent's mean, the rest that of the nearest exemplar.
    package var meanWeight: Double
    /// How much `ClassEvidence.wordLift` adds to familiarity, less `usualWordLift`.
    package var wordWeight: Double
    /// What a policy of before says of familiarity: passed over, as that was another figure then.
    package var superseded: SupersededFamiliarity?
    /// ROUTE needs at least this share (or, calibrated, this probability).
    package var routeScore: Double
    /// CLARIFY where the second comes closer than this.
    package var clarifyMargin: Double
    package var llmMode: LLMMode
    /// Nil: by the number of exemplars an intent.
    package var classWeights: ClassWeights?
    /// Nil: `k` vote, whatever they say.
    package var widening: Widening?

    package init(
        encoder: ModelID? = nil,
        k: Int = 10,
        voteTemperature: Double = 0.05,
        trustsExact: Bool = true,
        calibrationTemperature: Double? = nil,
        minimumFamiliarity: Double = 0.40,
        distanceWeight: Double = 0.2,
        meanWeight: Double = 0.5,
        wordWeight: Double = 0,
        superseded: SupersededFamiliarity? = nil,
        routeScore: Double = 0.5,
        clarifyMargin: Double = 0.1,
        llmMode: LLMMode = .off,
        classWeights: ClassWeights? = nil,
        widening: Widening? = nil,
    ) {
        self.encoder = encoder
        self.k = k
        self.voteTemperature = voteTemperature
        self.trustsExact = trustsExact
        self.calibrationTemperature = calibrationTemperature
        self.minimumFamiliarity = minimumFamiliarity
        self.distanceWeight = distanceWeight
        self.meanWeight = meanWeight
        self.wordWeight = wordWeight
        self.superseded = superseded
        self.routeScore = routeScore
        self.clarifyMargin = clarifyMargin
        self.llmMode = llmMode
        self.classWeights = classWeights
        self.widening = widening
    }

    /// Whether the policy was fitted for vectors of an encoder, or for any.
    package func holds(for encoder: ModelID?) -> Bool { self.encoder == nil || self.encoder == encoder }

    /// Nil where anything else is said of familiarity since.
    package var standingSuperseded: SupersededFamiliarity? {
        let usual = RetrievalPolicy.builtin
        let isUsual =
            minimumFamiliarity == usual.minimumFamiliarity && distanceWeight == usual.distanceWeight
            && meanWeight == usual.meanWeight && wordWeight == usual.wordWeight
        return isUsual ? superseded : nil
    }

    /// Of callers who are hard to tell from strangers, so that the words move a familiarity both ways.
    private static let usualWordLift = 0.5

    /// How much an utterance is like what the index holds: between the similarity of the nearest exemplar and that of
    /// the nearest intent's mean, less what the distance to that mean says against it, and what its words say.
    ///
    /// - Parameter similarity: cosine to the nearest exemplar.
    package func familiarity(similarity: Double, classes: ClassEvidence?) -> Double {
        let likeness = similarity + meanWeight * ((classes?.nearestMean ?? similarity) - similarity)
        let familiarity =
            likeness - distanceWeight * (classes?.relativeDistance ?? 0)
            + wordWeight * ((classes?.wordLift ?? Self.usualWordLift) - Self.usualWordLift)
        // Weights out of all proportion say nothing.
        return familiarity.isFinite ? familiarity : similarity
    }

    /// What holds while nothing was fitted. docs/scoring.md has the figures behind the defaults.
    package static let builtin = RetrievalPolicy()
}

/// Thresholds for a figure that is no longer worked out. They belong to the state of a log that holds them, so digests have
/// them as before.
package struct SupersededFamiliarity: Sendable, Hashable {
    package var minimumFamiliarity: Double
    package var distanceWeight: Double

    package init(minimumFamiliarity: Double, distanceWeight: Double) {
        self.minimumFamiliarity = minimumFamiliarity
        self.distanceWeight = distanceWeight
    }
}

/// The part for answers that the language model takes part in.
package struct LLMPolicy: Sendable, Hashable {
    package var baseModel: ModelID
    /// Nil: the base model alone.
    package var adapter: ModelID?
    package var prompt: ModelID
    /// Log-linear: evidenceWeight x log of the mix of vote and class evidence + llmWeight x log probability among the
    /// candidates. `vote_weight` on the wire.
    package var evidenceWeight: Double
    package var llmWeight: Double
    package var calibrationTemperature: Double?
    /// AUTO does not ask where the leader's share reaches this.
    package var skipShare: Double
    package var routeScore: Double
    package var clarifyMargin: Double
    /// How many intents the model chooses from at most, 2 to 10.
    package var candidates: Int
    /// How many exemplars of each stand in the prompt at most, 1 to 32.
    package var exemplarsEach: Int
    /// Intents with a smaller share are left out of the candidates, and their exemplars out of the prompt; the first two
    /// stay in any case.
    package var leastShare: Double
    /// Whether candidates that cannot lead any more are left out while the model computes: the leader stays who it is, and
    /// the others' figures are what they are at most.
    package var stopsEarly: Bool

    /// Takes over what is not fitted but chosen.
    package mutating func keepChoices(of standing: LLMPolicy) {
        candidates = standing.candidates
        exemplarsEach = standing.exemplarsEach
        leastShare = standing.leastShare
        stopsEarly = standing.stopsEarly
    }

    /// docs/scoring.md has the figures behind these.
    package static let defaultCandidates = 5
    package static let defaultExemplarsEach = 2
    /// What nothing speaks for costs time and cannot win.
    package static let defaultLeastShare = 0.001

    package init(
        baseModel: ModelID,
        adapter: ModelID?,
        prompt: ModelID,
        evidenceWeight: Double,
        llmWeight: Double,
        calibrationTemperature: Double? = nil,
        skipShare: Double = 0.95,
        routeScore: Double = 0.5,
        clarifyMargin: Double = 0.1,
        candidates: Int = defaultCandidates,
        exemplarsEach: Int = defaultExemplarsEach,
        leastShare: Double = defaultLeastShare,
        stopsEarly: Bool = false,
    ) {
        self.baseModel = baseModel
        self.adapter = adapter
        self.prompt = prompt
        self.evidenceWeight = evidenceWeight
        self.llmWeight = llmWeight
        self.calibrationTemperature = calibrationTemperature
        self.skipShare = skipShare
        self.routeScore = routeScore
        self.clarifyMargin = clarifyMargin
        self.candidates = candidates
        self.exemplarsEach = exemplarsEach
        self.leastShare = leastShare
        self.stopsEarly = stopsEarly
    }
}

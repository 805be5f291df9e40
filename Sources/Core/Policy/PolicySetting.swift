/// A figure of a policy that a person sets, by its field's name in the protos: `llm.least_share=0.02`.
///
/// Only what is a person's to choose: weights and temperatures belong together and are fitted.
package struct PolicySetting: Sendable, Hashable, CustomStringConvertible {
    private let field: Field
    private let value: Double

    package var description: String { "\(field.rawValue)=\(field.isClaim ? "\(value != 0)" : "\(value)")" }

    /// What can be set.
    package static var names: [String] { Field.allCases.map(\.rawValue) }

    /// - Throws: `.invalidArgument` where it is no `NAME=VALUE`, with what is accepted.
    package init(_ written: String) throws(SwitchboardError) {
        let parts = written.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw .invalid("'\(written)' sets nothing; NAME=VALUE is accepted, such as llm.least_share=0.02")
        }
        guard let field = Field(rawValue: parts[0]) else {
            throw .invalid("'\(parts[0])' cannot be set; \(Self.names.joined(separator: ", ")) can")
        }
        self.field = field
        value = try field.value(parts[1])
    }

    /// - Throws: `.failedPrecondition` where the policy lacks the part; `.invalidArgument` for a figure out of bounds.
    package func apply(to policy: inout Policy) throws(SwitchboardError) {
        guard field.isRetrieval ? policy.retrieval != nil : policy.llm != nil else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(field.rawValue) goes with a part of the policy that was not fitted; "
                    + (field.isRetrieval ? "none was" : "fit the language model's with --llm auto or always")
            )
        }
        switch field {
        case .wideningK: change(&policy.retrieval) { $0.k = Int(value) }
        case .wideningShare: change(&policy.retrieval) { $0.belowShare = value }
        case .wideningIntents: change(&policy.retrieval) { $0.fewerIntents = Int(value) }
        case .ignoresExact: policy.retrieval?.trustsExact = value == 0
        case .minimumFamiliarity: policy.retrieval?.minimumFamiliarity = value
        case .routeScore: policy.retrieval?.routeScore = value
        case .clarifyMargin: policy.retrieval?.clarifyMargin = value
        case .llmSkipShare: policy.llm?.skipShare = value
        case .llmRouteScore: policy.llm?.routeScore = value
        case .llmClarifyMargin: policy.llm?.clarifyMargin = value
        case .llmCandidates: policy.llm?.candidates = Int(value)
        case .llmExemplarsEach: policy.llm?.exemplarsEach = Int(value)
        case .llmLeastShare: policy.llm?.leastShare = value
        case .llmStopsEarly: policy.llm?.stopsEarly = value != 0
        }
        try policy.check()
    }

    /// One that was off begins with three times the usual k, and with no reason to widen.
    private func change(_ policy: inout RetrievalPolicy?, _ change: (inout Widening) -> Void) {
        var widening = policy?.widening ?? Widening(k: 30, belowShare: 0)
        change(&widening)
        policy?.widening = widening
    }

    private enum Field: String, CaseIterable {
        case wideningK = "retrieval.widening.k"
        case wideningShare = "retrieval.widening.below_share"
        case wideningIntents = "retrieval.widening.fewer_intents"
        case ignoresExact = "retrieval.ignore_exact"
        case minimumFamiliarity = "retrieval.min_familiarity"
        case routeScore = "retrieval.route_score"
        case clarifyMargin = "retrieval.clarify_margin"
        case llmSkipShare = "llm.skip_share"
        case llmRouteScore = "llm.route_score"
        case llmClarifyMargin = "llm.clarify_margin"
        case llmCandidates = "llm.candidates"
        case llmExemplarsEach = "llm.exemplars_each"
        case llmLeastShare = "llm.least_share"
        case llmStopsEarly = "llm.stops_early"

        var isRetrieval: Bool { rawValue.hasPrefix("retrieval.") }
        var isClaim: Bool { self == .ignoresExact || self == .llmStopsEarly }

        private var isWhole: Bool {
            switch self {
            case .wideningK, .wideningIntents, .llmCandidates, .llmExemplarsEach: true
            default: false
            }
        }

        func value(_ written: String) throws(SwitchboardError) -> Double {
            if isClaim {
                switch written {
                case "true": return 1
                case "false": return 0
                default: throw .invalid("\(rawValue) is true or false, not '\(written)'")
                }
            }
            guard let figure = Double(written), figure.isFinite else {
                throw .invalid("\(rawValue) is a number, not '\(written)'")
            }
            // Far beyond what any of them may be.
            guard !isWhole || (figure == figure.rounded() && abs(figure) < 1e9) else {
                throw .invalid("\(rawValue) is a whole number, not '\(written)'")
            }
            return figure
        }
    }
}

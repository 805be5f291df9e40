extension Decision {
    /// Whether the language model is to be asked: never where it has nothing to choose from.
    package func asksLLM(_ mode: LLMMode, _ policy: LLMPolicy?) -> Bool {
        guard candidates.count >= 2 else { return false }
        switch mode {
        case .off: return false
        case .always: return true
        case .auto:
            // It says which intent, not whether there is one.
            guard decidedBy != .exact, outcome != .unknown, let policy else { return false }
            return candidates[0].score < policy.skipShare
        }
    }

    /// What the language model chooses from, best first: the first two in any case.
    ///
    /// - Parameters:
    ///   - limit: at most so many, at least two.
    ///   - leastShare: that the others have at least.
    package func contenders(_ limit: Int, from leastShare: Double = LLMPolicy.defaultLeastShare) -> [IntentID] {
        candidates.prefix(limit).enumerated().filter { $0.offset < 2 || $0.element.score >= leastShare }
            .map(\.element.intent)
    }

    /// The same as a policy says; nil: as where none was fitted.
    package func contenders(under policy: LLMPolicy?) -> [IntentID] {
        contenders(
            policy?.candidates ?? LLMPolicy.defaultCandidates,
            from: policy?.leastShare ?? LLMPolicy.defaultLeastShare
        )
    }
}

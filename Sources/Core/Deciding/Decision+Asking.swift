extension Decision {
    /// What nothing speaks for costs time and cannot win.
    private static var leastScore: Double { 0.001 }

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
    /// - Parameter limit: at most so many, at least two.
    package func contenders(_ limit: Int) -> [IntentID] {
        candidates.prefix(limit).enumerated().filter { $0.offset < 2 || $0.element.score >= Self.leastScore }
            .map(\.element.intent)
    }
}

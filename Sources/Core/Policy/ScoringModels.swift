/// What a policy of the language model is bound to, and a scorer has.
package struct ScoringModels: Sendable, Hashable {
    package var base: ModelID
    /// Nil: the base model alone.
    package var adapter: ModelID?
    package var prompt: ModelID

    package init(base: ModelID, adapter: ModelID?, prompt: ModelID) {
        self.base = base
        self.adapter = adapter
        self.prompt = prompt
    }
}

extension LLMPolicy {
    /// Whether it was fitted for these.
    package func holds(for models: ScoringModels) -> Bool {
        baseModel == models.base && adapter == models.adapter && prompt == models.prompt
    }
}

package import Core

/// The policy under which a question is decided, put together from what the scopes have.
package struct EffectivePolicy: Sendable, Equatable {
    package let policy: Policy
    /// The last of the records that set its parts; the start where none did.
    package let sequence: LogSequence
    /// The records of policies whose part for the language model would come before, and is for other models.
    package let ignored: [LogSequence]
}

extension ReplicaSnapshot {
    /// The policy under which a question to these verticals is decided.
    ///
    /// For one vertical its own, then that of `*`; for several or none that of `*`; then the built-in one of the log.
    /// Each part is looked up by itself and is the first in this order that is for the models: of retrieval parts for
    /// `encoder`, of those for the language model for some of `scorers`. Where there is none of the former, the one that
    /// holds while nothing was fitted.
    ///
    /// - Parameter scorers: what could be asked; empty: it is not known, and any part holds.
    package func policy(
        for verticals: [Vertical],
        encoder: ModelID?,
        scorers: [ScoringModels] = [],
    ) -> EffectivePolicy {
        var scopes: [PolicyScope] = verticals.count == 1 ? [.vertical(verticals[0])] : []
        scopes += [.everywhere, .builtin]
        let standing = scopes.compactMap { state.policies[$0] }
        let retrieval = standing.first { $0.policy.retrieval?.holds(for: encoder) == true }
        let withModel = standing.filter { $0.policy.llm != nil }
        let passedOver = withModel.prefix(while: { scoped in
            guard let part = scoped.policy.llm, !scorers.isEmpty else { return false }
            return !scorers.contains { part.holds(for: $0) }
        })
        let llm = withModel.dropFirst(passedOver.count).first
        return EffectivePolicy(
            policy: Policy(retrieval: retrieval?.policy.retrieval ?? .builtin, llm: llm?.policy.llm),
            sequence: max(retrieval?.sequence ?? .start, llm?.sequence ?? .start),
            ignored: passedOver.map(\.sequence)
        )
    }
}

internal import Foundation

extension DecisionInput {
    /// What speaks for intents beside the language model, as so much mean log-probability of its own: whoever leads by the
    /// sum of both leads the answer.
    ///
    /// - Parameter policy: that will weigh the model's word.
    /// - Returns: one figure an intent, as `CombinedEvidence` joins them; none where the policy does not stop early, or
    ///   its weights make no finite figures.
    package func headStarts(of intents: [IntentID], under policy: LLMPolicy?) -> [Double] {
        guard let policy, policy.stopsEarly, policy.llmWeight > 0 else { return [] }
        let mix = EvidenceMix(Vote(neighbours, temperature: retrievalPolicy.voteTemperature), classes)
        let logs = Dictionary(mix.entries.map { ($0.intent, $0.log) }, uniquingKeysWith: { first, _ in first })
        let floor = log(EvidenceMix.shareFloor)
        let figures = intents.map { policy.evidenceWeight * max(logs[$0] ?? floor, floor) / policy.llmWeight }
        return figures.allSatisfy(\.isFinite) ? figures : []
    }
}

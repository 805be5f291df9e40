internal import Calls
internal import Core
internal import SwitchboardClient
internal import Wire

// What the tables ask beside an evaluation's own questions.
extension EvalAsker {
    /// What the language model prefers without having seen any exemplar, and its share among all candidates.
    ///
    /// Candidates do not stand in the prompt, so asking for some of them at a time changes no score.
    /// - Parameter intents: at least one.
    func choose(_ text: UtteranceText, among intents: [IntentPath]) async throws -> (intent: IntentPath, share: Double)
    {
        var scores: [Double] = []
        for group in intents.chunks(of: ScoreRequest.maximumCandidates) {
            let request = ScoreRequest(text: text, candidates: Array(group))
            let response = try await patiently {
                try await client.gateways.call(Methods.score, request, within: settings.deadline)
            }
            guard response.logprobs.count == group.count else {
                throw SwitchboardError(
                    .internal,
                    "the scorer answered \(response.logprobs.count) figures for \(group.count) candidates"
                )
            }
            scores += response.logprobs
        }
        var best = 0
        for place in scores.indices where scores[place] > scores[best] { best = place }
        return (intents[best], Measure.softmax(scores)[best])
    }

    /// One call for the `k` nearest exemplars.
    func nearest(_ text: UtteranceText, _ k: Int) async throws -> FitSample {
        let request = RetrieveRequest(
            text: text,
            verticals: verticals,
            k: k,
            isExact: settings.isExact,
            minPosition: position,
        )
        let response = try await patiently {
            try await client.gateways.call(Methods.retrieve, request, within: settings.deadline)
        }
        return FitSample(response, gold: nil, trustsEqual: true)
    }
}

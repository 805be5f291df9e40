internal import Core
internal import SwitchboardClient

// The methods that ask the language model, which is slow, on some of the test utterances.
extension TablesRun {
    /// - Parameter places: of the test utterances that are asked.
    func languageModel(
        _ places: [Int],
        _ material: Material,
    ) async throws -> (results: [MethodResult], asking: [EvalTables.AskingFigures]) {
        guard let llm = evaluation.policy.llm else { return ([], []) }
        let utterances = places.map { data.test[$0] }
        let total = 2 * utterances.count
        let without = try await withoutRetrieval(utterances, material) {
            progress(EvalProgress(.scoring, done: $0, of: total))
        }
        let asker = asker(material.position)
        let samples = try await asker.scoreAll(
            EvalRun.questions(utterances, outOfScope: []),
            under: material.policy
        ) {
            progress(EvalProgress(.scoring, done: utterances.count + $0, of: total))
        }
        var results = Self.withRetrieval(samples, material.policy, llm)
        let exemplars = material.baselines.texts.exemplars.count
        for place in results.indices { results[place].known = exemplars }
        // In the order of `withRetrieval`; the first asks the same questions as the last.
        results[1].medianMs = try await classifyTime(.auto, material)
        results[2].medianMs = try await classifyTime(.always, material)
        return ([without] + results, Self.asking(samples, material.policy, llm))
    }

    /// By the model's scores alone; where the policy says so; always.
    static func withRetrieval(
        _ samples: [FitSample],
        _ policy: RetrievalPolicy,
        _ llm: LLMPolicy,
    ) -> [MethodResult] {
        func answers(_ decide: (FitSample) -> Decision) -> [EvalAnswer] {
            samples.map { EvalAnswer(decide($0), on: $0, under: policy) }
        }
        return [
            MethodResult(
                method: "llm-with-retrieval",
                answers: samples.map { EvalAnswer(scoresAloneOn: $0, under: policy) }
            ),
            MethodResult(
                method: "retrieval-llm-auto",
                answers: answers { sample in
                    let decision = sample.decision(under: policy)
                    return decision.asksLLM(.auto, llm) ? sample.decision(under: policy, llm: llm) : decision
                }
            ),
            MethodResult(
                method: "retrieval-llm-always",
                answers: answers { $0.decision(under: policy, llm: llm) }
            ),
        ]
    }

    /// The model without any exemplar: all known intents of the utterance's vertical are its candidates.
    private func withoutRetrieval(
        _ utterances: [EvalUtterance],
        _ material: Material,
        onDone: (Int) -> Void,
    ) async throws -> MethodResult {
        let intents = paths(material)
        let asker = asker(material.position)
        let answers = try await inFlight(settings.llmCallsInFlight, utterances) { utterance -> EvalAnswer in
            let vertical = utterance.gold.vertical
            let candidates = intents[vertical] ?? []
            var choice: (intent: IntentPath, share: Double)?
            if !candidates.isEmpty { choice = try await asker.choose(utterance.text, among: candidates) }
            return EvalAnswer(
                gold: utterance.gold,
                outcome: .route,
                leader: choice.map { NamedIntent(vertical: vertical, path: $0.intent) },
                vote: choice?.share ?? 0,
                probability: nil,
                familiarity: choice?.share ?? 0,
                retrieved: [],
                decidedBy: .llm,
            )
        } onDone: {
            onDone($0)
        }
        return MethodResult(
            method: "llm-without-retrieval",
            answers: answers,
            medianMs: try await choiceTime(intents, material),
        )
    }

    /// The known intents of each vertical, in alphabetical order.
    private func paths(_ material: Material) -> [Vertical: [IntentPath]] {
        Dictionary(grouping: Set(material.baselines.texts.exemplars.map(\.gold)), by: \.vertical)
            .mapValues { $0.map(\.path).sorted() }
    }
}

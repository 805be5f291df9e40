internal import Calls
internal import Core
internal import Models
internal import Routing
internal import SwitchboardClient
internal import Wire

/// Utterances that a node asks its language model about, each with the tokens of its prompt.
struct AskedPrompts: Sendable {
    private(set) var texts: [UtteranceText] = []
    private(set) var tokens: [Int] = []

    /// The mean, as whole tokens.
    var meanTokens: Int { Int((Double(tokens.reduce(0, +)) / Double(max(tokens.count, 1))).rounded()) }

    /// Asks the node what it retrieves for each text, and makes of it the prompt that a gateway asks for with ALWAYS; what
    /// an equal exemplar decides, or has one candidate alone, is left out.
    ///
    /// - Parameter model: the node's, whose tokens are counted.
    /// - Throws: `.failedPrecondition` where nothing is left.
    init(_ questions: [UtteranceText], asking client: SwitchboardClient, of model: ScorerModel) async throws {
        let inputs = try await inFlight(8, questions) { text in
            let request = RetrieveRequest(text: text, llm: .always)
            let response = try await patiently { try await client.gateway.call(Methods.retrieve, request) }
            return Self.input(text, response)
        }
        let asked = inputs.compactMap(\.self)
        guard !asked.isEmpty else {
            throw SwitchboardError(.failedPrecondition, "there is no utterance that the language model is asked about")
        }
        texts = asked.map(\.text)
        tokens = try await WorkThread("bench-prompts").run {
            let context = try ScorerContext(model: model)
            return try asked.map { try context.tokens(of: $0).prompt.count }
        }
    }

    /// Nil where nobody asks.
    private static func input(_ text: UtteranceText, _ retrieved: RetrieveResponse) -> ScoringInput? {
        let input = DecisionInput(
            neighbours: retrieved.neighbours,
            equal: retrieved.equal,
            intents: Dictionary(retrieved.intents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            retrievalPolicy: retrieved.policy?.retrieval(for: retrieved.encoder) ?? .builtin,
            classes: retrieved.classes,
        )
        let decision = Decision(input)
        guard decision.asksLLM(.always, retrieved.policy?.llm) else { return nil }
        let contenders = decision.contenders(under: retrieved.policy?.llm)
        let question = ScoringQuestion(contenders, shown: retrieved.shown, input.intents)
        let pairs = question.pairs.compactMap { pair in
            (try? UtteranceText(pair.query)).map { ScoringInput.Pair(query: $0, intent: pair.intent) }
        }
        return ScoringInput(text: text, pairs: pairs, candidates: question.candidates.map(\.path))
    }
}

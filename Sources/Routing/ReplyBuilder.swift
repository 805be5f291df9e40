internal import Core
internal import Wire

/// Puts a decision into the words of the contract.
struct ReplyBuilder {
    let request: ClassifyRequest
    let retrieved: RetrieveResponse
    let input: DecisionInput
    let scored: ScoreResponse?

    func reply(_ decision: Decision, total: Duration) -> ClassifyResponse {
        let intents = input.intents
        let answer = decision.intent.flatMap { intents[$0] }
        let leader = decision.candidates.first.flatMap { intents[$0.intent] }
        return ClassifyResponse(
            replyID: .random(),
            text: request.text.value,
            outcome: decision.outcome,
            vertical: (answer ?? leader)?.vertical,
            intent: answer?.path,
            intentID: answer?.id,
            probability: decision.probability,
            score: decision.score,
            levels: levels(to: leader, decision.candidates),
            candidates: decision.candidates.compactMap { candidate(for: $0) },
            evidence: evidence(),
            decidedBy: decision.decidedBy,
            requestID: request.requestID,
            attributes: answer?.attributes ?? [:],
            phrase: answer?.phrase,
            position: retrieved.position,
            policySequence: retrieved.policySequence,
            isTruncated: retrieved.isTruncated || (scored?.isTruncated ?? false),
            timings: Timings(
                queue: retrieved.queue + (scored?.queue ?? .zero),
                encode: retrieved.encode,
                search: retrieved.search,
                score: scored?.score ?? .zero,
                total: total,
            ),
            verticals: retrieved.verticals,
            familiarity: input.familiarity,
        )
    }

    private func candidate(for candidate: Decision.Candidate) -> Candidate? {
        guard let intent = input.intents[candidate.intent] else { return nil }
        return Candidate(
            vertical: intent.vertical,
            intent: intent.path,
            intentID: intent.id,
            probability: candidate.probability,
            vote: candidate.vote,
            classScore: candidate.classScore,
            llmLogprob: candidate.llmLogProbability,
            score: candidate.score,
        )
    }

    /// The nodes on the way to the leader, each with the share of all candidates at or below it.
    private func levels(to leader: Intent?, _ candidates: [Decision.Candidate]) -> [Level] {
        guard let leader else { return [] }
        return leader.path.lineage.map { node in
            let share = candidates.reduce(0.0) { sum, candidate in
                guard let intent = input.intents[candidate.intent], intent.vertical == leader.vertical,
                    intent.path.isWithin(node)
                else { return sum }
                return sum + candidate.sureness
            }
            return Level(path: node, probability: min(1, share))
        }
    }

    private func evidence() -> [Evidence] {
        retrieved.neighbours.prefix(request.evidence).compactMap { neighbour in
            input.intents[neighbour.intent].map {
                Evidence(
                    vertical: $0.vertical,
                    query: neighbour.text,
                    intent: $0.path,
                    similarity: neighbour.similarity
                )
            }
        }
    }
}

internal import Core
package import Wire

extension Classification {
    package init(_ response: ClassifyResponse) {
        self.init(
            replyID: response.replyID.description,
            text: response.text,
            outcome: Outcome(response.outcome),
            vertical: response.vertical?.name,
            intent: response.intent?.description,
            intentID: response.intentID?.number,
            probability: response.probability,
            score: response.score,
            familiarity: response.familiarity,
            levels: response.levels.map { Level(path: $0.path.description, probability: $0.probability) },
            candidates: response.candidates.map(Candidate.init),
            evidence: response.evidence.map(Evidence.init),
            decidedBy: DecidedBy(response.decidedBy),
            requestID: response.requestID.isEmpty ? nil : String(decoding: response.requestID, as: UTF8.self),
            attributes: response.attributes,
            phrase: response.phrase,
            logID: response.position.log.description,
            seq: response.position.sequence.number,
            policySeq: response.policySequence?.number,
            truncated: response.isTruncated,
            timingsMs: Timings(response.timings),
        )
    }
}

extension Classification.Outcome {
    init(_ outcome: Outcome) {
        switch outcome {
        case .route: self = .route
        case .clarify: self = .clarify
        case .unknown: self = .unknown
        }
    }
}

extension Classification.DecidedBy {
    init(_ decidedBy: DecidedBy) {
        switch decidedBy {
        case .exact: self = .exact
        case .retrieval: self = .retrieval
        case .llm: self = .llm
        case .degraded: self = .degraded
        }
    }
}

extension Classification.Candidate {
    init(_ candidate: Candidate) {
        self.init(
            vertical: candidate.vertical.name,
            intent: candidate.intent.description,
            intentID: candidate.intentID.number,
            probability: candidate.probability,
            vote: candidate.vote,
            classScore: candidate.classScore,
            llmLogprob: candidate.llmLogprob,
        )
    }
}

extension Classification.Evidence {
    init(_ evidence: Evidence) {
        self.init(
            vertical: evidence.vertical.name,
            query: evidence.query,
            intent: evidence.intent.description,
            similarity: evidence.similarity,
        )
    }
}

extension Classification.Timings {
    init(_ timings: Timings) {
        self.init(
            queue: timings.queue.roundedMilliseconds,
            encode: timings.encode.roundedMilliseconds,
            search: timings.search.roundedMilliseconds,
            score: timings.score.roundedMilliseconds,
            total: timings.total.roundedMilliseconds,
        )
    }
}

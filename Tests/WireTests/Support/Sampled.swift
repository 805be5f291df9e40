import Core

@testable import Wire

/// A message of which valid values can be drawn.
protocol Sampled: WireMessage, Coded, Equatable {
    static func sample(_ generator: inout SeededGenerator) -> Self
}

extension Header: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> Header {
        Header(
            kind: generator.element(of: FrameKind.self),
            callID: generator.word(),
            method: generator.prose(),
            timeLeft: generator.optional { $0.positiveDuration() },
            grant: generator.number(0...Int(UInt32.max)),
            byteLimit: generator.number(0...Int.max),
            status: generator.optional { $0.status() },
            metadata: generator.list { Metadata(key: $0.prose(), value: $0.bytes(0...20)) }
        )
    }
}

extension ClassifyRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ClassifyRequest {
        ClassifyRequest(
            text: generator.utterance(),
            verticals: generator.list { $0.vertical() },
            llm: generator.optional { $0.element(of: LLMMode.self) },
            requestID: generator.bytes(0...64),
            conversationID: generator.bytes(0...30),
            origin: generator.bytes(0...256),
            turns: generator.list { $0.turn() },
            isPartial: generator.chance(),
            doNotStore: generator.chance(),
            within: generator.list { $0.path() },
            evidence: generator.number(0...1_000),
            isExact: generator.chance(),
            minPosition: generator.optional { $0.position() },
            exclude: generator.list(atMost: 40) { $0.exemplar() }
        )
    }
}

extension ClassifyResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ClassifyResponse {
        ClassifyResponse(
            replyID: generator.bits(),
            text: generator.prose(),
            outcome: generator.element(of: Outcome.self),
            vertical: generator.optional { $0.vertical() },
            intent: generator.optional { $0.path() },
            intentID: generator.optional { $0.intentID() },
            probability: generator.optional { $0.double() },
            score: generator.double(),
            levels: generator.list { Level(path: $0.path(), probability: $0.double()) },
            candidates: generator.list(atMost: 12) { $0.candidate() },
            evidence: generator.list {
                Evidence(vertical: $0.vertical(), query: $0.prose(), intent: $0.path(), similarity: $0.double())
            },
            decidedBy: generator.element(of: DecidedBy.self),
            requestID: generator.bytes(0...64),
            attributes: generator.attributes(),
            phrase: generator.optional { $0.nonemptyProse() },
            position: generator.position(),
            policySequence: generator.optional { $0.policySequence() },
            isTruncated: generator.chance(),
            timings: Timings(
                queue: generator.duration(),
                encode: generator.duration(),
                search: generator.duration(),
                score: generator.duration(),
                total: generator.duration()
            ),
            verticals: generator.list { $0.vertical() },
            familiarity: generator.optional { $0.double() }
        )
    }
}

extension Feedback: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> Feedback {
        let verdict: Verdict =
            switch generator.number(0...2) {
            case 0: .confirmed
            case 1: .corrected(generator.path())
            default: .rejected
            }
        return Feedback(
            replyID: generator.bits(),
            text: generator.utterance(),
            vertical: generator.vertical(),
            answeredIntent: generator.optional { $0.path() },
            verdict: verdict,
            source: generator.element(of: FeedbackSource.self),
            conversationID: generator.bytes(0...30),
            outcome: generator.optional { $0.element(of: Outcome.self) },
            probability: generator.optional { Double.random(in: 0...1, using: &$0) },
            decidedBy: generator.optional { $0.element(of: DecidedBy.self) },
            position: generator.optional { $0.position() },
            origin: generator.bytes(0...30)
        )
    }
}

extension FeedbackResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> FeedbackResponse {
        FeedbackResponse(hasReplaced: generator.chance(), learnt: generator.optional { $0.position() })
    }
}

extension IntentsRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> IntentsRequest {
        IntentsRequest(verticals: generator.list { $0.vertical() }, thenChanges: generator.chance())
    }
}

extension IntentsResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> IntentsResponse {
        IntentsResponse(
            intents: generator.list(atMost: 10) { $0.intent() },
            position: generator.position(),
            isComplete: generator.chance()
        )
    }
}

extension SeededGenerator {
    mutating func status() -> Status {
        Status(
            code: element(of: StatusCode.self),
            message: prose(),
            retryAfter: optional { $0.positiveDuration() }
        )
    }

    fileprivate mutating func candidate() -> Candidate {
        Candidate(
            vertical: vertical(),
            intent: path(),
            intentID: intentID(),
            probability: optional { $0.double() },
            vote: double(),
            classScore: optional { $0.double() },
            llmLogprob: optional { $0.double() },
            score: double()
        )
    }
}

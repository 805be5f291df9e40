import Core

@testable import Wire

extension EncodeRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> EncodeRequest {
        EncodeRequest(
            texts: generator.list(atMost: 20) { $0.utterance() },
            priority: generator.element(of: Priority.self),
            encoder: generator.optional { $0.model() }
        )
    }
}

extension EncodeResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> EncodeResponse {
        let vectors = generator.list { $0.vector() }
        return EncodeResponse(
            encoder: generator.model(),
            vectors: vectors,
            truncated: vectors.map { _ in generator.chance() }
        )
    }
}

extension RetrieveRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> RetrieveRequest {
        let vector = generator.chance() ? generator.vector() : []
        return RetrieveRequest(
            text: vector.isEmpty || generator.chance() ? generator.utterance() : nil,
            vector: vector,
            encoder: vector.isEmpty ? generator.optional { $0.model() } : generator.model(),
            verticals: generator.list { $0.vertical() },
            k: generator.optional { $0.number(1...1_000) },
            within: generator.list { $0.path() },
            exclude: generator.list { $0.exemplar() },
            isExact: generator.chance(),
            minPosition: generator.optional { $0.position() },
            priority: generator.element(of: Priority.self),
            llm: generator.optional { $0.element(of: LLMMode.self) },
            candidates: generator.optional { $0.number(1...10) },
            exemplarsEach: generator.optional { $0.number(1...32) },
            classFigures: generator.optional { $0.number(1...1_000) },
            scorers: generator.list { generator in
                ScoringModels(
                    base: generator.model(),
                    adapter: generator.optional { $0.model() },
                    prompt: generator.model()
                )
            }
        )
    }
}

extension RetrieveResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> RetrieveResponse {
        RetrieveResponse(
            neighbours: generator.list(atMost: 12) { $0.neighbour() },
            equal: generator.list(atMost: 2) { $0.neighbour() },
            intents: generator.list(atMost: 12) { $0.intent() },
            policy: generator.optional { $0.policy() },
            policySequence: generator.optional { $0.policySequence() },
            position: generator.position(),
            isTruncated: generator.chance(),
            verticals: generator.list { $0.vertical() },
            queue: generator.duration(),
            encode: generator.duration(),
            search: generator.duration(),
            encoder: generator.optional { $0.model() },
            classes: generator.optional { $0.classEvidence() },
            shown: generator.list(atMost: 12) { $0.neighbour() },
            ignoredPolicies: generator.list { LogSequence(UInt64($0.number(1...1_000))) },
            isShortened: generator.chance()
        )
    }
}

extension ScoreRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ScoreRequest {
        var request = ScoreRequest(
            text: generator.utterance(),
            turns: generator.list { $0.turn() },
            pairs: generator.list(atMost: 12) { Pair(query: $0.utterance().value, intent: $0.path()) },
            candidates: [generator.path()] + generator.list(atMost: 20) { $0.path() },
            priority: generator.element(of: Priority.self)
        )
        if generator.chance() { request.headStarts = request.candidates.map { _ in generator.double() } }
        return request
    }
}

extension ScoreResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> ScoreResponse {
        ScoreResponse(
            logprobs: generator.list(atMost: 20) { $0.double() },
            promptTokens: generator.number(0...8_192),
            isTruncated: generator.chance(),
            baseModel: generator.model(),
            adapter: generator.optional { $0.model() },
            prompt: generator.model(),
            queue: generator.duration(),
            score: generator.duration()
        )
    }
}

extension JudgeRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> JudgeRequest {
        JudgeRequest(utterances: [generator.utterance()] + generator.list(atMost: 20) { $0.utterance() })
    }
}

extension JudgeResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> JudgeResponse {
        JudgeResponse(good: Double(generator.number(0...1_000)) / 1_000, effort: generator.effort())
    }
}

extension NameRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> NameRequest {
        NameRequest(
            utterances: [generator.utterance()] + generator.list(atMost: 20) { $0.utterance() },
            taken: generator.list { $0.prose() },
            words: ["parcel"] + generator.list { "word\($0.number(0...1_000))" },
            role: generator.optional { $0.element(of: Role.self) }
        )
    }
}

extension NameResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> NameResponse {
        NameResponse(label: generator.prose(), effort: generator.effort())
    }
}

extension SeededGenerator {
    fileprivate mutating func effort() -> AnswerEffort {
        AnswerEffort(
            tokens: number(0...8_192),
            models: ScoringModels(base: model(), adapter: optional { $0.model() }, prompt: model()),
            queue: duration(),
            work: duration()
        )
    }
}

extension WorkerMessage: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> WorkerMessage {
        switch generator.number(0...5) {
        case 0:
            .hello(
                WorkerHello(
                    name: generator.prose(),
                    services: generator.list { $0.prose() },
                    encoder: generator.optional { $0.model() },
                    baseModel: generator.optional { $0.model() },
                    adapter: generator.optional { $0.model() },
                    prompt: generator.optional { $0.model() },
                    heartbeat: generator.optional { $0.positiveDuration() }
                )
            )
        case 1: .credit(WorkerCredit(service: generator.prose(), calls: generator.number(0...1_000)))
        case 2:
            .applied(
                WorkerApplied(position: generator.optional { $0.position() }, isUpdaterSilent: generator.chance())
            )
        case 3: .heartbeat
        case 4: .leaving
        default:
            .result(
                WorkerResult(callID: generator.word(), status: generator.status(), payload: generator.bytes(0...900))
            )
        }
    }
}

extension GatewayMessage: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> GatewayMessage {
        switch generator.number(0...3) {
        case 0:
            .welcome(
                GatewayWelcome(
                    name: generator.prose(),
                    heartbeat: generator.optional { $0.positiveDuration() }
                )
            )
        case 1:
            .call(
                WorkerCall(
                    callID: generator.word(),
                    method: generator.prose(),
                    timeLeft: generator.positiveDuration(),
                    payload: generator.bytes(0...900)
                )
            )
        case 2: .heartbeat
        default: .cancel(WorkerCancel(callID: generator.word()))
        }
    }
}

extension HealthRequest: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> HealthRequest {
        HealthRequest(service: generator.prose())
    }
}

extension HealthResponse: Sampled {
    static func sample(_ generator: inout SeededGenerator) -> HealthResponse {
        HealthResponse(status: generator.element(of: ServingStatus.self), reason: generator.prose())
    }
}

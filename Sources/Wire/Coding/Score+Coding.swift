internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension ScoreRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.ScoreRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ScoreRequest>) {
        switchboard__v1__score_request__init(message)
    }

    init(_ message: Switchboard__V1__ScoreRequest) throws(FieldError) {
        self.init(
            text: try message.text.utterance("text"),
            turns: try Read.messages(message.turns, message.n_turns, "turns", atMost: Limits.maximumItems),
            pairs: try Read.messages(message.pairs, message.n_pairs, "pairs", atMost: Limits.maximumItems),
            candidates: try Read.paths(
                message.candidates,
                message.n_candidates,
                "candidates",
                atMost: Self.maximumCandidates
            ),
            priority: try Priority.optional(message.priority, "priority") ?? .live,
            headStarts: try Read.list(
                message.head_starts,
                message.n_head_starts,
                "head_starts",
                atMost: Self.maximumCandidates
            ) { figure throws(FieldError) in try Read.finite(figure, "") }
        )
        guard !candidates.isEmpty else {
            throw FieldError("candidates", "1 to \(Self.maximumCandidates) candidates are needed")
        }
        guard headStarts.isEmpty || headStarts.count == candidates.count else {
            throw FieldError("head_starts", "there are \(headStarts.count) for \(candidates.count) candidates")
        }
    }

    func fill(_ message: inout Switchboard__V1__ScoreRequest, _ arena: inout Arena) {
        message.text = arena.data(text.value)
        message.n_turns = turns.count
        message.turns = arena.messages(of: turns)
        message.n_pairs = pairs.count
        message.pairs = arena.messages(of: pairs)
        message.n_candidates = candidates.count
        message.candidates = arena.datas(candidates)
        message.priority = priority.number
        message.n_head_starts = headStarts.count
        message.head_starts = arena.numbers(headStarts)
    }
}

extension Pair: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Pair>) {
        switchboard__v1__pair__init(message)
    }

    init(_ message: Switchboard__V1__Pair) throws(FieldError) {
        self.init(query: try message.query.utterance("query").value, intent: try message.intent.path("intent"))
    }

    func fill(_ message: inout Switchboard__V1__Pair, _ arena: inout Arena) {
        message.query = arena.data(query)
        message.intent = arena.data(intent.description)
    }
}

extension ScoreResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.ScoreResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ScoreResponse>) {
        switchboard__v1__score_response__init(message)
    }

    init(_ message: Switchboard__V1__ScoreResponse) throws(FieldError) {
        self.init(
            logprobs: try Read.list(
                message.logprobs,
                message.n_logprobs,
                "logprobs",
                atMost: ScoreRequest.maximumCandidates
            ) { logprob throws(FieldError) in try Read.finite(logprob, "") },
            promptTokens: Int(message.prompt_tokens),
            isTruncated: message.truncated != 0,
            baseModel: try message.base_model_id.model("base_model_id"),
            adapter: try message.adapter_id.optionalModel("adapter_id"),
            prompt: try message.prompt_id.model("prompt_id"),
            queue: Read.duration(message.queue_us),
            score: Read.duration(message.score_us)
        )
    }

    func fill(_ message: inout Switchboard__V1__ScoreResponse, _ arena: inout Arena) {
        message.n_logprobs = logprobs.count
        message.logprobs = arena.numbers(logprobs)
        message.prompt_tokens = UInt32(clamping: promptTokens)
        message.truncated = boolean(isTruncated)
        message.base_model_id = arena.data(baseModel.bytes)
        if let adapter { message.adapter_id = arena.data(adapter.bytes) }
        message.prompt_id = arena.data(prompt.bytes)
        message.queue_us = microseconds(queue)
        message.score_us = microseconds(score)
    }
}

internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension JudgeRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.JudgeRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__JudgeRequest>) {
        switchboard__v1__judge_request__init(message)
    }

    init(_ message: Switchboard__V1__JudgeRequest) throws(FieldError) {
        self.init(utterances: try Read.cluster(message.utterances, message.n_utterances))
    }

    func fill(_ message: inout Switchboard__V1__JudgeRequest, _ arena: inout Arena) {
        message.n_utterances = utterances.count
        message.utterances = arena.datas(utterances)
    }
}

extension JudgeResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.JudgeResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__JudgeResponse>) {
        switchboard__v1__judge_response__init(message)
    }

    init(_ message: Switchboard__V1__JudgeResponse) throws(FieldError) {
        self.init(
            good: try Read.share(message.good, "good"),
            effort: AnswerEffort(
                tokens: Int(message.tokens),
                models: try Read.models(message.base_model_id, message.adapter_id, message.prompt_id),
                queue: Read.duration(message.queue_us),
                work: Read.duration(message.judge_us)
            )
        )
    }

    func fill(_ message: inout Switchboard__V1__JudgeResponse, _ arena: inout Arena) {
        message.good = good
        message.tokens = UInt32(clamping: effort.tokens)
        message.base_model_id = arena.data(effort.models.base.bytes)
        if let adapter = effort.models.adapter { message.adapter_id = arena.data(adapter.bytes) }
        message.prompt_id = arena.data(effort.models.prompt.bytes)
        message.queue_us = microseconds(effort.queue)
        message.judge_us = microseconds(effort.work)
    }
}

extension NameRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.NameRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__NameRequest>) {
        switchboard__v1__name_request__init(message)
    }

    init(_ message: Switchboard__V1__NameRequest) throws(FieldError) {
        self.init(
            utterances: try Read.cluster(message.utterances, message.n_utterances),
            taken: try Read.list(message.taken, message.n_taken, "taken", atMost: Self.maximumTaken) {
                data throws(FieldError) in try data.prose("")
            },
            words: try Read.list(message.words, message.n_words, "words", atMost: Self.maximumWords) {
                data throws(FieldError) in try data.prose("", atMost: Self.maximumWordBytes)
            },
            role: try Role.optional(message.role, "role")
        )
        guard !words.isEmpty else { throw FieldError("words", "1 to \(Self.maximumWords) words are needed") }
    }

    func fill(_ message: inout Switchboard__V1__NameRequest, _ arena: inout Arena) {
        message.n_utterances = utterances.count
        message.utterances = arena.datas(utterances)
        message.n_taken = taken.count
        message.taken = arena.datas(taken)
        message.n_words = words.count
        message.words = arena.datas(words)
        message.role = Role.number(of: role)
    }
}

extension NameResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.NameResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__NameResponse>) {
        switchboard__v1__name_response__init(message)
    }

    init(_ message: Switchboard__V1__NameResponse) throws(FieldError) {
        self.init(
            label: try message.name.prose("name"),
            effort: AnswerEffort(
                tokens: Int(message.tokens),
                models: try Read.models(message.base_model_id, message.adapter_id, message.prompt_id),
                queue: Read.duration(message.queue_us),
                work: Read.duration(message.name_us)
            )
        )
    }

    func fill(_ message: inout Switchboard__V1__NameResponse, _ arena: inout Arena) {
        message.name = arena.data(label)
        message.tokens = UInt32(clamping: effort.tokens)
        message.base_model_id = arena.data(effort.models.base.bytes)
        if let adapter = effort.models.adapter { message.adapter_id = arena.data(adapter.bytes) }
        message.prompt_id = arena.data(effort.models.prompt.bytes)
        message.queue_us = microseconds(effort.queue)
        message.name_us = microseconds(effort.work)
    }
}

extension Read {
    /// The utterances of a cluster that the language model is asked about.
    fileprivate static func cluster(
        _ start: UnsafeMutablePointer<ProtobufCBinaryData>?,
        _ count: Int,
    ) throws(FieldError) -> [UtteranceText] {
        guard count > 0 else {
            throw FieldError("utterances", "1 to \(JudgeRequest.maximumUtterances) utterances are needed")
        }
        return try list(start, count, "utterances", atMost: JudgeRequest.maximumUtterances) {
            data throws(FieldError) in try data.utterance("")
        }
    }

    fileprivate static func models(
        _ base: ProtobufCBinaryData,
        _ adapter: ProtobufCBinaryData,
        _ prompt: ProtobufCBinaryData,
    ) throws(FieldError) -> ScoringModels {
        ScoringModels(
            base: try base.model("base_model_id"),
            adapter: try adapter.optionalModel("adapter_id"),
            prompt: try prompt.model("prompt_id")
        )
    }
}

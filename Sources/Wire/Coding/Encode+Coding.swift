internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension EncodeRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.EncodeRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__EncodeRequest>) {
        switchboard__v1__encode_request__init(message)
    }

    init(_ message: Switchboard__V1__EncodeRequest) throws(FieldError) {
        self.init(
            texts: try Read.list(message.texts, message.n_texts, "texts", atMost: Self.maximumTexts) {
                data throws(FieldError) in try data.utterance("")
            },
            priority: try Priority.optional(message.priority, "priority") ?? .live,
            encoder: try message.encoder_id.optionalModel("encoder_id")
        )
    }

    func fill(_ message: inout Switchboard__V1__EncodeRequest, _ arena: inout Arena) {
        message.n_texts = texts.count
        message.texts = arena.datas(texts)
        message.priority = priority.number
        if let encoder { message.encoder_id = arena.data(encoder.bytes) }
    }
}

extension EncodeResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.EncodeResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__EncodeResponse>) {
        switchboard__v1__encode_response__init(message)
    }

    init(_ message: Switchboard__V1__EncodeResponse) throws(FieldError) {
        self.init(
            encoder: try message.encoder_id.model("encoder_id"),
            vectors: try Read.messages(
                message.vectors,
                message.n_vectors,
                "vectors",
                atMost: EncodeRequest.maximumTexts
            ).map(\Vector.values),
            truncated: try Read.list(
                message.truncated,
                message.n_truncated,
                "truncated",
                atMost: EncodeRequest.maximumTexts
            ) { flag throws(FieldError) in flag != 0 }
        )
        guard truncated.count == vectors.count else {
            throw FieldError("truncated", "it has \(truncated.count) elements for \(vectors.count) vectors")
        }
    }

    func fill(_ message: inout Switchboard__V1__EncodeResponse, _ arena: inout Arena) {
        message.encoder_id = arena.data(encoder.bytes)
        message.n_vectors = vectors.count
        message.vectors = arena.messages(of: vectors.map(Vector.init(values:)))
        message.n_truncated = truncated.count
        message.truncated = arena.numbers(truncated.map(boolean))
    }
}

/// One vector of a list; a message of its own, as protobuf has no lists of lists.
struct Vector {
    let values: [Float]

    init(values: [Float]) {
        self.values = values
    }
}

extension Vector: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Vector>) {
        switchboard__v1__vector__init(message)
    }

    init(_ message: Switchboard__V1__Vector) throws(FieldError) {
        self.init(values: try Read.vector(message.values, message.n_values, "values"))
    }

    func fill(_ message: inout Switchboard__V1__Vector, _ arena: inout Arena) {
        message.n_values = values.count
        message.values = arena.numbers(values)
    }
}

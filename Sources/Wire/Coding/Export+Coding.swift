internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension ExportRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.ExportRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ExportRequest>) {
        switchboard__v1__export_request__init(message)
    }

    init(_ message: Switchboard__V1__ExportRequest) throws(FieldError) {
        self.init(
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            withVectors: message.vectors != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__ExportRequest, _ arena: inout Arena) {
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.vectors = boolean(withVectors)
    }
}

extension ExportedExemplar: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ExportedExemplar>) {
        switchboard__v1__exported_exemplar__init(message)
    }

    init(_ message: Switchboard__V1__ExportedExemplar) throws(FieldError) {
        self.init(
            exemplarID: ExemplarID(try message.exemplar_id.bits("exemplar_id")),
            vertical: try message.vertical.vertical("vertical"),
            text: try message.text.utterance("text"),
            intent: try message.intent.path("intent"),
            origin: try message.origin.opaque("origin"),
            vector: try Read.vector(message.vector, message.n_vector, "vector"),
            sequence: LogSequence(message.seq)
        )
    }

    func fill(_ message: inout Switchboard__V1__ExportedExemplar, _ arena: inout Arena) {
        message.exemplar_id = arena.data(exemplarID.bits)
        message.vertical = arena.characters(vertical.name)
        message.text = arena.data(text.value)
        message.intent = arena.data(intent.description)
        message.origin = arena.data(origin)
        message.n_vector = vector.count
        message.vector = arena.numbers(vector)
        message.seq = sequence.number
    }
}

extension ExportResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.ExportResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ExportResponse>) {
        switchboard__v1__export_response__init(message)
    }

    init(_ message: Switchboard__V1__ExportResponse) throws(FieldError) {
        self.init(
            exemplars: try Read.messages(message.exemplars, message.n_exemplars, "exemplars"),
            position: try Read.needed(message.position, "position")
        )
    }

    func fill(_ message: inout Switchboard__V1__ExportResponse, _ arena: inout Arena) {
        message.n_exemplars = exemplars.count
        message.exemplars = arena.messages(of: exemplars)
        message.position = arena.message(of: position)
    }
}

internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension HealthRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.HealthRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__HealthRequest>) {
        switchboard__v1__health_request__init(message)
    }

    init(_ message: Switchboard__V1__HealthRequest) throws(FieldError) {
        self.init(service: try message.service.string("service"))
    }

    func fill(_ message: inout Switchboard__V1__HealthRequest, _ arena: inout Arena) {
        message.service = arena.characters(service)
    }
}

extension HealthResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.HealthResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__HealthResponse>) {
        switchboard__v1__health_response__init(message)
    }

    init(_ message: Switchboard__V1__HealthResponse) throws(FieldError) {
        self.init(status: try ServingStatus(message.status, "status"), reason: message.reason.mended)
    }

    func fill(_ message: inout Switchboard__V1__HealthResponse, _ arena: inout Arena) {
        message.status = status.number
        message.reason = arena.data(reason)
    }
}

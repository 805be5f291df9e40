internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension GatewayMessage: WireMessage, Coded {
    package static let name = "switchboard.v1.GatewayMessage"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__GatewayMessage>) {
        switchboard__v1__gateway_message__init(message)
    }

    init(_ message: Switchboard__V1__GatewayMessage) throws(FieldError) {
        switch message.kind_case {
        case SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_WELCOME:
            self = .welcome(try Read.needed(message.welcome, "welcome"))
        case SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_CALL: self = .call(try Read.needed(message.call, "call"))
        case SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_CANCEL: self = .cancel(try Read.needed(message.cancel, "cancel"))
        case SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_HEARTBEAT: self = .heartbeat
        default: throw FieldError("kind", "none of the kinds that are accepted is set")
        }
    }

    func fill(_ message: inout Switchboard__V1__GatewayMessage, _ arena: inout Arena) {
        switch self {
        case .welcome(let welcome):
            message.kind_case = SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_WELCOME
            message.welcome = arena.message(of: welcome)
        case .call(let call):
            message.kind_case = SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_CALL
            message.call = arena.message(of: call)
        case .cancel(let cancel):
            message.kind_case = SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_CANCEL
            message.cancel = arena.message(of: cancel)
        case .heartbeat:
            message.kind_case = SWITCHBOARD__V1__GATEWAY_MESSAGE__KIND_HEARTBEAT
            message.heartbeat = arena.message(of: GatewayHeartbeat())
        }
    }
}

extension GatewayWelcome: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__GatewayWelcome>) {
        switchboard__v1__gateway_welcome__init(message)
    }

    init(_ message: Switchboard__V1__GatewayWelcome) throws(FieldError) {
        self.init(name: try message.name.string("name"), heartbeat: Read.optionalDuration(message.heartbeat_us))
    }

    func fill(_ message: inout Switchboard__V1__GatewayWelcome, _ arena: inout Arena) {
        message.name = arena.characters(name)
        message.heartbeat_us = microseconds(said: heartbeat)
    }
}

extension WorkerCall: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerCall>) {
        switchboard__v1__worker_call__init(message)
    }

    init(_ message: Switchboard__V1__WorkerCall) throws(FieldError) {
        self.init(
            callID: message.call_id,
            method: try message.method.string("method"),
            timeLeft: Read.duration(message.time_left_us),
            payload: message.payload.payload
        )
    }

    func fill(_ message: inout Switchboard__V1__WorkerCall, _ arena: inout Arena) {
        message.call_id = callID
        message.method = arena.characters(method)
        message.time_left_us = microseconds(said: timeLeft)
        message.payload = arena.data(payload)
    }
}

extension WorkerCancel: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerCancel>) {
        switchboard__v1__worker_cancel__init(message)
    }

    init(_ message: Switchboard__V1__WorkerCancel) throws(FieldError) {
        self.init(callID: message.call_id)
    }

    func fill(_ message: inout Switchboard__V1__WorkerCancel, _ arena: inout Arena) {
        message.call_id = callID
    }
}

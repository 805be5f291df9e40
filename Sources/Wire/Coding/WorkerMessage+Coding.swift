internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension WorkerMessage: WireMessage, Coded {
    package static let name = "switchboard.v1.WorkerMessage"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerMessage>) {
        switchboard__v1__worker_message__init(message)
    }

    init(_ message: Switchboard__V1__WorkerMessage) throws(FieldError) {
        switch message.kind_case {
        case SWITCHBOARD__V1__WORKER_MESSAGE__KIND_HELLO: self = .hello(try Read.needed(message.hello, "hello"))
        case SWITCHBOARD__V1__WORKER_MESSAGE__KIND_CREDIT: self = .credit(try Read.needed(message.credit, "credit"))
        case SWITCHBOARD__V1__WORKER_MESSAGE__KIND_APPLIED: self = .applied(try Read.needed(message.applied, "applied"))
        case SWITCHBOARD__V1__WORKER_MESSAGE__KIND_RESULT: self = .result(try Read.needed(message.result, "result"))
        case SWITCHBOARD__V1__WORKER_MESSAGE__KIND_HEARTBEAT: self = .heartbeat
        case SWITCHBOARD__V1__WORKER_MESSAGE__KIND_LEAVING: self = .leaving
        default: throw FieldError("kind", "none of the kinds that are accepted is set")
        }
    }

    func fill(_ message: inout Switchboard__V1__WorkerMessage, _ arena: inout Arena) {
        switch self {
        case .hello(let hello):
            message.kind_case = SWITCHBOARD__V1__WORKER_MESSAGE__KIND_HELLO
            message.hello = arena.message(of: hello)
        case .credit(let credit):
            message.kind_case = SWITCHBOARD__V1__WORKER_MESSAGE__KIND_CREDIT
            message.credit = arena.message(of: credit)
        case .applied(let applied):
            message.kind_case = SWITCHBOARD__V1__WORKER_MESSAGE__KIND_APPLIED
            message.applied = arena.message(of: applied)
        case .result(let result):
            message.kind_case = SWITCHBOARD__V1__WORKER_MESSAGE__KIND_RESULT
            message.result = arena.message(of: result)
        case .heartbeat:
            message.kind_case = SWITCHBOARD__V1__WORKER_MESSAGE__KIND_HEARTBEAT
            message.heartbeat = arena.message(of: WorkerHeartbeat())
        case .leaving:
            message.kind_case = SWITCHBOARD__V1__WORKER_MESSAGE__KIND_LEAVING
            message.leaving = arena.message(of: WorkerLeaving())
        }
    }
}

extension WorkerHello: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerHello>) {
        switchboard__v1__worker_hello__init(message)
    }

    init(_ message: Switchboard__V1__WorkerHello) throws(FieldError) {
        self.init(
            name: try message.name.string("name"),
            services: try Read.strings(
                message.services,
                message.n_services,
                "services",
                atMost: Limits.maximumAttributes
            ),
            encoder: try message.encoder_id.optionalModel("encoder_id"),
            baseModel: try message.base_model_id.optionalModel("base_model_id"),
            adapter: try message.adapter_id.optionalModel("adapter_id"),
            prompt: try message.prompt_id.optionalModel("prompt_id"),
            heartbeat: Read.optionalDuration(message.heartbeat_us)
        )
    }

    func fill(_ message: inout Switchboard__V1__WorkerHello, _ arena: inout Arena) {
        message.name = arena.characters(name)
        message.n_services = services.count
        message.services = arena.strings(services)
        if let encoder { message.encoder_id = arena.data(encoder.bytes) }
        if let baseModel { message.base_model_id = arena.data(baseModel.bytes) }
        if let adapter { message.adapter_id = arena.data(adapter.bytes) }
        if let prompt { message.prompt_id = arena.data(prompt.bytes) }
        message.heartbeat_us = microseconds(said: heartbeat)
    }
}

extension WorkerCredit: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerCredit>) {
        switchboard__v1__worker_credit__init(message)
    }

    init(_ message: Switchboard__V1__WorkerCredit) throws(FieldError) {
        self.init(service: try message.service.string("service"), calls: Int(message.calls))
    }

    func fill(_ message: inout Switchboard__V1__WorkerCredit, _ arena: inout Arena) {
        message.service = arena.characters(service)
        message.calls = UInt32(clamping: calls)
    }
}

extension WorkerApplied: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerApplied>) {
        switchboard__v1__worker_applied__init(message)
    }

    init(_ message: Switchboard__V1__WorkerApplied) throws(FieldError) {
        self.init(
            position: try Read.optional(message.position, "position"),
            isUpdaterSilent: message.updater_silent != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__WorkerApplied, _ arena: inout Arena) {
        message.position = arena.message(ofAny: position)
        message.updater_silent = boolean(isUpdaterSilent)
    }
}

extension WorkerResult: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerResult>) {
        switchboard__v1__worker_result__init(message)
    }

    init(_ message: Switchboard__V1__WorkerResult) throws(FieldError) {
        self.init(
            callID: message.call_id,
            status: try Read.needed(message.status, "status"),
            payload: message.payload.payload
        )
    }

    func fill(_ message: inout Switchboard__V1__WorkerResult, _ arena: inout Arena) {
        message.call_id = callID
        message.status = arena.message(of: status)
        message.payload = arena.data(payload)
    }
}

internal import CProtobufC
internal import SwitchboardProtos

// Messages without fields: that they come is what they say.

struct WorkerHeartbeat: Coded {
    init() {}

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerHeartbeat>) {
        switchboard__v1__worker_heartbeat__init(message)
    }

    init(_ message: Switchboard__V1__WorkerHeartbeat) throws(FieldError) {
        self.init()
    }

    func fill(_ message: inout Switchboard__V1__WorkerHeartbeat, _ arena: inout Arena) {}
}

struct WorkerLeaving: Coded {
    init() {}

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__WorkerLeaving>) {
        switchboard__v1__worker_leaving__init(message)
    }

    init(_ message: Switchboard__V1__WorkerLeaving) throws(FieldError) {
        self.init()
    }

    func fill(_ message: inout Switchboard__V1__WorkerLeaving, _ arena: inout Arena) {}
}

struct GatewayHeartbeat: Coded {
    init() {}

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__GatewayHeartbeat>) {
        switchboard__v1__gateway_heartbeat__init(message)
    }

    init(_ message: Switchboard__V1__GatewayHeartbeat) throws(FieldError) {
        self.init()
    }

    func fill(_ message: inout Switchboard__V1__GatewayHeartbeat, _ arena: inout Arena) {}
}

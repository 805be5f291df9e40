package import Core

/// What a worker sends to its gateway.
package enum WorkerMessage: Sendable, Equatable {
    /// First, and once.
    case hello(WorkerHello)
    case credit(WorkerCredit)
    case applied(WorkerApplied)
    case result(WorkerResult)
    /// It is there, and has nothing else to say.
    case heartbeat
    /// It wants no new calls, answers those that it has, and is gone when the gateway ends the stream.
    case leaving
}

/// Who attaches and what it can do.
package struct WorkerHello: Sendable, Equatable {
    package var name: String
    /// Such as `switchboard.v1.Retriever`.
    package var services: [String]
    package var encoder: ModelID?
    package var baseModel: ModelID?
    package var adapter: ModelID?
    package var prompt: ModelID?
    /// Something comes from it this often, so that its silence means that it cannot be reached. Nil: not said.
    package var heartbeat: Duration?

    package init(
        name: String,
        services: [String],
        encoder: ModelID? = nil,
        baseModel: ModelID? = nil,
        adapter: ModelID? = nil,
        prompt: ModelID? = nil,
        heartbeat: Duration? = nil,
    ) {
        self.name = name
        self.services = services
        self.encoder = encoder
        self.baseModel = baseModel
        self.adapter = adapter
        self.prompt = prompt
        self.heartbeat = heartbeat
    }
}

/// So many more calls of a service may come in.
package struct WorkerCredit: Sendable, Equatable {
    package var service: String
    package var calls: Int

    package init(service: String, calls: Int) {
        self.service = service
        self.calls = calls
    }
}

/// How far a retriever's replica is.
package struct WorkerApplied: Sendable, Equatable {
    /// Nil: nothing yet, or of a replica that is about to be replaced.
    package var position: LogPosition?
    /// Nothing is heard from the updater, or the replica is about to be replaced: use this worker last.
    package var isUpdaterSilent: Bool

    package init(position: LogPosition?, isUpdaterSilent: Bool = false) {
        self.position = position
        self.isUpdaterSilent = isUpdaterSilent
    }
}

/// The end of a call that the gateway handed in, with the response's bytes.
package struct WorkerResult: Sendable, Equatable {
    package var callID: UInt64
    package var status: Status
    package var payload: [UInt8]

    package init(callID: UInt64, status: Status = .ok, payload: [UInt8] = []) {
        self.callID = callID
        self.status = status
        self.payload = payload
    }
}

/// What a gateway sends to its worker.
package enum GatewayMessage: Sendable, Equatable {
    /// Answers the hello.
    case welcome(GatewayWelcome)
    case call(WorkerCall)
    case cancel(WorkerCancel)
    /// It is there, and has nothing else to say.
    case heartbeat
}

/// The gateway has taken the worker in.
package struct GatewayWelcome: Sendable, Equatable {
    package var name: String
    /// Something comes from it this often. Nil: not said, and it knows neither heartbeats nor leaving.
    package var heartbeat: Duration?

    package init(name: String, heartbeat: Duration? = nil) {
        self.name = name
        self.heartbeat = heartbeat
    }
}

/// A caller's request, handed on to the worker with the time that is left.
package struct WorkerCall: Sendable, Equatable {
    package var callID: UInt64
    /// Such as `switchboard.v1.Retriever/Retrieve`.
    package var method: String
    /// Zero or less travels as one microsecond.
    package var timeLeft: Duration
    package var payload: [UInt8]

    package init(callID: UInt64, method: String, timeLeft: Duration, payload: [UInt8]) {
        self.callID = callID
        self.method = method
        self.timeLeft = timeLeft
        self.payload = payload
    }
}

/// Nobody waits for the call any more.
package struct WorkerCancel: Sendable, Equatable {
    package var callID: UInt64

    package init(callID: UInt64) {
        self.callID = callID
    }
}

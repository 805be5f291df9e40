package import Core

/// What a frame does to its call.
package enum FrameKind: Sendable, Hashable, CaseIterable {
    /// Caller: opens a call; the payload is the request (empty where the caller streams).
    case call
    /// Both: one message of a stream.
    case message
    /// Caller: no more messages from me.
    case halfClose
    /// Server: the call's end, with its status; of a unary call the payload is the response.
    case reply
    /// Caller: gives the call up; the server answers nothing more.
    case cancel
    /// Both: the peer may send `grant` more messages of this stream.
    case grant
}

/// The first of a message's two frames: which call the payload belongs to and what it means there.
package struct Header: Sendable, Equatable {
    /// Of this format; what is newer is refused.
    package static let version: UInt32 = 1

    package var kind: FrameKind
    /// Chosen by the caller; unique among its open calls on this socket.
    package var callID: UInt64
    /// With `.call` only, such as `switchboard.v1.Router/Classify`.
    package var method: String
    /// With `.call` only: the deadline as time left. Nil: the default. Zero or less travels as one microsecond.
    package var timeLeft: Duration?
    /// With `.call` and `.grant`: so many stream messages may be sent to the sender of this frame.
    package var grant: Int
    /// With `.call` and `.grant`: the peer may send the next stream message while those that it sent before on this call hold
    /// fewer bytes than this. 0: not said.
    package var byteLimit: Int
    /// With `.reply` only.
    package var status: Status?
    package var metadata: [Metadata]

    package init(
        kind: FrameKind,
        callID: UInt64,
        method: String = "",
        timeLeft: Duration? = nil,
        grant: Int = 0,
        byteLimit: Int = 0,
        status: Status? = nil,
        metadata: [Metadata] = [],
    ) {
        self.kind = kind
        self.callID = callID
        self.method = method
        self.timeLeft = timeLeft
        self.grant = grant
        self.byteLimit = byteLimit
        self.status = status
        self.metadata = metadata
    }
}

/// How a call ended.
package struct Status: Sendable, Equatable {
    package static let ok = Status(code: .ok)

    package var code: StatusCode
    /// What was wrong, where, and what is accepted.
    package var message: String
    /// Nil: not said.
    package var retryAfter: Duration?

    package init(code: StatusCode, message: String = "", retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    package init(_ error: SwitchboardError) {
        self.init(code: error.code, message: error.message, retryAfter: error.retryAfter)
    }

    /// Nil where the status is OK.
    package var error: SwitchboardError? {
        code == .ok ? nil : SwitchboardError(code, message, retryAfter: retryAfter)
    }
}

/// A key and a value that travel beside a call.
package struct Metadata: Sendable, Equatable {
    package var key: String
    package var value: [UInt8]

    package init(key: String, value: [UInt8]) {
        self.key = key
        self.value = value
    }
}

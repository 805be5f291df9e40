package import Core
package import Wire

/// What a server answers: a body for each method.
///
/// Bodies run on the server's executor up to their first `await` and may throw `SwitchboardError`; another error is
/// told to the caller as INTERNAL. They are cancelled when the caller cancels or its deadline passes. A large request is
/// decoded elsewhere before its body begins.
package struct ServiceTable: Sendable {
    enum Body: Sendable {
        case unary(@Sendable ([UInt8], CallContext) async throws -> [UInt8])
        case stream(@Sendable ([UInt8], CallContext) async throws -> Void)
        case planned
    }

    struct Entry: Sendable {
        let service: String
        let limits: MethodLimits
        let body: Body
        /// Both sides stream: the call's payload is empty and requests follow as messages.
        let readsStream: Bool
    }

    private(set) var entries: [String: Entry] = [:]

    package init() {
        for name in Methods.planned {
            entries[name] = Entry(
                service: String(serviceName(ofMethod: name)),
                limits: .unary,
                body: .planned,
                readsStream: false,
            )
        }
    }

    /// One request, one response.
    package mutating func unary<Request, Response>(
        _ method: Method<Request, Response>,
        _ body: @escaping @Sendable (Request, CallContext) async throws -> Response,
    ) {
        add(
            method,
            readsStream: false,
            .unary { payload, context in
                try await body(Request.decoded(payload), context).encoded()
            }
        )
    }

    /// One request, one response, both already encoded: for calls that are passed on.
    package mutating func forwarded<Request, Response>(
        _ method: Method<Request, Response>,
        _ body: @escaping @Sendable ([UInt8], CallContext) async throws -> [UInt8],
    ) {
        add(method, readsStream: false, .unary(body))
    }

    /// One request, many responses.
    package mutating func serverStream<Request, Response>(
        _ method: Method<Request, Response>,
        _ body: @escaping @Sendable (Request, StreamWriter<Response>, CallContext) async throws -> Void,
    ) {
        add(
            method,
            readsStream: false,
            .stream { payload, context in
                try await body(Request.decoded(payload), StreamWriter(context: context), context)
            }
        )
    }

    /// Many requests, many responses.
    package mutating func bothWays<Request, Response>(
        _ method: Method<Request, Response>,
        _ body: @escaping @Sendable (StreamReader<Request>, StreamWriter<Response>, CallContext) async throws -> Void,
    ) {
        add(
            method,
            readsStream: true,
            .stream { _, context in
                try await body(StreamReader(context: context), StreamWriter(context: context), context)
            }
        )
    }

    private mutating func add<Request, Response>(
        _ method: Method<Request, Response>,
        readsStream: Bool,
        _ body: Body,
    ) {
        entries[method.name] = Entry(
            service: String(serviceName(ofMethod: method.name)),
            limits: method.limits,
            body: body,
            readsStream: readsStream,
        )
    }
}

/// A call as its body sees it.
package struct CallContext: Sendable {
    package let method: String
    package let deadline: ContinuousClock.Instant?
    package let metadata: [Metadata]
    /// When the call arrived.
    package let arrival: ContinuousClock.Instant
    let serial: UInt64
    let server: CallServer

    /// Time left; nil where the call has no deadline.
    package var timeLeft: Duration? { deadline.map { $0 - .now } }

    /// Unary calls always have a deadline; a stream that asks on behalf of one gets the unary default.
    package var effectiveDeadline: ContinuousClock.Instant { deadline ?? arrival + MethodLimits.defaultUnaryTime }
}

/// The requests of a stream, in order; nil after the caller's last.
package struct StreamReader<Request: WireMessage>: Sendable {
    let context: CallContext

    /// - Throws: what ended the call, or `.invalidArgument` where a message cannot be read.
    package func next() async throws(SwitchboardError) -> Request? {
        guard let payload = try await context.server.nextMessage(of: context.serial) else { return nil }
        return try await Request.decoded(payload)
    }
}

/// Sends the responses of a stream; waits while the caller grants nothing.
package struct StreamWriter<Response: WireMessage>: Sendable {
    let context: CallContext

    package func send(_ response: Response) async throws(SwitchboardError) {
        try await context.server.send(response.encoded(), to: context.serial)
    }

    /// The same for a body that holds something dear meanwhile: ends the call where the client does not take the message
    /// in time.
    package func send(_ response: Response, within limit: Duration) async throws(SwitchboardError) {
        try await context.server.send(response.encoded(), to: context.serial, within: limit)
    }
}

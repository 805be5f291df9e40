internal import Core
internal import Wire

/// What a server answers: a body for each method.
///
/// Bodies run on the server's executor up to their first `await` and may throw `SwitchboardError`; another error is
/// told to the caller as INTERNAL. They are cancelled when the caller cancels or its deadline passes. A large request is
/// decoded elsewhere before its body begins. A body gets only what its caller's key may ask for, but for those of calls
/// that are passed on, which see to that themselves.
package struct ServiceTable: Sendable {
    enum Body: Sendable {
        case unary(@Sendable ([UInt8], CallContext) async throws -> [UInt8])
        case stream(@Sendable ([UInt8], CallContext) async throws -> Void)
    }

    struct Entry: Sendable {
        let service: String
        let limits: MethodLimits
        let body: Body
        /// Both sides stream: the call's payload is empty and requests follow as messages.
        let readsStream: Bool
    }

    private(set) var entries: [String: Entry] = [:]

    package init() {}

    /// One request, one response.
    package mutating func unary<Request, Response>(
        _ method: Method<Request, Response>,
        _ body: @escaping @Sendable (Request, CallContext) async throws -> Response,
    ) {
        add(
            method,
            readsStream: false,
            .unary { payload, context in
                try await body(context.admitted(Request.decoded(payload)), context).encoded()
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
                let request = try await context.admitted(Request.decoded(payload))
                try await body(request, StreamWriter(context: context), context)
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

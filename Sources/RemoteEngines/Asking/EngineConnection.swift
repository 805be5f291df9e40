internal import AsyncHTTPClient
internal import Core
internal import NIOCore
internal import NIOHTTP1

/// What a server is sent: a JSON body, or nothing but the path.
struct EngineRequest: Sendable {
    /// Below the server's base, such as `/completions`.
    let path: String
    /// Nil: GET.
    let body: [UInt8]?
    /// What callers said that is in it.
    var texts: [String] = []
}

/// Single exchanges with a server over HTTP/1.1, with TLS where its address says https (checked against the system's
/// certificates).
///
/// Keeps connections for a few seconds. To be closed before it is let go. Does not send anything a second time.
final class EngineConnection: Sendable {
    /// Of an answer: a hundred thousand log-probabilities, or some hundred vectors.
    static let maximumReplyBytes = 16 * 1024 * 1024
    /// Nothing on this side takes so long; a deadline comes before.
    private static let backstop = TimeAmount.minutes(10)

    private let client: HTTPClient
    private let address: EngineAddress
    private let key: EngineKey?

    /// - Parameter connections: at a time.
    init(_ address: EngineAddress, key: EngineKey?, connections: Int) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(3))
        // Shorter than the five seconds after which uvicorn, under vLLM and others, closes a connection.
        configuration.connectionPool.idleTimeout = .seconds(4)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // `RetryRules` says what is tried again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        self.address = address
        self.key = key
    }

    /// Ends what is under way. May be called once, and has to be.
    func close() async {
        // It fails only where it was closed before.
        try? await client.shutdown()
    }

    /// - Returns: the body of an answer with status 200.
    func exchange(
        _ request: EngineRequest,
        until deadline: ContinuousClock.Instant,
    ) async throws(EngineFailure) -> [UInt8] {
        let ending = await withTaskGroup(of: Ending.self) { group in
            group.addTask { .answered(await self.answer(to: request)) }
            // AsyncHTTPClient's own deadline ends with the answer's head.
            group.addTask {
                try? await Task.sleep(until: deadline)
                return .timeIsUp
            }
            let first = await group.next() ?? .timeIsUp
            group.cancelAll()
            return first
        }
        switch ending {
        case .answered(let result): return try result.get()
        case .timeIsUp: throw Task.isCancelled ? EngineFailure.cancelled : EngineFailure.late
        }
    }

    private enum Ending: Sendable {
        case answered(Result<[UInt8], EngineFailure>)
        case timeIsUp
    }

    private func answer(to request: EngineRequest) async -> Result<[UInt8], EngineFailure> {
        var message = HTTPClientRequest(url: address.base + request.path)
        message.headers.add(name: "Accept", value: "application/json")
        message.headers.add(name: "User-Agent", value: "switchboard")
        if let key { message.headers.add(name: "Authorization", value: "Bearer \(key.token)") }
        if let body = request.body {
            message.method = .POST
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(ByteBuffer(bytes: body))
        }
        do {
            let response = try await client.execute(message, timeout: Self.backstop)
            guard response.status == .ok else {
                let said = await words(in: response.body)
                return .failure(
                    Self.refused(
                        Int(response.status.code),
                        response.headers.first(name: "Retry-After"),
                        words: RefusalWords.told(in: said, of: request.texts)
                    )
                )
            }
            let body = try await response.body.collect(upTo: Self.maximumReplyBytes)
            return .success(Array(body.readableBytesView))
        } catch {
            return .failure(Self.failure(error))
        }
    }

    /// What a server says beside a status, read to its end so that the connection can be used again. What is long or slow
    /// is given up, since the status says the most.
    private func words(in body: HTTPClientResponse.Body) async -> [UInt8] {
        await withTaskGroup(of: [UInt8].self) { group in
            group.addTask { (try? await body.collect(upTo: 1 << 16)).map { Array($0.readableBytesView) } ?? [] }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(250))
                return []
            }
            let said = await group.next() ?? []
            group.cancelAll()
            return said
        }
    }

    /// - Parameter words: of the server's, why it does not take the request; told where it says something of that.
    static func refused(_ status: Int, _ retryAfter: String?, words: String? = nil) -> EngineFailure {
        let pause = retryAfter.flatMap { Int($0) }.map { Duration.seconds(min(max($0, 0), 60)) }
        let reason =
            switch status {
            case 300..<400: "; redirects are not followed, so name the address that it sends to"
            case 401, 403: "; set its key in \(EngineKey.variable)"
            case 404: "; it has no such model, or does not speak OpenAI's protocol"
            case 400, 413, 422: words.map { ": \($0)" } ?? ""
            default: ""
            }
        return EngineFailure(
            kind: .status(status, retryAfter: pause),
            detail: "answered with status \(status)\(reason)"
        )
    }

    private static func failure(_ error: any Error) -> EngineFailure {
        switch error {
        case is CancellationError: return .cancelled
        case is NIOTooManyBytesError: return .nonsense("answered with more than \(maximumReplyBytes) bytes")
        case let error as HTTPClientError:
            if error == .cancelled { return .cancelled }
            if error == .deadlineExceeded { return .late }
            return EngineFailure(
                kind: .connection,
                detail: "broke the connection or has none (\(error.shortDescription))"
            )
        default:
            return EngineFailure(kind: .connection, detail: "cannot be reached (\("\(error)".prefix(200)))")
        }
    }
}

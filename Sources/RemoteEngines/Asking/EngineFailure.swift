internal import Core

/// Why one exchange with a server brought nothing.
struct EngineFailure: Error, Hashable {
    enum Kind: Hashable {
        /// No connection came about, or it broke before the answer was there. A score or a vector may be asked for again:
        /// nothing changes by it.
        case connection
        /// It did not answer in the time that there was.
        case late
        /// Nobody wants the answer any more.
        case cancelled
        case status(Int, retryAfter: Duration?)
        /// The answer is no answer to what was asked.
        case nonsense
    }

    let kind: Kind
    /// What happened, without anything that a caller said, and of what the server said only why it does not take a
    /// request.
    let detail: String

    static let cancelled = EngineFailure(kind: .cancelled, detail: "is not waited for any more")
    static let late = EngineFailure(kind: .late, detail: "did not answer in time")

    static func nonsense(_ detail: String) -> EngineFailure { EngineFailure(kind: .nonsense, detail: detail) }

    /// Whether the same request may do better in a moment.
    var isPassing: Bool {
        switch kind {
        case .connection, .status(502, _), .status(503, _), .status(429, _): true
        case .late, .cancelled, .status, .nonsense: false
        }
    }

    /// How long the server wants to be left alone.
    var retryAfter: Duration? {
        guard case .status(_, let retryAfter) = kind else { return nil }
        return retryAfter
    }

    /// Whether it says something about the server, and not about the request: also that it wants another key, lacks the
    /// model or sends elsewhere, which no request can help.
    var blamesServer: Bool {
        switch kind {
        case .connection, .late, .nonsense: true
        case .status(let code, _): code >= 500 || (300..<400).contains(code) || [401, 403, 404].contains(code)
        case .cancelled: false
        }
    }

    /// - Parameter server: its address.
    func error(of server: EngineAddress) -> SwitchboardError {
        let code: StatusCode =
            switch kind {
            case .connection, .nonsense: .unavailable
            case .late: .deadlineExceeded
            case .cancelled: .cancelled
            case .status(429, _): .resourceExhausted
            case .status(400, _), .status(413, _), .status(422, _): .invalidArgument
            case .status(401, _), .status(403, _), .status(404, _), .status(300..<400, _): .failedPrecondition
            case .status(let code, _): code >= 500 ? .unavailable : .internal
            }
        return SwitchboardError(code, "the model server \(server) \(detail)", retryAfter: retryAfter)
    }
}

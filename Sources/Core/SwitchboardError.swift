/// What went wrong, in a form that travels: a gRPC status code, a sentence for the person who has to mend it, and
/// where it helps a hint when to try again.
///
/// The message says what was wrong, where, and what is accepted. It never holds caller text.
package struct SwitchboardError: Error, Sendable, CustomStringConvertible {
    package let code: StatusCode
    package let message: String
    /// When another attempt makes sense; set with `.resourceExhausted`.
    package let retryAfter: Duration?
    package let cause: (any Error)?
    /// The field of a request that is wrong, by its name in `Protos/`; for counting. Stays in the process.
    package let field: String?

    package init(
        _ code: StatusCode,
        _ message: String,
        retryAfter: Duration? = nil,
        cause: (any Error)? = nil,
        field: String? = nil,
    ) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.cause = cause
        self.field = field
    }

    package var description: String {
        cause.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }

    /// Shorthand for the most frequent one: the request itself is wrong.
    package static func invalid(_ message: String, field: String? = nil) -> SwitchboardError {
        SwitchboardError(.invalidArgument, message, field: field)
    }

    /// A position was asked for that the log that is served does not have.
    package static func otherLog(_ log: LogID) -> SwitchboardError {
        SwitchboardError(.failedPrecondition, "log \(log) is not the one that is served here; forget its positions")
    }
}

/// The status codes of gRPC with gRPC's numbers.
package enum StatusCode: UInt32, Sendable, CaseIterable, CustomStringConvertible {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16

    /// The name as gRPC's documents write it, such as `INVALID_ARGUMENT`.
    package var description: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}

internal import Core

/// Why a call failed, with the status of the contract.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    /// gRPC's number of the status, 1...16.
    public let code: UInt32
    /// gRPC's name of the status, such as `UNAVAILABLE`.
    public let status: String
    /// What was wrong and what is accepted.
    public let message: String
    /// When another attempt makes sense; nil: not said.
    public let retryAfter: Duration?

    init(_ error: SwitchboardError) {
        code = error.code.rawValue
        status = error.code.description
        message = error.message
        retryAfter = error.retryAfter
    }

    /// Status and message.
    public var description: String { "\(status): \(message)" }
}

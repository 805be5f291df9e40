import Core

@testable import SwitchboardClient

/// Errors as a client throws them, made without a node.
enum ClientErrors {
    static var invalid: ClientError { thrown { () throws(ClientError) in _ = try Exemplar(text: "", intent: "a") } }
    static let unavailable = ClientError(SwitchboardError(.unavailable, "no node answers"))
    static let denied = ClientError(SwitchboardError(.permissionDenied, "the key may not"))
    static let late = ClientError(SwitchboardError(.deadlineExceeded, "it takes longer"))
    static let notFound = ClientError(SwitchboardError(.notFound, "there is no such thing"))

    private static func thrown(_ body: () throws(ClientError) -> Void) -> ClientError {
        do {
            try body()
        } catch {
            return error
        }
        preconditionFailure("the body throws")
    }
}

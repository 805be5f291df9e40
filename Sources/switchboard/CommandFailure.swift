import Core
import SwitchboardClient

/// Why a command ends with something other than 0.
struct CommandFailure: Error {
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let unavailable: Int32 = 69

    let message: String
    let exitCode: Int32

    init(_ message: String, exitCode: Int32 = CommandFailure.failed) {
        self.message = message
        self.exitCode = exitCode
    }

    init(_ error: SwitchboardError, advice: FailureAdvice = .alone) {
        self.init(code: error.code, message: error.message, advice)
    }

    init(_ error: ClientError, advice: FailureAdvice = .alone) {
        self.init(code: StatusCode(rawValue: error.code) ?? .unknown, message: error.message, advice)
    }

    private init(code: StatusCode, message: String, _ advice: FailureAdvice) {
        let below = advice.words(code, message).map { "\n\($0)" } ?? ""
        switch code {
        case .unavailable: self.init(message + below, exitCode: Self.unavailable)
        case .invalidArgument: self.init(message + below, exitCode: Self.usage)
        default: self.init("\(code): \(message)\(below)")
        }
    }
}

/// Runs what a command does and turns its errors into an exit code and words.
func reportingFailures<Result>(
    _ advice: FailureAdvice = .alone,
    _ body: () async throws -> Result,
) async throws -> Result {
    do {
        return try await body()
    } catch let error as SwitchboardError {
        throw CommandFailure(error, advice: advice)
    } catch let error as ClientError {
        throw CommandFailure(error, advice: advice)
    }
}

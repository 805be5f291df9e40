internal import Core

extension ClientError {
    /// Runs what speaks in the project's own errors for a caller who knows this one.
    static func around<Result>(
        _ body: () async throws(SwitchboardError) -> Result
    ) async throws(ClientError) -> Result {
        do {
            return try await body()
        } catch {
            throw ClientError(error)
        }
    }
}

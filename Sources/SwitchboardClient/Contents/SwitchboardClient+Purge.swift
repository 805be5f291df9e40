internal import Calls
package import Core
package import Wire

extension SwitchboardClient {
    /// Erases exemplars for good: in the log's earlier records, in feedback, in replicas.
    ///
    /// - Parameters:
    ///   - change: groups the calls of one purge, as history shows it.
    ///   - operation: at most 64 bytes by which it can be asked about; empty: it cannot.
    /// - Returns: what was erased; `isMore` where another call has to go on.
    /// - Throws: `DEADLINE_EXCEEDED` after 60 s, and then it goes on by itself, and the same call waits for it again; `UNAVAILABLE` where a file could not be
    ///   written anew, and then another call does so.
    package func purge(
        _ selection: PurgeSelection,
        isDryRun: Bool = false,
        change: String,
        author: String,
        operation: [UInt8] = [],
    ) async throws(ClientError) -> PurgeReceipt {
        try await ClientError.around { () throws(SwitchboardError) in
            let request = PurgeRequest(
                selection,
                isDryRun: isDryRun,
                change: Array(change.utf8),
                author: author,
                operation: operation
            )
            return try await updater.call(Methods.purge, request, within: .seconds(60))
        }
    }
}

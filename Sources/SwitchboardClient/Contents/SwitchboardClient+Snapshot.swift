internal import Calls
package import Core
package import Wire

extension SwitchboardClient {
    /// Writes a snapshot of the index in the updater's data directory.
    ///
    /// - Returns: which, and its size in bytes.
    /// - Throws: `RESOURCE_EXHAUSTED` where one is being written or the disk is full.
    package func writtenSnapshot() async throws(ClientError) -> SnapshotResponse.Beginning {
        try await ClientError.around { () throws(SwitchboardError) in
            let stream = try await updater.open(Methods.snapshot, SnapshotRequest(makesNew: true))
            guard let beginning = try await stream.next()?.beginning else {
                throw SwitchboardError(.internal, "the updater did not say what it wrote")
            }
            // Nothing else comes.
            while try await stream.next() != nil {}
            return beginning
        }
    }

    /// Lets the log begin at the operation that made a record; what was before can be read and undone no more.
    ///
    /// - Returns: the oldest record that the log still has.
    /// - Throws: `OUT_OF_RANGE` where there is no such record yet.
    package func trimLog(before record: LogSequence) async throws(ClientError) -> LogSequence {
        try await ClientError.around { () throws(SwitchboardError) in
            // It may have to write a snapshot before.
            try await updater.call(Methods.trim, TrimRequest(before: record), within: .seconds(60)).first
        }
    }
}

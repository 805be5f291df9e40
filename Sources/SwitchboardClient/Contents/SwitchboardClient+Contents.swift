package import Calls
internal import Core
package import Wire

extension SwitchboardClient {
    /// What the index holds, in figures.
    ///
    /// - Throws: `UNAVAILABLE` where the updater cannot be reached, `DEADLINE_EXCEEDED` where it takes more than 2 s.
    public func statistics() async throws(ClientError) -> IndexStatistics {
        try await ClientError.around { () throws(SwitchboardError) in
            IndexStatistics(try await updater.call(Methods.stats, StatsRequest()))
        }
    }

    /// Hands all intents to `body`, some at a time, and then, if asked for, whatever changes.
    ///
    /// - Parameters:
    ///   - verticals: empty: all that may be seen.
    ///   - thenChanges: goes on until `body` throws or the task is cancelled.
    /// - Throws: why the stream ended, or what `body` throws.
    public func intents(
        in verticals: [String] = [],
        thenChanges: Bool = false,
        _ body: (IntentListing) async throws -> Void,
    ) async throws {
        let stream = try await ClientError.around { () throws(SwitchboardError) in
            var named: [Core.Vertical] = []
            for name in verticals { named.append(try Vertical(name)) }
            return try await gateways.open(
                Methods.intents,
                IntentsRequest(verticals: named, thenChanges: thenChanges)
            )
        }
        do {
            while let response = try await ClientError.around({ () throws(SwitchboardError) in try await stream.next() }
            ) {
                try await body(
                    IntentListing(
                        intents: response.intents.map(IntentEntry.init),
                        logID: response.position.log.description,
                        seq: response.position.sequence.number,
                        isComplete: response.isComplete,
                    )
                )
            }
        } catch {
            await stream.cancel()
            throw error
        }
    }

    /// Opens a reader of all live exemplars as they stand now. To be read to its end or cancelled.
    package func exported(
        _ request: ExportRequest
    ) async throws(ClientError) -> ClientStream<ExportRequest, ExportResponse> {
        try await ClientError.around { () throws(SwitchboardError) in
            try await updater.open(Methods.export, request)
        }
    }
}

internal import Calls
package import Core
package import Wire

/// Pools of utterances, and the runs over them.
extension SwitchboardClient {
    /// Adds utterances to a pool, in as many calls as they need; what was added before, under its request id, is not added
    /// again. A busy node is asked again.
    ///
    /// - Parameter pool: at most 64 bytes; empty: the live pool.
    /// - Returns: what became of all of them.
    /// - Throws: `INVALID_ARGUMENT` for what is not accepted; `RESOURCE_EXHAUSTED` for a pool that is full; what was added
    ///   before that stays.
    package func addToPool(
        _ entries: [PoolEntry],
        pool: String = "",
    ) async throws(ClientError) -> DiscoveryAddResponse {
        var sum = DiscoveryAddResponse(added: 0)
        for part in entries.pages(atMost: DiscoveryAddRequest.maximumEntries, size: { $0.encodedBound }) {
            let request = DiscoveryAddRequest(entries: Array(part), pool: pool)
            let response = try await discoveryCall(Methods.discoveryAdd, request, isPatient: true)
            sum.added += response.added
            sum.repeated += response.repeated
        }
        return sum
    }

    /// Begins a run, which goes on by itself.
    ///
    /// - Throws: `FAILED_PRECONDITION` where the pool is empty, or vectors are to be tuned and cannot be; `RESOURCE_EXHAUSTED`
    ///   where too many runs wait.
    package func startRun(
        pool: String = "",
        verticals: [Vertical] = [],
        settings: DiscoverySettings = DiscoverySettings(),
    ) async throws(ClientError) -> Bits128 {
        let request = DiscoveryStartRequest(pool: pool, verticals: verticals, settings: settings)
        return try await discoveryCall(Methods.discoveryStart, request).run
    }

    /// Asks whether a run could begin with these settings, before there is a pool for it. Nothing is begun.
    ///
    /// - Throws: as `startRun`, but for what the pool holds.
    package func requireRun(with settings: DiscoverySettings) async throws(ClientError) {
        _ = try await discoveryCall(Methods.discoveryStart, DiscoveryStartRequest(settings: settings, isDryRun: true))
    }

    /// Ends a run; what it has found so far is dropped.
    ///
    /// - Throws: `NOT_FOUND` for a run that there is not; `FAILED_PRECONDITION` for one that is over.
    package func cancelRun(_ run: Bits128) async throws(ClientError) {
        _ = try await discoveryCall(Methods.discoveryCancel, DiscoveryCancelRequest(run: run))
    }

    /// Where a run is, now and whenever that changes.
    ///
    /// - Parameter run: nil: the one that was started last.
    package func watchRun(_ run: Bits128? = nil) -> RunWatch { RunWatch(channel: discovery, run: run) }

    /// Erases utterances for good, in the pool and in every run.
    ///
    /// - Throws: `UNAVAILABLE` where there is no clusterer.
    package func purgePool(
        _ selection: PurgeSelection,
        isDryRun: Bool = false,
    ) async throws(ClientError) -> DiscoveryPurgeResponse {
        try await discoveryCall(
            Methods.discoveryPurge,
            DiscoveryPurgeRequest(selection, isDryRun: isDryRun),
            within: MethodLimits.maximumUnaryTime
        )
    }

    /// - Parameters:
    ///   - time: it may take; 30 s, as much is read from disk there.
    ///   - isPatient: a busy node is asked again for a minute.
    func discoveryCall<Request, Response>(
        _ method: Method<Request, Response>,
        _ request: Request,
        within time: Duration = .seconds(30),
        isPatient: Bool = false,
    ) async throws(ClientError) -> Response {
        do {
            guard isPatient else { return try await discovery.call(method, request, within: time) }
            return try await patiently { try await discovery.call(method, request, within: time) }
        } catch let error as SwitchboardError {
            throw ClientError(error)
        } catch {
            // Only a wait that was cancelled throws anything else.
            throw ClientError(SwitchboardError(.cancelled, "the call was cancelled"))
        }
    }
}

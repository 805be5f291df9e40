internal import Calls
internal import Core

/// Exports that are under way: a value that decides who may begin one more, and knows how each is ended. Held by the
/// updater, since each keeps the log's file from shrinking as long as it goes on.
struct ExportRuns: Sendable {
    typealias RunID = UInt64
    /// Ends an export's call from outside.
    typealias End = @Sendable (SwitchboardError) async -> Void

    private struct Run {
        let client: ClientIdentity
        let end: End
    }

    private var runs: [RunID: Run] = [:]
    private var places = SharedPlaces(for: "exports")
    private var lastID: RunID = 0

    var isEmpty: Bool { runs.isEmpty }

    /// - Parameter isPurging: exemplars are being erased.
    /// - Throws: `.unavailable` while exemplars are erased; `.resourceExhausted` where there are as many as there may be, or
    ///   the client has its share.
    mutating func begin(
        for client: ClientIdentity,
        isPurging: Bool,
        _ end: @escaping End,
    ) throws(SwitchboardError) -> RunID {
        guard !isPurging else {
            throw SwitchboardError(
                .unavailable,
                "exemplars are being erased; export when that is done",
                retryAfter: .seconds(1)
            )
        }
        try places.take(for: client)
        lastID += 1
        runs[lastID] = Run(client: client, end: end)
        return lastID
    }

    mutating func end(_ id: RunID) {
        guard let run = runs.removeValue(forKey: id) else { return }
        places.giveBack(of: run.client)
    }

    /// How each that is under way is ended.
    var ends: [End] { runs.values.map(\.end) }
}

package import Core

/// What a follower feeds: a replica with all exemplars, or a gateway's names.
package protocol LogSink: Sendable {
    /// Exemplars come without text and vector.
    nonisolated var wantsNamesOnly: Bool { get }

    /// What has been applied; nil position: nothing yet.
    func state() async -> (position: LogPosition?, digest: StateDigest?)

    /// The log was reached; what it holds up to `head` is on its way.
    func begin(at head: LogPosition) async

    /// Applies whole operations in the order of sequence.
    ///
    /// - Throws: where they do not follow what has been applied; the follower then stops and says so.
    func apply(_ records: [LogRecord], of log: LogID) async throws(SwitchboardError)

    /// Starts from nothing, for another log.
    func reset() async

    /// Whether the updater is heard from.
    func updater(isSilent: Bool) async
}

package import Core
package import Index

/// What a follower feeds: a replica with all exemplars, or a gateway's names.
package protocol LogSink: Sendable {
    /// Exemplars come without text and vector.
    nonisolated var wantsNamesOnly: Bool { get }

    /// Those with which queries can be encoded here, so that models are switched only to what all have.
    nonisolated var encoders: [ModelID] { get }

    /// Graphs of the vectors that are to serve next, which are still to be built here.
    nonisolated var graphsDue: Int { get }

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

    /// Vectors are being made by another encoder; nil: they are not, or not any more.
    func prepare(for encoder: ModelID?) async
    /// Starts from nothing, since what was applied differs from the log.
    func discard() async

    /// Begins from a snapshot, instead of from what was applied.
    ///
    /// - Throws: where it cannot be used; what was applied stays then.
    func install(_ snapshot: SnapshotContainer) async throws(SwitchboardError)

    /// What follows is of a kind or format that this program does not read: it stands before that until it is replaced.
    func cannotRead() async

    /// The updater has just been heard from.
    ///
    /// - Parameter head: where it said that the log is, if it did.
    func heard(head: LogPosition?) async

    /// The updater has not been heard from for a while, or the connection is lost. Comes again and again until it is.
    func lostUpdater() async
}

extension LogSink {
    package nonisolated var encoders: [ModelID] { [] }
    package nonisolated var graphsDue: Int { 0 }
    package func prepare(for encoder: ModelID?) async {}

    package func discard() async { await reset() }

    package func cannotRead() async {}
}

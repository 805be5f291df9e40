package import Core

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
}

import Core
import Index

@testable import Updating

/// A sink that notes what a follower makes of it.
actor RecordingSink: LogSink {
    nonisolated var wantsNamesOnly: Bool { false }

    private(set) var position: LogPosition?
    private(set) var begun = 0
    private(set) var discarded = 0
    private(set) var isStopped = false
    /// What it says of itself, whatever it has applied.
    private let digest: StateDigest?

    init(digest: StateDigest? = nil) {
        self.digest = digest
    }

    func state() -> (position: LogPosition?, digest: StateDigest?) { (position, digest) }

    func begin(at head: LogPosition) {
        begun += 1
        if position == nil { position = LogPosition(log: head.log, sequence: .start) }
    }

    func apply(_ records: [LogRecord], of log: LogID) {
        if let last = records.last { position = LogPosition(log: log, sequence: last.sequence) }
    }

    func reset() { position = nil }

    func discard() {
        discarded += 1
        position = nil
    }

    func install(_ snapshot: SnapshotContainer) throws(SwitchboardError) { position = try snapshot.position }

    func cannotRead() { isStopped = true }

    func heard(head: LogPosition?) {}

    func lostUpdater() {}
}

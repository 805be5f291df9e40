package import Core

/// What a follower of the log sends.
package enum FollowRequest: Sendable, Equatable {
    /// First, and once.
    case start(FollowStart)
    /// It has applied everything up to here.
    case applied(FollowApplied)
}

/// How far a follower is.
package struct FollowApplied: Sendable, Equatable {
    package static let maximumEncoders = 64

    package var sequence: LogSequence
    /// Loaded there; empty for followers of names only.
    package var encoders: [ModelID]
    /// As the last heartbeat said.
    package var nextEncoder: ModelID?
    /// Graphs of the vectors that are to serve next, which it builds and does not have yet.
    package var graphsDue: Int

    package init(
        sequence: LogSequence,
        encoders: [ModelID] = [],
        nextEncoder: ModelID? = nil,
        graphsDue: Int = 0,
    ) {
        self.sequence = sequence
        self.encoders = encoders
        self.nextEncoder = nextEncoder
        self.graphsDue = graphsDue
    }
}

/// Who follows, and from where.
package struct FollowStart: Sendable, Equatable {
    package var name: String
    /// What it has applied; nil: nothing yet.
    package var position: LogPosition?
    package var epoch: UInt64
    /// At that position; nil: not computed.
    package var digest: StateDigest?
    /// Exemplars come without text and vector.
    package var namesOnly: Bool
    /// Newest record format that it reads.
    package var format: UInt32

    package init(
        name: String,
        position: LogPosition? = nil,
        epoch: UInt64 = 0,
        digest: StateDigest? = nil,
        namesOnly: Bool = false,
        format: UInt32 = LogRecord.format,
    ) {
        self.name = name
        self.position = position
        self.epoch = epoch
        self.digest = digest
        self.namesOnly = namesOnly
        self.format = format
    }
}

/// What a follower of the log gets.
package enum FollowResponse: Sendable, Equatable {
    /// First, and once.
    case accepted(FollowAccepted)
    /// Whole operations, in the order of sequence.
    case records([LogRecord])
    case heartbeat(FollowHeartbeat)
}

/// Where the follower will be led to.
package struct FollowAccepted: Sendable, Equatable {
    package var head: LogPosition
    package var epoch: UInt64
    /// What is missing is no longer in the log.
    package var snapshotFirst: Bool

    package init(head: LogPosition, epoch: UInt64, snapshotFirst: Bool = false) {
        self.head = head
        self.epoch = epoch
        self.snapshotFirst = snapshotFirst
    }
}

/// Where the log is, sent when nothing else is.
package struct FollowHeartbeat: Sendable, Equatable {
    package var head: LogPosition
    package var epoch: UInt64
    package var digest: StateDigest
    /// Vectors are being made by it; nil: models are not being changed.
    package var nextEncoder: ModelID?

    package init(head: LogPosition, epoch: UInt64, digest: StateDigest, nextEncoder: ModelID? = nil) {
        self.head = head
        self.epoch = epoch
        self.digest = digest
        self.nextEncoder = nextEncoder
    }
}

extension LogRecord {
    /// Newest format of a record's bytes that this code reads, and the one it writes.
    package static let format: UInt32 = 1
}

package import Core

/// Where the log ends: what a heartbeat says.
package struct LogHead: Sendable, Hashable {
    package let position: LogPosition
    /// Grows each time a program opens the log for writing.
    package let epoch: UInt64
    /// Of the live state at that position.
    package let digest: StateDigest

    package init(position: LogPosition, epoch: UInt64, digest: StateDigest) {
        self.position = position
        self.epoch = epoch
        self.digest = digest
    }
}

/// Whether all that was committed can be read.
package enum LogCondition: Sendable, Hashable {
    case whole
    /// A committed record does not match its checksum or is missing. The log can be read up to the end of the operation
    /// before it and takes no appends, until the file is restored and opened anew.
    case damaged(at: LogSequence, readableTo: LogSequence)
}

/// One operation as it stands in the log: what followers apply as a whole.
package struct CommittedOperation: Sendable, Equatable {
    /// Consecutive, at least one, of one stamp.
    package let records: [LogRecord]
    /// Of the live state after the last record.
    package let digest: StateDigest
    /// The records as encoded.
    package let bytes: Int

    package init(records: [LogRecord], digest: StateDigest, bytes: Int) {
        precondition(!records.isEmpty, "an operation without records is not in the log")
        self.records = records
        self.digest = digest
        self.bytes = bytes
    }

    package var first: LogSequence { records[0].sequence }
    package var last: LogSequence { records[records.count - 1].sequence }
}

/// How much of the log one answer may hold; one operation comes whole, however large.
package struct ReadLimit: Sendable, Hashable {
    package var records: Int
    package var bytes: Int

    package init(records: Int = AppendBatch.maximumCommands, bytes: Int = AppendBatch.maximumBytes) {
        self.records = records
        self.bytes = bytes
    }
}

/// What the log holds, in figures.
package struct LogStatistics: Sendable, Equatable {
    package let head: LogHead
    /// Oldest record that is still in the log; 1 unless it was trimmed.
    package let first: LogSequence
    package let verticals: [VerticalCount]
    /// Nil: no exemplar yet.
    package let encoder: EncoderShape?
    /// Of the file and what SQLite keeps beside it.
    package let bytes: Int

    package struct VerticalCount: Sendable, Equatable {
        package let vertical: Vertical
        package let exemplars: Int
        package let intents: Int
    }
}

/// Which encoder made a log's vectors, and how long they are.
package struct EncoderShape: Sendable, Hashable {
    package let encoder: ModelID
    package let dimensions: Int

    package init(encoder: ModelID, dimensions: Int) {
        self.encoder = encoder
        self.dimensions = dimensions
    }
}

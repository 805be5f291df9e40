package import Core

/// What a node's parts say of themselves when they are asked: plain values, so that this target knows none of the parts.

/// The compute queue of one priority since its start, and what waits in it now.
package struct QueueReading: Sendable {
    package var admitted = 0
    package var refusedFull = 0
    package var refusedLate = 0
    package var expired = 0
    package var cancelled = 0
    package var waiting = 0
    /// Seconds from arrival to being taken.
    package var delay: HistogramReading

    package init(delay: HistogramReading) {
        self.delay = delay
    }
}

package struct ComputeReading: Sendable {
    package var queues: [Priority: QueueReading]
    package var waitingBytes = 0
    package var batchTexts: HistogramReading
    package var batchScores: HistogramReading
    package var idleThreads = 0
    package var retrievalThreads = 0
    package var languageThreads = 0
    package var interruptions = 0

    package init(queues: [Priority: QueueReading], batchTexts: HistogramReading, batchScores: HistogramReading) {
        self.queues = queues
        self.batchTexts = batchTexts
        self.batchScores = batchScores
    }
}

package struct SegmentReading: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case growing
        case awaitingGraph = "awaiting_graph"
        case graph
    }

    package let vertical: Vertical
    package let state: State
    /// Exemplars.
    package let live: Int
    /// Vectors, dead ones included.
    package let rows: Int
    package let withoutGraph: Int

    package init(vertical: Vertical, state: State, live: Int, rows: Int, withoutGraph: Int) {
        self.vertical = vertical
        self.state = state
        self.live = live
        self.rows = rows
        self.withoutGraph = withoutGraph
    }
}

package struct IndexReading: Sendable {
    package var segments: [SegmentReading]
    package var vectorBytes: Int
    package var rowBytes: Int
    package var exemplarBytes: Int

    package init(segments: [SegmentReading], vectorBytes: Int, rowBytes: Int, exemplarBytes: Int) {
        self.segments = segments
        self.vectorBytes = vectorBytes
        self.rowBytes = rowBytes
        self.exemplarBytes = exemplarBytes
    }
}

package struct LogReading: Sendable {
    package var head: LogSequence
    package var epoch: UInt64
    package var isWritable: Bool
    package var followers: Int

    package init(head: LogSequence, epoch: UInt64, isWritable: Bool, followers: Int) {
        self.head = head
        self.epoch = epoch
        self.isWritable = isWritable
        self.followers = followers
    }
}

package struct ReplicaReading: Sendable {
    package var applied: LogSequence
    /// The log's head as last heard.
    package var head: LogSequence
    /// Since the updater was last heard; nil: never yet.
    package var silence: Duration?
    /// It stands before a record that it cannot read.
    package var isStopped: Bool
    /// How often one was found to differ from the log.
    package var discarded: Int

    package init(
        applied: LogSequence,
        head: LogSequence,
        silence: Duration?,
        isStopped: Bool = false,
        discarded: Int = 0,
    ) {
        self.applied = applied
        self.head = head
        self.silence = silence
        self.isStopped = isStopped
        self.discarded = discarded
    }
}

/// The workers of one service, as a gateway sees them.
package struct WorkersReading: Sendable {
    package let service: String
    package var attached: Int
    package var credit: Int
    package var waiting: Int

    package init(service: String, attached: Int, credit: Int, waiting: Int) {
        self.service = service
        self.attached = attached
        self.credit = credit
        self.waiting = waiting
    }
}

/// The live pool of unexplained utterances.
package struct PoolReading: Sendable {
    package var counts: PoolCounts
    /// Of the file and what SQLite keeps beside it.
    package var storedBytes: Int

    package init(counts: PoolCounts, storedBytes: Int) {
        self.counts = counts
        self.storedBytes = storedBytes
    }
}

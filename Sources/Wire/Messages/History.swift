package import Core

/// Asks for the log's operations, one after the other.
package struct HistoryRequest: Sendable, Equatable {
    /// Nil: all.
    package var vertical: Vertical?
    /// Operations that end at it or before are left out.
    package var after: LogSequence
    package var isNewestFirst: Bool
    /// 0: all.
    package var limit: Int
    /// Only operations of this change; empty: all.
    package var change: [UInt8]

    package init(
        vertical: Vertical? = nil,
        after: LogSequence = .start,
        isNewestFirst: Bool = false,
        limit: Int = 0,
        change: [UInt8] = [],
    ) {
        self.vertical = vertical
        self.after = after
        self.isNewestFirst = isNewestFirst
        self.limit = limit
        self.change = change
    }
}

/// One operation of the log and what it holds; `switchboard.v1.HistoryResponse` on the wire.
package struct HistoryEntry: Sendable, Equatable {
    package var stamp: OperationStamp
    package var first: LogSequence
    package var last: LogSequence
    /// In the order of kinds.
    package var counts: [KindCount]
    /// Those that it touched, in alphabetical order.
    package var verticals: [Vertical]

    package init(
        stamp: OperationStamp,
        first: LogSequence,
        last: LogSequence,
        counts: [KindCount] = [],
        verticals: [Vertical] = [],
    ) {
        self.stamp = stamp
        self.first = first
        self.last = last
        self.counts = counts
        self.verticals = verticals
    }
}

/// Undoes all that came after a record.
package struct RollbackRequest: Sendable, Equatable {
    /// The end of an operation.
    package var to: LogSequence
    /// Nil: all.
    package var vertical: Vertical?
    package var way: ReversalWay

    package init(to: LogSequence, vertical: Vertical? = nil, way: ReversalWay = ReversalWay()) {
        self.to = to
        self.vertical = vertical
        self.way = way
    }
}

/// Undoes one change.
package struct UndoRequest: Sendable, Equatable {
    /// 1 to 64 bytes.
    package var change: [UInt8]
    package var way: ReversalWay

    package init(change: [UInt8], way: ReversalWay = ReversalWay()) {
        self.change = change
        self.way = way
    }
}

/// Who undoes something, and how.
package struct ReversalWay: Sendable, Equatable {
    package var source: String
    package var author: String
    /// Nothing is appended; the receipt says what would be.
    package var isDryRun: Bool
    package var wait: Wait

    package init(source: String = "", author: String = "", isDryRun: Bool = false, wait: Wait = .durable) {
        self.source = source
        self.author = author
        self.isDryRun = isDryRun
        self.wait = wait
    }
}

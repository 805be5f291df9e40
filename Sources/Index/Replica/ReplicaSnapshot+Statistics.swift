package import Core
internal import HashTreeCollections

/// For metrics and `index stats`.
extension ReplicaSnapshot {
    /// Of every vertical that has or had exemplars, in alphabetical order; the growing segment last.
    package var segments: [SegmentStatistics] {
        state.verticals.sorted { $0.vertical < $1.vertical }.flatMap { index in
            index.segments.map { segment in
                SegmentStatistics(
                    vertical: index.vertical,
                    kind: segment.awaited == nil ? .graph : .awaitingGraph,
                    tier: segment.tier,
                    live: segment.live,
                    vectors: segment.parts.reduce(0) { $0 + $1.count },
                    withoutGraph: segment.rowsWithoutGraph,
                    bytes: segment.parts.reduce(0) { $0 + $1.bytes },
                )
            } + [growing(of: index)]
        }
    }

    /// Memory by what it is for; as allocated, of which the system may not have made all resident. What is to serve
    /// next is in it too.
    package var memory: IndexMemory {
        let verticals = state.generations.flatMap(\.verticals)
        return IndexMemory(
            vectors: verticals.reduce(0) { sum, index in
                sum + index.growing.bytes
                    + index.segments.reduce(0) { $0 + $1.parts.reduce(0) { $0 + $1.bytes } }
            },
            rows: verticals.reduce(0) {
                $0 + $1.table.bytes + $1.words.bytes + ($1.live.words.count + $1.searchable.words.count)
                    * MemoryLayout<UInt64>.stride
            },
            // A key and a value each, in nodes that are two thirds full with 16 bytes of their own for some ten
            // entries.
            exemplars: state.generations.reduce(0) { $0 + $1.exemplars.count }
                * (MemoryLayout<(ExemplarID, RowPlace)>.stride * 3 / 2 + 8),
        )
    }

    /// Whether graphs are still to be built; until they are, their rows are searched exactly.
    package var awaitsGraphs: Bool {
        state.verticals.contains { $0.segments.contains { $0.awaited != nil } }
    }

    /// Of what is to serve next: graphs that are still to be built.
    package var nextGraphsDue: Int {
        (state.next?.verticals ?? []).reduce(0) { $0 + $1.segments.count { $0.awaited != nil } }
    }

    private func growing(of index: VerticalIndex) -> SegmentStatistics {
        SegmentStatistics(
            vertical: index.vertical,
            kind: .growing,
            tier: 0,
            live: index.live.count(in: index.growing.rows),
            vectors: index.growing.rows.count,
            withoutGraph: index.growing.rows.count,
            bytes: index.growing.bytes,
        )
    }
}

package struct SegmentStatistics: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// Takes new exemplars. Followed by `awaitingGraph`.
        case growing
        /// Sealed, merged or compacted, its graph not there yet. Followed by `graph`.
        case awaitingGraph
        /// Served by its graph. Followed by `awaitingGraph` of a merged or compacted segment.
        case graph
    }

    package let vertical: Vertical
    package let kind: Kind
    package let tier: Int
    package let live: Int
    /// Dead ones included.
    package let vectors: Int
    /// Vectors that are searched exactly.
    package let withoutGraph: Int
    package let bytes: Int
}

package struct IndexMemory: Sendable, Hashable {
    /// Vectors and graphs.
    package let vectors: Int
    /// Texts, words, intents and what else is known of a row.
    package let rows: Int
    /// The dictionary from ids to rows.
    package let exemplars: Int

    package var total: Int { vectors + rows + exemplars }
}

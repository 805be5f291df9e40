/// Sealing, merging and compacting: decided at seal points, by the log's position alone.
extension VerticalIndex {
    /// Counts an upsert record, and seals the growing segment where its number says so.
    mutating func countUpsert(_ settings: IndexSettings) {
        upserts += 1
        if upserts % settings.upsertsPerSegment == 0 { seal(settings) }
    }

    /// Puts a built graph in the place of what served its rows.
    ///
    /// A graph whose segment has meanwhile been merged or decided on anew serves its rows until the new one is there.
    mutating func install(_ graph: SealedGraph, of number: Int, rows: Range<Int>) {
        func lies(_ inner: Range<Int>, in outer: Range<Int>) -> Bool {
            outer.lowerBound <= inner.lowerBound && inner.upperBound <= outer.upperBound
        }
        // None: all its rows have died since.
        guard let index = segments.firstIndex(where: { lies(rows, in: $0.rows) }) else { return }
        let part = VectorPart.graph(graph, rows: rows)
        if segments[index].number == number {
            segments[index].parts = [part]
            segments[index].awaited = nil
        } else if let place = segments[index].parts.firstIndex(where: { lies($0.rows, in: rows) }) {
            segments[index].parts.removeAll { lies($0.rows, in: rows) }
            segments[index].parts.insert(part, at: place)
        }
    }

    private mutating func seal(_ settings: IndexSettings) {
        if !growing.rows.isEmpty {
            appendSegment(rows: growing.rows, tier: 0, parts: [.blocks(growing)])
            growing = BlockRun(dimension: settings.dimension, from: table.count)
        }
        merge(settings)
        compact(settings)
    }

    /// So many neighbours of one tier become one of the next, as in a counter to that base.
    private mutating func merge(_ settings: IndexSettings) {
        while let last = segments.last {
            let neighbours = segments.suffix(settings.segmentsPerTier)
            guard neighbours.count == settings.segmentsPerTier, neighbours.allSatisfy({ $0.tier == last.tier })
            else { return }
            let parts = neighbours.flatMap(\.parts)
            let rows = neighbours[neighbours.startIndex].rows.lowerBound..<last.rows.upperBound
            segments.removeLast(settings.segmentsPerTier)
            appendSegment(rows: rows, tier: last.tier + 1, parts: parts)
        }
    }

    private mutating func compact(_ settings: IndexSettings) {
        segments.removeAll { $0.live == 0 }
        for index in segments.indices {
            let old = segments[index]
            guard (old.members - old.live) * settings.compactedDeadShare >= old.members, old.live < old.members
            else { continue }
            segments[index] = makeSegment(rows: old.rows, tier: old.tier, parts: old.parts)
        }
    }

    private mutating func appendSegment(rows: Range<Int>, tier: Int, parts: [VectorPart]) {
        let segment = makeSegment(rows: rows, tier: tier, parts: parts)
        if segment.live > 0 { segments.append(segment) }
    }

    private mutating func makeSegment(rows: Range<Int>, tier: Int, parts: [VectorPart]) -> Segment {
        defer { segmentsMade += 1 }
        let count = live.count(in: rows)
        return Segment(
            number: segmentsMade,
            rows: rows,
            tier: tier,
            members: count,
            live: count,
            searchable: searchable.count(in: rows),
            parts: parts,
            awaited: live,
        )
    }
}

package import Core
internal import HashTreeCollections

extension ReplicaSnapshot {
    /// For each of some intents its own live exemplars that are nearest to the query, wherever they stand among all
    /// exemplars. `k` of the query is of no meaning here, nor are graphs: the intents' own vectors are read, some hundred.
    ///
    /// - Parameter count: how many of each, at least one.
    /// - Returns: by intent, nearest first; an intent without any has no entry.
    /// - Throws: `.invalidArgument` for a vector of another length.
    package func nearest(
        of intents: some Collection<IntentID>,
        each count: Int,
        to query: SearchQuery,
    ) throws(SwitchboardError) -> [IntentID: [Hit]] {
        try check(query.vector)
        var found: [IntentID: [Hit]] = [:]
        for place in Set(query.verticals.compactMap({ state.verticalPlaces[$0] })).sorted() {
            let index = state.verticals[place]
            let wanted = Set(intents)
            let slots = index.intents.ids.indices.filter {
                wanted.contains(index.intents.intent(of: UInt32($0))) && index.intents.isEnabled[$0]
            }
            guard !slots.isEmpty, index.liveCount > 0 else { continue }
            for (slot, rows) in nearest(of: slots, each: count, in: place, query) {
                found[index.intents.ids[slot]] = rows.entries.map(hit)
            }
        }
        return found
    }

    /// - Returns: by the slot that theirs stands for.
    private func nearest(
        of slots: [Int],
        each count: Int,
        in place: Int,
        _ query: SearchQuery,
    ) -> [Int: NearestRows] {
        let index = state.verticals[place]
        var accepted = [Bool](repeating: false, count: index.intents.ids.count)
        for slot in slots { accepted[slot] = true }
        var allowed = index.table.rows(whereSlot: accepted)
        for id in query.excluding {
            if let excluded = state.exemplars[id], excluded.vertical == place { allowed[excluded.row] = false }
        }
        var nearest: [Int: NearestRows] = [:]
        query.vector.withUnsafeBufferPointer { vector in
            // Not empty: a dimension is positive.
            let scan = VectorScan(query: vector.baseAddress!, allowed: allowed)
            index.forEachStretch { stretch in
                scan.run(over: stretch) {
                    -.infinity
                } matches: { row, similarity in
                    let entry = NearestRows.Entry(similarity: similarity, vertical: place, row: row)
                    let slot = Int(index.intents.standing[Int(index.table.slot(of: row))])
                    nearest[slot, default: NearestRows(k: count)].offer(entry) {
                        index.table.exemplar(of: $0.row)
                    }
                }
            }
        }
        return nearest
    }
}

package import Core
internal import HashTreeCollections

extension ReplicaSnapshot {
    /// The k nearest live exemplars of enabled intents, over all the query's verticals together, nearest first; of
    /// equally near ones those with the smaller ids.
    ///
    /// Exact in growing segments and where a graph is not there yet; elsewhere a graph is walked, unless the query says
    /// exact. Takes no lock that a writer holds. Computes on the calling thread: a fraction of a millisecond with
    /// graphs, milliseconds without, so not on Swift's cooperative pool.
    /// - Throws: `.invalidArgument` for a vector of another length or a k below 1.
    package func search(_ query: SearchQuery) throws(SwitchboardError) -> [Hit] {
        try check(query.vector)
        guard query.k > 0 else { throw .invalid("a search is for at least one neighbour, not for \(query.k)") }
        var nearest = NearestRows(k: query.k)
        query.vector.withUnsafeBufferPointer { vector in
            // Not empty: a dimension is positive.
            let vector = vector.baseAddress!
            for place in Set(query.verticals.compactMap { state.verticalPlaces[$0] }).sorted() {
                search(place, query, vector, &nearest)
            }
        }
        return nearest.entries.map(hit)
    }

    func check(_ vector: [Float]) throws(SwitchboardError) {
        guard vector.count == dimension else {
            throw .invalid("the query's vector has \(vector.count) dimensions; this index holds \(dimension)")
        }
    }

    /// - Parameter vector: the query's.
    private func search(
        _ place: Int,
        _ query: SearchQuery,
        _ vector: UnsafePointer<Float>,
        _ nearest: inout NearestRows,
    ) {
        let index = state.verticals[place]
        guard index.liveCount > 0 else { return }
        let excluded = query.excluding.compactMap { id in
            state.exemplars[id].flatMap { $0.vertical == place ? $0.row : nil }
        }
        let search = VerticalSearch(
            index: index,
            place: place,
            vector: vector,
            breadth: max(state.settings.searchBreadth, 2 * query.k),
            allowed: allowed(in: index, within: query.within),
            isFiltered: !query.within.isEmpty,
            excludedRows: Set(excluded),
            isExact: query.isExact,
            exemplar: { [state] in state.verticals[$0.vertical].table.exemplar(of: $0.row) },
        )
        search.run(&nearest)
    }

    private func allowed(in index: VerticalIndex, within paths: [IntentPath]) -> Bitmap {
        guard !paths.isEmpty else { return index.searchable }
        let accepted = zip(index.intents.standing, index.intents.isEnabled).map { slot, isEnabled in
            isEnabled && isWithin(index.intents.ids[Int(slot)], paths)
        }
        return index.table.rows(whereSlot: accepted)
    }

    func isWithin(_ intent: IntentID, _ paths: [IntentPath]) -> Bool {
        guard let path = state.taxonomy[intent]?.path else { return false }
        return paths.contains { path.isWithin($0) }
    }

    func hit(_ entry: NearestRows.Entry) -> Hit {
        let index = state.verticals[entry.vertical]
        return Hit(
            exemplar: index.table.exemplar(of: entry.row),
            vertical: index.vertical,
            text: index.table.text(of: entry.row),
            intent: index.intent(of: entry.row),
            similarity: entry.similarity,
        )
    }
}

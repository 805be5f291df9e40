package import Core
internal import HashTreeCollections

extension ReplicaSnapshot {
    /// The k nearest live exemplars of enabled intents, over all the query's verticals together, nearest first; of
    /// equally near ones those with the smaller ids.
    ///
    /// Exact in growing segments and where a graph is not there yet; elsewhere a graph is walked, unless the query says
    /// exact. Takes no lock that a writer holds. Computes on the calling thread: a fraction of a millisecond with graphs,
    /// milliseconds without, so not on Swift's cooperative pool.
    /// - Throws: `.invalidArgument` for a vector of another length or a k below 1.
    package func search(_ query: SearchQuery) throws(SwitchboardError) -> [Hit] {
        guard query.vector.count == dimension else {
            throw .invalid("the query's vector has \(query.vector.count) dimensions; this index holds \(dimension)")
        }
        guard query.k > 0 else { throw .invalid("a search is for at least one neighbour, not for \(query.k)") }
        var nearest = NearestRows(k: query.k)
        let places = Set(query.verticals.compactMap { state.verticalPlaces[$0] }).sorted()
        query.vector.withUnsafeBufferPointer { vector in
            // Not empty: a dimension is positive.
            let pointer = vector.baseAddress!
            for place in places {
                search(place, pointer, query, into: &nearest)
            }
        }
        return nearest.entries.map(hit)
    }

    private func search(
        _ place: Int,
        _ vector: UnsafePointer<Float>,
        _ query: SearchQuery,
        into nearest: inout NearestRows,
    ) {
        let index = state.verticals[place]
        guard index.liveCount > 0 else { return }
        let search = VerticalSearch(
            index: index,
            place: place,
            query: vector,
            allowed: allowed(in: place, query),
            isFiltered: !query.within.isEmpty,
            breadth: max(state.settings.searchBreadth, 2 * query.k),
            isExact: query.isExact,
        )
        search.run(into: &nearest) { entry in state.verticals[entry.vertical].table.exemplar(of: entry.row) }
    }

    /// The rows that the query may find.
    private func allowed(in place: Int, _ query: SearchQuery) -> Bitmap {
        let index = state.verticals[place]
        var allowed = index.searchable
        if !query.within.isEmpty {
            let accepted = zip(index.intents.ids, index.intents.isEnabled).map { id, isEnabled in
                isEnabled && query.within.contains { state.taxonomy[id]?.path.isWithin($0) ?? false }
            }
            allowed = index.table.rows(whereSlot: accepted)
        }
        for id in query.excluding {
            if let excluded = state.exemplars[id], excluded.vertical == place { allowed[excluded.row] = false }
        }
        return allowed
    }

    private func hit(_ entry: NearestRows.Entry) -> Hit {
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

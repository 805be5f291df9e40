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
        try search([query])[0]
    }

    /// The same for several queries, in their order. Those that want the same of the same verticals share the reading
    /// of what is searched exactly: eight then take three times as long as one.
    package func search(_ queries: [SearchQuery]) throws(SwitchboardError) -> [[Hit]] {
        for query in queries { try check(query) }
        let groups = Dictionary(grouping: queries.indices) { SearchScope(queries[$0]) }
        var answers = [[Hit]](repeating: [], count: queries.count)
        for (scope, numbers) in groups {
            for first in stride(from: 0, to: numbers.count, by: VectorScan.maximumQueries) {
                let some = numbers[first..<min(first + VectorScan.maximumQueries, numbers.count)]
                let found = search(some.map { queries[$0] }, in: scope)
                for (number, nearest) in zip(some, found) { answers[number] = nearest.entries.map(hit) }
            }
        }
        return answers
    }

    private func check(_ query: SearchQuery) throws(SwitchboardError) {
        guard query.vector.count == dimension else {
            throw .invalid("the query's vector has \(query.vector.count) dimensions; this index holds \(dimension)")
        }
        guard query.k > 0 else { throw .invalid("a search is for at least one neighbour, not for \(query.k)") }
    }

    private func search(_ queries: [SearchQuery], in scope: SearchScope) -> [NearestRows] {
        let vectors = queries.flatMap(\.vector)
        return vectors.withUnsafeBufferPointer { vectors in
            // Not empty: there is a query, and a dimension is positive.
            let base = vectors.baseAddress!
            var pending = queries.enumerated().map { number, query in
                PendingQuery(
                    vector: base + number * dimension,
                    breadth: max(state.settings.searchBreadth, 2 * query.k),
                    nearest: NearestRows(k: query.k),
                )
            }
            for place in Set(scope.verticals.compactMap { state.verticalPlaces[$0] }).sorted() {
                search(place, scope, queries, &pending)
            }
            return pending.map(\.nearest)
        }
    }

    private func search(
        _ place: Int,
        _ scope: SearchScope,
        _ queries: [SearchQuery],
        _ pending: inout [PendingQuery],
    ) {
        let index = state.verticals[place]
        guard index.liveCount > 0 else { return }
        for (number, query) in queries.enumerated() {
            pending[number].excludedRows = Set(
                query.excluding.compactMap { id in
                    state.exemplars[id].flatMap { $0.vertical == place ? $0.row : nil }
                }
            )
        }
        let search = VerticalSearch(
            index: index,
            place: place,
            allowed: allowed(in: index, within: scope.within),
            isFiltered: !scope.within.isEmpty,
            isExact: scope.isExact,
            exemplar: { [state] in state.verticals[$0.vertical].table.exemplar(of: $0.row) },
        )
        search.run(&pending)
    }

    private func allowed(in index: VerticalIndex, within paths: [IntentPath]) -> Bitmap {
        guard !paths.isEmpty else { return index.searchable }
        let accepted = zip(index.intents.ids, index.intents.isEnabled).map { id, isEnabled in
            isEnabled && isWithin(id, paths)
        }
        return index.table.rows(whereSlot: accepted)
    }

    func isWithin(_ intent: IntentID, _ paths: [IntentPath]) -> Bool {
        guard let path = state.taxonomy[intent]?.path else { return false }
        return paths.contains { path.isWithin($0) }
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

/// What queries must have in common to be answered in one pass.
private struct SearchScope: Hashable {
    let verticals: [Vertical]
    let within: [IntentPath]
    let isExact: Bool

    init(_ query: SearchQuery) {
        verticals = query.verticals
        within = query.within
        isExact = query.isExact
    }
}

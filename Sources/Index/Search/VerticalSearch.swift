internal import CHNSW
internal import Core

/// A search through one vertical for a few queries that want the same of it, whose finds join those of the other
/// verticals.
struct VerticalSearch {
    let index: VerticalIndex
    /// In the replica's list of verticals.
    let place: Int
    /// The rows that the queries may find, but for those that one excludes.
    let allowed: Bitmap
    /// Whether `allowed` is less than what the vertical's segments count as searchable.
    let isFiltered: Bool
    let isExact: Bool
    /// Asked between rows that are equally near.
    let exemplar: (NearestRows.Entry) -> ExemplarID

    /// - Parameter pending: at most `VectorScan.maximumQueries`.
    func run(_ pending: inout [PendingQuery]) {
        // Graphs come first: what they find narrows the exact part.
        var exactParts: [VectorPart] = []
        for segment in index.segments {
            for part in segment.parts where !walk(part, of: segment, &pending) {
                exactParts.append(part)
            }
        }
        for part in exactParts { part.forEachStretch { scan($0, &pending) } }
        index.growing.forEachStretch { scan($0, &pending) }
    }

    /// - Returns: false where the part has to be read through instead.
    private func walk(_ part: VectorPart, of segment: Segment, _ pending: inout [PendingQuery]) -> Bool {
        guard !isExact, case .graph(let graph, let rows) = part else { return false }
        let isWhole = segment.parts.count == 1 && !isFiltered
        let candidates = isWhole ? segment.searchable : allowed.count(in: rows)
        let breadth = pending.reduce(0) { max($0, $1.breadth) }
        guard Self.walkPays(candidates: candidates, of: graph.count, breadth: breadth) else { return false }
        for number in pending.indices {
            var allowed = self.allowed
            for row in pending[number].excludedRows { allowed[row] = false }
            // By codes alone the last of the k may be taken for a few places behind.
            let (breadth, k) = (pending[number].breadth, pending[number].nearest.k)
            let wanted = min(breadth, max(2 * k, 32))
            let vector = pending[number].vector
            let hasWalked = graph.search(vector, breadth: breadth, wanted: wanted, allowed: allowed) {
                row,
                similarity in
                pending[number].offer(row, similarity, in: place, exemplar: exemplar)
            }
            if !hasWalked {
                // There was no memory to walk in; reading through needs none.
                var alone = [pending[number]]
                part.forEachStretch { scan($0, &alone) }
                pending[number] = alone[0]
            }
        }
        return true
    }

    private func scan(_ stretch: chnsw_rows, _ pending: inout [PendingQuery]) {
        VectorScan(queries: pending.map(\.vector), allowed: allowed).run(over: stretch) { number in
            pending[number].nearest.threshold
        } matches: { number, row, similarity in
            pending[number].offer(row, similarity, in: place, exemplar: exemplar)
        }
    }

    /// A walk keeps `breadth` allowed rows and passes `count / candidates` rows for each of them, comparing with about
    /// a dozen vectors a row passed; reading through compares with the candidates alone.
    static func walkPays(candidates: Int, of count: Int, breadth: Int) -> Bool {
        candidates * candidates > 12 * breadth * count
    }
}

/// A query that is being answered.
struct PendingQuery {
    /// Valid while it is being answered.
    let vector: UnsafePointer<Float>
    /// HNSW's ef.
    let breadth: Int
    /// In the vertical at hand.
    var excludedRows: Set<Int> = []
    var nearest: NearestRows

    mutating func offer(
        _ row: Int,
        _ similarity: Float,
        in vertical: Int,
        exemplar: (NearestRows.Entry) -> ExemplarID,
    ) {
        guard excludedRows.isEmpty || !excludedRows.contains(row) else { return }
        nearest.offer(.init(similarity: similarity, vertical: vertical, row: row), exemplar: exemplar)
    }
}

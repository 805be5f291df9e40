internal import CHNSW
internal import Core

/// A search through one vertical, whose finds join those of the other verticals.
struct VerticalSearch {
    let index: VerticalIndex
    /// In the replica's list of verticals.
    let place: Int
    /// What is looked for; valid while the search runs.
    let vector: UnsafePointer<Float>
    /// HNSW's ef.
    let breadth: Int
    /// The rows that may be found, but for those that are excluded.
    let allowed: Bitmap
    /// Whether `allowed` is less than what the vertical's segments count as searchable.
    let isFiltered: Bool
    let excludedRows: Set<Int>
    let isExact: Bool
    /// Asked between rows that are equally near.
    let exemplar: (NearestRows.Entry) -> ExemplarID

    func run(_ nearest: inout NearestRows) {
        // Graphs come first: what they find narrows the exact part.
        var exactParts: [VectorPart] = []
        for segment in index.segments {
            for part in segment.parts where !walk(part, of: segment, &nearest) {
                exactParts.append(part)
            }
        }
        for part in exactParts { part.forEachStretch { scan($0, &nearest) } }
        index.growing.forEachStretch { scan($0, &nearest) }
    }

    /// - Returns: false where the part has to be read through instead.
    private func walk(_ part: VectorPart, of segment: Segment, _ nearest: inout NearestRows) -> Bool {
        guard !isExact, case .graph(let graph, let rows) = part else { return false }
        let isWhole = segment.parts.count == 1 && !isFiltered
        let candidates = isWhole ? segment.searchable : allowed.count(in: rows)
        guard Self.walkPays(candidates: candidates, of: graph.count, breadth: breadth) else { return false }
        var allowed = self.allowed
        for row in excludedRows { allowed[row] = false }
        // By codes alone the last of the k may be taken for a few places behind.
        let wanted = min(breadth, max(2 * nearest.k, 32))
        // Where there is no memory to walk in, reading through needs none.
        return graph.search(vector, breadth: breadth, wanted: wanted, allowed: allowed) { row, similarity in
            offer(row, similarity, &nearest)
        }
    }

    private func scan(_ stretch: chnsw_rows, _ nearest: inout NearestRows) {
        VectorScan(query: vector, allowed: allowed).run(over: stretch) {
            nearest.threshold
        } matches: { row, similarity in
            offer(row, similarity, &nearest)
        }
    }

    private func offer(_ row: Int, _ similarity: Float, _ nearest: inout NearestRows) {
        guard excludedRows.isEmpty || !excludedRows.contains(row) else { return }
        nearest.offer(.init(similarity: similarity, vertical: place, row: row), exemplar: exemplar)
    }

    /// A walk keeps `breadth` allowed rows and passes `count / candidates` rows for each of them, comparing with about
    /// a dozen vectors a row passed; reading through compares with the candidates alone.
    static func walkPays(candidates: Int, of count: Int, breadth: Int) -> Bool {
        candidates * candidates > 12 * breadth * count
    }
}

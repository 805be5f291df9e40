internal import CHNSW
internal import Core

/// A search through one vertical, whose finds join those of the other verticals in one list.
struct VerticalSearch {
    let index: VerticalIndex
    /// In the replica's list of verticals.
    let place: Int
    let query: UnsafePointer<Float>
    let allowed: Bitmap
    /// Whether `allowed` is less than what the vertical's segments count as searchable.
    let isFiltered: Bool
    let breadth: Int
    let isExact: Bool

    func run(into nearest: inout NearestRows, exemplar: (NearestRows.Entry) -> ExemplarID) {
        // Graphs come first: what they find narrows the exact part.
        var exactParts: [VectorPart] = []
        for segment in index.segments {
            for part in segment.parts where !walk(part, of: segment, into: &nearest, exemplar: exemplar) {
                exactParts.append(part)
            }
        }
        for part in exactParts {
            part.forEachStretch { scan($0, into: &nearest, exemplar: exemplar) }
        }
        index.growing.forEachStretch { scan($0, into: &nearest, exemplar: exemplar) }
    }

    /// - Returns: false where the part has to be read through instead.
    private func walk(
        _ part: VectorPart,
        of segment: Segment,
        into nearest: inout NearestRows,
        exemplar: (NearestRows.Entry) -> ExemplarID,
    ) -> Bool {
        guard !isExact, case .graph(let graph, let rows) = part else { return false }
        let isWhole = segment.parts.count == 1 && !isFiltered
        let candidates = isWhole ? segment.searchable : allowed.count(in: rows)
        guard Self.walkPays(candidates: candidates, of: graph.count, breadth: breadth) else { return false }
        return graph.search(query, breadth: breadth, allowed: allowed) { row, similarity in
            nearest.offer(.init(similarity: similarity, vertical: place, row: row), exemplar: exemplar)
        }
    }

    private func scan(
        _ stretch: chnsw_rows,
        into nearest: inout NearestRows,
        exemplar: (NearestRows.Entry) -> ExemplarID,
    ) {
        VectorScan(query: query, allowed: allowed).run(over: stretch) {
            nearest.threshold
        } matches: { row, similarity in
            nearest.offer(.init(similarity: similarity, vertical: place, row: row), exemplar: exemplar)
        }
    }

    /// A walk keeps `breadth` allowed rows and passes `count / candidates` rows for each of them, comparing with about a
    /// dozen vectors a row passed; reading through compares with the candidates alone.
    static func walkPays(candidates: Int, of count: Int, breadth: Int) -> Bool {
        candidates * candidates > 12 * breadth * count
    }
}

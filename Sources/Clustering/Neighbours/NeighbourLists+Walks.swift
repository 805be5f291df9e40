internal import Index

extension NeighbourLists {
    private static let rowsOfPiece = 64
    /// HNSW's ef, at least: more than the index's own 96, as three times as many neighbours are wanted.
    private static let breadth = 128

    /// Builds an HNSW graph on the calling thread, then walks it from every row.
    init(
        walking table: VectorTable,
        k: Int,
        threads: Int,
        seed: UInt64,
        checkpoint: () throws -> Void,
    ) rethrows {
        let count = table.count
        let length = Self.length(k, rows: count)
        let graph = try table.values.withUnsafeBufferPointer { values in
            try TableGraph(values, dimension: table.dimension, seed: seed, checkpoint: checkpoint)
        }
        let rows = Numbers<Int32>(repeating: 0, count: count * length)
        let similarities = Numbers<Float>(repeating: -.infinity, count: count * length)
        // Each piece writes the lists of its own rows, and this function outlives all pieces.
        nonisolated(unsafe) let rowMemory = rows.memory
        nonisolated(unsafe) let similarityMemory = similarities.memory
        if length > 0 {
            let pieces = (count + Self.rowsOfPiece - 1) / Self.rowsOfPiece
            try Pieces.forEach(pieces, threads: threads, checkpoint: checkpoint) { piece in
                let first = piece * Self.rowsOfPiece
                let lists = KeptNeighbours(k: length, rows: rowMemory, similarities: similarityMemory)
                for row in first..<min(first + Self.rowsOfPiece, count) {
                    Self.walk(graph, from: row, of: table, into: lists)
                }
            }
        }
        self.init(k: length, count: count, rows: rows.array, similarities: similarities.array)
    }

    /// Fills the list of one row, which is empty so far. Where the walk finds too few, as it may among many equal vectors,
    /// the row is compared with every other.
    private static func walk(_ graph: TableGraph, from row: Int, of table: VectorTable, into lists: KeptNeighbours) {
        var found: [(row: Int, similarity: Float)] = []
        // With the row itself, and some more: the walk goes by rounded vectors, and the exact ones say who is nearest.
        let wanted = 2 * (lists.k + 1)
        let hasWalked = table.values.withUnsafeBufferPointer { values in
            // A table with a row has memory.
            let query = table.memory(of: row..<row + 1, in: values).baseAddress!
            return graph.search(query, breadth: max(breadth, wanted), wanted: wanted) { other, similarity in
                if other != row { found.append((other, similarity)) }
            }
        }
        guard hasWalked, found.count >= lists.k else { return compare(row..<row + 1, with: table, into: lists) }
        found.sort { $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.row < $1.row }
        for (place, near) in found.prefix(lists.k).enumerated() {
            lists.rows[row * lists.k + place] = Int32(truncatingIfNeeded: near.row)
            lists.similarities[row * lists.k + place] = near.similarity
        }
    }
}

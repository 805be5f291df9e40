/// For each row of a table its nearest other rows by dot product, nearest first; of equally near ones the smaller row.
package struct NeighbourLists: Sendable {
    /// Neighbours of each row.
    package let k: Int
    /// Rows of the table.
    package let count: Int
    /// `count * k` rows: those of row 0, of row 1 and so on.
    package let rows: [Int32]
    /// Of `rows`, place by place.
    package let similarities: [Float]

    /// - Parameters:
    ///   - rows: `count * k`, nearest first in each list.
    ///   - similarities: of `rows`, place by place.
    package init(k: Int, count: Int, rows: [Int32], similarities: [Float]) {
        precondition(rows.count == count * k && similarities.count == count * k, "a list a row, all of one length")
        self.k = k
        self.count = count
        self.rows = rows
        self.similarities = similarities
    }

    /// The neighbours of a row, nearest first.
    package subscript(row: Int) -> ArraySlice<Int32> { rows[row * k..<(row + 1) * k] }

    /// The same with shorter lists.
    package func first(_ shorter: Int) -> NeighbourLists {
        guard shorter < k else { return self }
        var rows: [Int32] = []
        var similarities: [Float] = []
        rows.reserveCapacity(count * shorter)
        similarities.reserveCapacity(count * shorter)
        for row in 0..<count {
            rows += self[row].prefix(shorter)
            similarities += self.similarities(of: row).prefix(shorter)
        }
        return NeighbourLists(k: shorter, count: count, rows: rows, similarities: similarities)
    }

    /// How near the neighbours of a row are, in the order of `self[row]`.
    package func similarities(of row: Int) -> ArraySlice<Float> { similarities[row * k..<(row + 1) * k] }
}

extension NeighbourLists {
    /// Up to so many rows every row is compared with every other.
    package static let mostExactRows = 20_000

    /// The `k` nearest of each row, itself left out; fewer where there are no more rows. Exact up to `mostExactRows` rows,
    /// by HNSW walks above, which miss some; `bench discover` says how many.
    ///
    /// Deterministic, on processors of equal instruction sets: neither the number of threads nor chance changes the lists.
    ///
    /// - Parameters:
    ///   - threads: that work at once, the calling one among them.
    ///   - seed: of the HNSW graph.
    ///   - checkpoint: called many times a second on the calling thread; what it throws ends the work.
    package init(
        of table: VectorTable,
        k: Int,
        threads: Int,
        seed: UInt64,
        checkpoint: () throws -> Void,
    ) rethrows {
        if table.count <= Self.mostExactRows {
            try self.init(exactlyOf: table, k: k, threads: threads, checkpoint: checkpoint)
        } else {
            try self.init(walking: table, k: k, threads: threads, seed: seed, checkpoint: checkpoint)
        }
    }

    /// The same without a checkpoint.
    package init(of table: VectorTable, k: Int, threads: Int, seed: UInt64) {
        self.init(of: table, k: k, threads: threads, seed: seed, checkpoint: {})
    }

    /// How long the lists of so many rows are.
    static func length(_ k: Int, rows: Int) -> Int { max(0, min(k, rows - 1)) }
}

internal import Index

extension NeighbourLists {
    /// A piece of work, and rows that a tile compares it with: both with their products fit the second cache.
    private static let rowsOfPiece = 64
    private static let rowsOfTile = 256

    /// Compares every row with every other, in time of count * count * dimension.
    init(exactlyOf table: VectorTable, k: Int, threads: Int, checkpoint: () throws -> Void) rethrows {
        let count = table.count
        let length = Self.length(k, rows: count)
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
                Self.compare(first..<min(first + Self.rowsOfPiece, count), with: table, into: lists)
            }
        }
        self.init(k: length, count: count, rows: rows.array, similarities: similarities.array)
    }

    /// Fills the lists of some rows, which are empty so far.
    static func compare(_ piece: Range<Int>, with table: VectorTable, into lists: KeptNeighbours) {
        let products = Numbers<Float>(repeating: 0, count: piece.count * Self.rowsOfTile)
        let kept = Numbers<Int>(repeating: 0, count: piece.count)
        table.values.withUnsafeBufferPointer { values in
            let left = table.memory(of: piece, in: values)
            for first in stride(from: 0, to: table.count, by: Self.rowsOfTile) {
                let tile = first..<min(first + Self.rowsOfTile, table.count)
                let right = table.memory(of: tile, in: values)
                VectorKernels.dots(left, right, dimension: table.dimension, into: products.memory)
                for row in piece {
                    let line = (row - piece.lowerBound) * tile.count
                    var found = kept[row - piece.lowerBound]
                    for other in tile where other != row {
                        lists.offer(products[line + other - first], other, to: row, kept: &found)
                    }
                    kept[row - piece.lowerBound] = found
                }
            }
        }
    }
}

/// Lists of nearest rows in memory of somebody else, who sees to it that each is filled by one thread.
struct KeptNeighbours {
    let k: Int
    /// `k` places a row each; similarities begin as minus infinity.
    let rows: UnsafeMutableBufferPointer<Int32>
    let similarities: UnsafeMutableBufferPointer<Float>

    /// Takes a row into a list if it is near enough; of equally near ones the first offered stays before.
    ///
    /// - Parameter kept: how many are in the list.
    @inline(__always)
    func offer(_ similarity: Float, _ other: Int, to row: Int, kept: inout Int) {
        let first = row * k
        if kept == k, !(similarity > similarities[first + k - 1]) { return }
        var place = first + min(kept, k - 1)
        while place > first, similarity > similarities[place - 1] {
            similarities[place] = similarities[place - 1]
            rows[place] = rows[place - 1]
            place -= 1
        }
        similarities[place] = similarity
        rows[place] = Int32(truncatingIfNeeded: other)
        if kept < k { kept += 1 }
    }
}

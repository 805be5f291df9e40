internal import Core

/// The k nearest rows that a search has met so far, over all its verticals; of equally near ones those with the
/// smaller exemplar ids.
struct NearestRows {
    struct Entry {
        let similarity: Float
        /// In the replica's list of verticals.
        let vertical: Int
        let row: Int
    }

    let k: Int
    /// Nearest first.
    private(set) var entries: [Entry] = []

    init(k: Int) {
        self.k = k
        entries.reserveCapacity(k + 1)
    }

    /// What a row has to reach to be of interest.
    var threshold: Float { entries.count < k ? -.infinity : entries[entries.count - 1].similarity }

    /// - Parameter exemplar: asked only between rows that are equally near.
    mutating func offer(_ entry: Entry, exemplar: (Entry) -> ExemplarID) {
        func precedes(_ left: Entry, _ right: Entry) -> Bool {
            if left.similarity != right.similarity { return left.similarity > right.similarity }
            return exemplar(left).bits < exemplar(right).bits
        }
        guard entry.similarity >= threshold else { return }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if precedes(entries[middle], entry) { low = middle + 1 } else { high = middle }
        }
        guard low < k else { return }
        entries.insert(entry, at: low)
        if entries.count > k { entries.removeLast() }
    }
}

internal import HashTreeCollections

/// In how many live exemplars of each intent of a vertical a word or a pair of words occurs.
///
/// Whole numbers, so that the order of the exemplars leaves no trace. A value: what a snapshot shares is copied piece by
/// piece as it changes.
struct WordStatistics: Sendable {
    /// Of one intent, by its slot.
    struct Count: Sendable, Equatable {
        let slot: UInt32
        var exemplars: UInt32
    }

    /// By feature, in the order of slots.
    private var counts: TreeDictionary<UInt64, [Count]> = [:]
    /// All of them.
    private var countCount = 0

    /// As allocated, about: an array's head beside its counts, and a place in a tree's node that is two thirds full.
    var bytes: Int { counts.count * (32 + 24 * 3 / 2) + countCount * MemoryLayout<Count>.stride }

    /// In how many exemplars of each intent that has one the feature occurs, in the order of slots.
    func counts(of feature: UInt64) -> [Count] { counts[feature] ?? [] }

    mutating func add(_ text: String, to slot: UInt32) {
        for feature in WordSet(text).features {
            countCount += Self.add(slot, to: &counts[feature, default: []]) ? 1 : 0
        }
    }

    /// - Precondition: it was added.
    mutating func remove(_ text: String, from slot: UInt32) {
        for feature in WordSet(text).features {
            countCount -= Self.remove(slot, from: &counts[feature, default: []]) ? 1 : 0
            if counts[feature]?.isEmpty == true { counts[feature] = nil }
        }
    }

    /// - Returns: whether it is the intent's first.
    private static func add(_ slot: UInt32, to counts: inout [Count]) -> Bool {
        let place = place(of: slot, in: counts)
        let isFirst = place == counts.count || counts[place].slot != slot
        if isFirst {
            counts.insert(Count(slot: slot, exemplars: 1), at: place)
        } else {
            counts[place].exemplars += 1
        }
        return isFirst
    }

    /// - Returns: whether it was the intent's last.
    private static func remove(_ slot: UInt32, from counts: inout [Count]) -> Bool {
        let place = place(of: slot, in: counts)
        precondition(place < counts.count && counts[place].slot == slot, "what goes had come")
        counts[place].exemplars -= 1
        guard counts[place].exemplars == 0 else { return false }
        counts.remove(at: place)
        return true
    }

    /// Of the first that is not before it.
    private static func place(of slot: UInt32, in counts: [Count]) -> Int {
        var low = 0
        var high = counts.count
        while low < high {
            let middle = (low + high) / 2
            if counts[middle].slot < slot { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

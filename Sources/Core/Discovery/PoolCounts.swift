/// How much is in a pool, and what left it.
package struct PoolCounts: Sendable, Hashable {
    /// Different utterances, by the reason they are there for.
    package var utterances: [PoolReason: Int]
    /// How often they were said.
    package var calls: Int
    /// Of texts, calls and vectors, as they are counted against the limit.
    package var bytes: Int
    /// Utterances that left since the pool was made, by why.
    package var left: [Departure: Int]

    /// Why an utterance left the pool.
    package enum Departure: String, Sendable, Hashable, CaseIterable {
        /// There was no room.
        case full
        /// It was kept as long as it may be.
        case expired
        /// The index explains it now.
        case explained
        /// A person's erasure.
        case purged
    }

    package init(
        utterances: [PoolReason: Int] = [:],
        calls: Int = 0,
        bytes: Int = 0,
        left: [Departure: Int] = [:],
    ) {
        self.utterances = utterances
        self.calls = calls
        self.bytes = bytes
        self.left = left
    }

    /// Different utterances of all reasons.
    package var total: Int { utterances.values.reduce(0, +) }
}

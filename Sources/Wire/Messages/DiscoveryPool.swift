package import Core

/// Adds utterances to a pool.
package struct DiscoveryAddRequest: Sendable, Equatable {
    /// Of entries in one request.
    package static let maximumEntries = Limits.maximumItems
    /// Of a pool's name.
    package static let maximumPoolBytes = 64

    package var entries: [PoolEntry]
    /// Empty: the live pool.
    package var pool: String

    package init(entries: [PoolEntry], pool: String = "") {
        self.entries = entries
        self.pool = pool
    }
}

/// What became of the utterances.
package struct DiscoveryAddResponse: Sendable, Equatable {
    package var added: Int
    /// Had been added before, under their request ids.
    package var repeated: Int

    package init(added: Int, repeated: Int = 0) {
        self.added = added
        self.repeated = repeated
    }
}

/// Asks that utterances be erased for good, in the pool and in every run.
package struct DiscoveryPurgeRequest: Sendable, Equatable {
    /// Exemplars mean utterances of their vertical and text.
    package var selection: PurgeSelection
    /// Nothing is changed; the answer says what would go.
    package var isDryRun: Bool

    package init(_ selection: PurgeSelection, isDryRun: Bool = false) {
        self.selection = selection
        self.isDryRun = isDryRun
    }
}

/// What was erased, or would be.
package struct DiscoveryPurgeResponse: Sendable, Equatable {
    /// Of the pool.
    package var entries: Int
    /// That lost members.
    package var proposals: Int

    package init(entries: Int, proposals: Int) {
        self.entries = entries
        self.proposals = proposals
    }
}

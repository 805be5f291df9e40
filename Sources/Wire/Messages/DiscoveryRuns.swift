package import Core

/// Asks for a run over a pool.
package struct DiscoveryStartRequest: Sendable, Equatable {
    /// Empty: the live pool.
    package var pool: String
    /// Empty: all that may be seen.
    package var verticals: [Vertical]
    package var settings: DiscoverySettings
    /// Nothing is begun: the answer says whether it could be, whatever the pool holds.
    package var isDryRun: Bool

    package init(
        pool: String = "",
        verticals: [Vertical] = [],
        settings: DiscoverySettings = DiscoverySettings(),
        isDryRun: Bool = false,
    ) {
        self.pool = pool
        self.verticals = verticals
        self.settings = settings
        self.isDryRun = isDryRun
    }
}

/// The run that was begun; 0 of a dry run.
package struct DiscoveryStartResponse: Sendable, Equatable {
    package var run: Bits128

    package init(run: Bits128) {
        self.run = run
    }
}

/// Asks that a run come to an end; what it found so far is dropped.
package struct DiscoveryCancelRequest: Sendable, Equatable {
    package var run: Bits128

    package init(run: Bits128) {
        self.run = run
    }
}

/// The run ends.
package struct DiscoveryCancelResponse: Sendable, Equatable {
    package init() {}
}

/// Asks where a run is, now and whenever that changes.
package struct DiscoveryWatchRequest: Sendable, Equatable {
    /// Nil: the one that was started last.
    package var run: Bits128?

    package init(run: Bits128? = nil) {
        self.run = run
    }
}

/// Where a run is. The stream ends after the first that is over.
package struct DiscoveryWatchResponse: Sendable, Equatable {
    package var run: Bits128
    package var progress: RunProgress

    package init(run: Bits128, progress: RunProgress) {
        self.run = run
        self.progress = progress
    }
}

extension DiscoverySettings {
    // What a run may be asked for.
    package static let acceptedNeighbours = 2...100
    package static let maximumRounds = 100
    package static let maximumSamples = 256
    package static let maximumMinimumSize = 1_000_000
    package static let maximumClusters = 1_000_000
}

extension RunProgress {
    /// Of the note, in bytes.
    package static let maximumNoteBytes = 1_024
}

extension RunSummary {
    package static let maximumCuts = Limits.maximumItems
}

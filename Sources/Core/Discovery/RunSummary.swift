/// What a list says of a run of discovery: what it looked at, how far it is, what came of it.
package struct RunSummary: Sendable, Hashable {
    package var run: Bits128
    /// Of the utterances; empty: the live pool.
    package var pool: String
    /// That it looked at; empty: all.
    package var verticals: [Vertical]
    package var settings: DiscoverySettings
    /// Microseconds since 1970 at which it was asked for.
    package var startedMicroseconds: Int64
    /// Where it is now, or how it ended.
    package var progress: RunProgress
    /// Different ones that it looks at; 0: not known yet.
    package var utterances: Int
    /// Clusters that were judged good.
    package var proposals: Int
    /// Clusters that stayed unclear.
    package var unclear: Int
    /// How many clusters each cut has; empty before it was made.
    package var cuts: [CutSummary]
    /// Of the utterances, in its largest cluster.
    package var largestShare: Double
    /// Of the utterances, in the largest cluster that was merged from others.
    package var largestMergedShare: Double

    package init(
        run: Bits128,
        pool: String = "",
        verticals: [Vertical] = [],
        settings: DiscoverySettings,
        startedMicroseconds: Int64,
        progress: RunProgress,
        utterances: Int = 0,
        proposals: Int = 0,
        unclear: Int = 0,
        cuts: [CutSummary] = [],
        largestShare: Double = 0,
        largestMergedShare: Double = 0,
    ) {
        self.run = run
        self.pool = pool
        self.verticals = verticals
        self.settings = settings
        self.startedMicroseconds = startedMicroseconds
        self.progress = progress
        self.utterances = utterances
        self.proposals = proposals
        self.unclear = unclear
        self.cuts = cuts
        self.largestShare = largestShare
        self.largestMergedShare = largestMergedShare
    }
}

/// When two clusters are one intent.
///
/// The defaults are chosen, not fitted: they merge only what is all but the same, since what was merged wrongly goes unseen.
/// docs/discovery.md (Merging) says what a fit gained and why it does not ship.
package struct MergeSettings: Sendable, Hashable, Codable {
    /// Greatest angle between the embeddings of two labels, in radians: the geodesic distance on the unit sphere.
    package var angle: Double
    /// Least co-membership of the two clusters' utterances, 0 to 1.
    package var coMembership: Double
    /// What the concentration estimated from the utterances is multiplied by: vectors of hundreds of numbers that vary
    /// in a few dozen directions are less concentrated than the estimate takes them for.
    package var concentrationScale: Double
    /// No merge makes a cluster of a greater share of the utterances than this; where there are few clusters, than what
    /// two of them have on average, and never than half.
    package var largestShare: Double

    package init(
        angle: Double = 0.6,
        coMembership: Double = 0.5,
        concentrationScale: Double = 0.1,
        largestShare: Double = 0.1,
    ) {
        self.angle = angle
        self.coMembership = coMembership
        self.concentrationScale = concentrationScale
        self.largestShare = largestShare
    }

    /// Merges nothing: no angle is that small.
    package static let none = MergeSettings(angle: -1)

    /// - Parameter clusters: how many there are before anything is merged.
    func share(among clusters: Int) -> Double {
        min(0.5, max(largestShare, 2 / Double(max(clusters, 1))))
    }
}

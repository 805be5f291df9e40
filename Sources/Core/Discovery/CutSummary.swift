/// One of the cuts that a run offers for the utterances of a vertical and a role: the one it took, a coarser, a finer.
package struct CutSummary: Sendable, Hashable {
    package var vertical: Vertical
    /// Nil: roles were not told.
    package var role: Role?
    package var cut: DiscoverySettings.Cut
    package var clusters: Int
    /// Of modularity, at which it was made.
    package var resolution: Double
    /// Mean over the utterances, -1 to 1.
    package var silhouette: Double

    package init(
        vertical: Vertical,
        role: Role?,
        cut: DiscoverySettings.Cut,
        clusters: Int,
        resolution: Double,
        silhouette: Double,
    ) {
        self.vertical = vertical
        self.role = role
        self.cut = cut
        self.clusters = clusters
        self.resolution = resolution
        self.silhouette = silhouette
    }
}

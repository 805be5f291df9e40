package import Core

/// One of all cuts that there were to choose from for the utterances of a vertical and a role, so that rules for choosing
/// can be compared without labels.
package struct SweptCut: Sendable, Hashable {
    package var vertical: Vertical
    /// Nil: roles were not told.
    package var role: Role?
    /// Of modularity, at which it was made.
    package var resolution: Double
    package var clusters: Int
    /// Mean over the utterances, -1 to 1.
    package var silhouette: Double
    /// Which of the offered cuts it is; none of most, several where there is no coarser or finer one.
    package var offeredAs: [DiscoverySettings.Cut]

    package init(
        vertical: Vertical,
        role: Role?,
        resolution: Double,
        clusters: Int,
        silhouette: Double,
        offeredAs: [DiscoverySettings.Cut],
    ) {
        self.vertical = vertical
        self.role = role
        self.resolution = resolution
        self.clusters = clusters
        self.silhouette = silhouette
        self.offeredAs = offeredAs
    }
}

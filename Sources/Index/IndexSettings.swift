/// How an index is laid out and searched. All replicas of a log have to agree on it.
package struct IndexSettings: Sendable, Hashable {
    /// Floats of a vector.
    package var dimension: Int
    /// A vertical's growing segment is sealed at each upsert whose number in the vertical is a multiple of this.
    package var upsertsPerSegment: Int
    /// So many neighbouring segments of a tier become one of the next.
    package var segmentsPerTier: Int
    /// A segment is compacted at a seal point when at least one in so many of its members is dead.
    package var compactedDeadShare: Int
    /// HNSW's M.
    package var graphLinks: Int
    /// HNSW's efConstruction.
    package var graphBreadth: Int
    package var graphSeed: UInt64
    /// HNSW's ef, at least; a search for more than half as many neighbours takes twice their count.
    package var searchBreadth: Int

    /// The defaults find 0.996 of the ten nearest among 32,768 encoded utterances in one graph; a graphBreadth of 100
    /// with a searchBreadth of 64 found 0.989 there.
    package init(
        dimension: Int = 384,
        upsertsPerSegment: Int = 8_192,
        segmentsPerTier: Int = 4,
        compactedDeadShare: Int = 5,
        graphLinks: Int = 16,
        graphBreadth: Int = 200,
        graphSeed: UInt64 = 42,
        searchBreadth: Int = 96,
    ) {
        precondition(dimension > 0 && upsertsPerSegment > 0 && segmentsPerTier > 1 && compactedDeadShare > 0)
        precondition(graphLinks > 1 && graphBreadth > 0 && searchBreadth > 0)
        self.dimension = dimension
        self.upsertsPerSegment = upsertsPerSegment
        self.segmentsPerTier = segmentsPerTier
        self.compactedDeadShare = compactedDeadShare
        self.graphLinks = graphLinks
        self.graphBreadth = graphBreadth
        self.graphSeed = graphSeed
        self.searchBreadth = searchBreadth
    }
}

import Clustering
import Core
import Testing

@testable import Discovering

@Suite struct MaterialTests {
    @Test func tunedVectorsServeWhereThereAreAny() throws {
        let utterances = [DiscoveryUtterance(text: try UtteranceText("where is my parcel"), vertical: .default)]
        let published = VectorTable(dimension: 2, rows: [[1, 0]])
        let tuned = VectorTable(dimension: 2, rows: [[0, 1]])
        #expect(Array(Material(utterances: utterances, vectors: published).clusteringVectors[0]) == [1, 0])
        #expect(
            Array(Material(utterances: utterances, vectors: published, tuned: tuned).clusteringVectors[0]) == [0, 1]
        )
    }
}

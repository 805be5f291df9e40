import Clustering
import Testing

@Suite struct PartitionTests {
    @Test func clustersAreNumberedByTheirFirstRows() {
        let partition = Partition(labels: [7, 7, -3, 7, 9, -3])
        #expect(partition.clusters == [0, 0, 1, 0, 2, 1])
        #expect(partition.clusterCount == 3)
        #expect(partition.members() == [[0, 1, 3], [2, 5], [4]])
    }

    @Test func noRowsAreNoClusters() {
        let partition = Partition(labels: [])
        #expect(partition.clusterCount == 0)
        #expect(partition.members().isEmpty)
    }
}

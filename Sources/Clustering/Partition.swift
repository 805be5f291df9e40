/// Which cluster each row is in; every row is in one.
package struct Partition: Sendable, Hashable {
    /// For each row its cluster, numbered from 0 in the order of their first rows.
    package let clusters: [Int]
    package let clusterCount: Int

    /// - Parameter labels: any numbers, equal where rows are together.
    package init(labels: some Sequence<Int>) {
        var numbers: [Int: Int] = [:]
        clusters = labels.map { label in
            if let number = numbers[label] { return number }
            numbers[label] = numbers.count
            return numbers.count - 1
        }
        clusterCount = numbers.count
    }

    /// The rows of each cluster, ascending.
    package func members() -> [[Int]] {
        var members = [[Int]](repeating: [], count: clusterCount)
        for (row, cluster) in clusters.enumerated() { members[cluster].append(row) }
        return members
    }
}

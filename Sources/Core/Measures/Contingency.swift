/// How often each gold label meets each cluster.
///
/// Labels and clusters are numbered in the order of their first occurrence.
struct Contingency {
    let count: Int
    /// Utterances of each label, of each cluster.
    private(set) var labelSizes: [Int] = []
    private(set) var clusterSizes: [Int] = []
    /// Utterances of each label and cluster that meet.
    private(set) var cells: [Cell: Int] = [:]

    struct Cell: Hashable {
        var label: Int
        var cluster: Int
    }

    init<Label: Hashable, Cluster: Hashable>(gold: [Label], clusters: [Cluster]) {
        Measure.requireEqual(gold.count, clusters.count)
        count = gold.count
        let labels = Self.numbered(gold, sizes: &labelSizes)
        let groups = Self.numbered(clusters, sizes: &clusterSizes)
        for (label, cluster) in zip(labels, groups) { cells[Cell(label: label, cluster: cluster), default: 0] += 1 }
    }

    /// The cells in a fixed order, since a sum of floating-point numbers depends on it.
    var orderedCells: [(cell: Cell, count: Int)] {
        cells.map { (cell: $0.key, count: $0.value) }
            .sorted { ($0.cell.label, $0.cell.cluster) < ($1.cell.label, $1.cell.cluster) }
    }

    private static func numbered<Name: Hashable>(_ names: [Name], sizes: inout [Int]) -> [Int] {
        var numbers: [Name: Int] = [:]
        return names.map { name in
            let number = numbers[name] ?? sizes.count
            if number == sizes.count {
                numbers[name] = number
                sizes.append(0)
            }
            sizes[number] += 1
            return number
        }
    }
}

internal import Clustering
internal import Core

/// What is known of the members of a cluster that are looked at, by itself and by pairs: all that the features of the
/// cluster, or of any part of these members, are made of.
struct MemberFigures {
    /// Members that are looked at.
    let count: Int
    /// Of pairs, `count * count`, 0 on the diagonal (see `JudgeFeature`).
    let similarity: [Float]
    let overlap: [Float]
    let walk: [Float]
    let words: [Float]
    /// Of each member, the cosine with the last of its neighbours.
    let farthest: [Float]
    /// Shares of each member's neighbours.
    var inside: [Float]
    var rival: [Float]
    var silhouette: [Float]
    var size: Double
    var relativeSize = 0.0
}

/// Reads the figures of clusters. Belongs to one task.
struct FieldReader {
    /// Neighbours that a step of a walk chooses from.
    static let walkNeighbours = 15
    /// Clusters whose means a silhouette looks at.
    static let rivals = 5

    let field: JudgedField
    /// Neighbours of an utterance that are looked at.
    private let k: Int
    private let vectors: VectorTable
    private let words: PoolWords
    /// Zeros between two uses.
    private var scratch: [Float]

    /// - Parameter neighbours: of an utterance that are looked at, as far as the field has them.
    init(_ field: JudgedField, neighbours: Int) {
        self.field = field
        k = min(max(1, neighbours), field.lists.k)
        vectors = field.material.clusteringVectors
        words = PoolWords(field.material.utterances.map(\.text))
        scratch = [Float](repeating: 0, count: max(vectors.count, words.vocabulary))
    }

    /// The members that are looked at: all, or as many as fit, drawn by the field's seed.
    func looked(at cluster: [Int], limit: Int = ClusterReadings.lookedAt) -> [Int] {
        guard cluster.count > limit else { return cluster }
        var random = field.generator(for: cluster, salt: 1)
        return cluster.shuffled(using: &random).prefix(limit).sorted()
    }

    /// Of rows by themselves, without other clusters beside them: of a mix.
    mutating func figures(of rows: [Int], limit: Int = ClusterReadings.lookedAt) -> MemberFigures {
        let members = looked(at: rows, limit: limit)
        let zeros = [Float](repeating: 0, count: members.count)
        return MemberFigures(
            count: members.count,
            similarity: vectors.cosines(members),
            overlap: SparseRow.products(members.map { neighbours(of: $0) }, scratch: &scratch),
            walk: SparseRow.products(members.map { walk(from: $0) }, scratch: &scratch),
            words: SparseRow.products(members.map { words.rows[$0] }, scratch: &scratch),
            farthest: members.map { field.lists.similarities(of: $0).prefix(k).last ?? 0 },
            inside: zeros,
            rival: zeros,
            silhouette: zeros,
            size: Double(max(1, rows.count)),
        )
    }

    /// Of one of the clusters of `surroundings`.
    mutating func figures(
        of rows: [Int],
        number: Int,
        among surroundings: Surroundings,
        limit: Int = ClusterReadings.lookedAt,
    ) -> MemberFigures {
        var figures = figures(of: rows, limit: limit)
        let members = looked(at: rows, limit: limit)
        figures.relativeSize = figures.size / max(1, surroundings.meanSize)
        place(members, size: rows.count, number, surroundings, &figures)
        let own = Array(surroundings.means[number])
        let others = surroundings.rivals(of: number, limit: Self.rivals).map { Array(surroundings.means[$0]) }
        for (index, member) in members.enumerated() {
            guard let nearest = others.map({ vectors.cosine(member, $0) }).max() else { break }
            let a = 1 - vectors.cosine(member, own)
            let b = 1 - nearest
            figures.silhouette[index] = max(a, b) > 0 ? (b - a) / max(a, b) : 0
        }
        return figures
    }

    /// Which clusters the members' neighbours are in.
    private func place(
        _ members: [Int],
        size: Int,
        _ number: Int,
        _ surroundings: Surroundings,
        _ figures: inout MemberFigures,
    ) {
        guard k > 0 else { return }
        var totals = [Int](repeating: 0, count: surroundings.means.count)
        for member in members {
            for neighbour in near(member) {
                let cluster = surroundings.assignment[Int(neighbour)]
                if cluster >= 0 { totals[Int(cluster)] += 1 }
            }
        }
        totals[number] = 0
        // None where all neighbours are members or in no cluster.
        let first = surroundings.firstRows
        let rival = totals.indices.max { left, right in
            totals[left] == totals[right] ? first[left] > first[right] : totals[left] < totals[right]
        }
        let rivalNumber = rival.flatMap { totals[$0] > 0 ? Int32($0) : nil } ?? -2
        let possible = Float(max(1, min(size - 1, k)))
        for (index, member) in members.enumerated() {
            var (own, others) = (0, 0)
            for neighbour in near(member) {
                let cluster = surroundings.assignment[Int(neighbour)]
                if cluster == Int32(number) { own += 1 }
                if cluster == rivalNumber { others += 1 }
            }
            figures.inside[index] = Float(own) / possible
            figures.rival[index] = Float(others) / Float(k)
        }
    }

    private func near(_ row: Int) -> ArraySlice<Int32> { field.lists[row].prefix(k) }

    /// The neighbours of a row, each with the same weight, so that a product is the share of common ones.
    private func neighbours(of row: Int) -> SparseRow {
        let weight = k == 0 ? 0 : 1 / Float(k).squareRoot()
        return SparseRow(
            places: Array(near(row)),
            values: [Float](repeating: weight, count: k)
        )
    }

    /// Where two steps lead from a row; each step stays or goes to one of the nearest neighbours, all alike.
    private mutating func walk(from row: Int) -> SparseRow {
        let steps = min(k, Self.walkNeighbours)
        var places: [Int32] = []
        func visit(_ place: Int32) {
            if scratch[Int(place)] == 0 { places.append(place) }
            scratch[Int(place)] += 1
        }
        for first in [Int32(row)] + Array(near(row).prefix(steps)) {
            visit(first)
            for second in near(Int(first)).prefix(steps) { visit(second) }
        }
        var walk = SparseRow(places: places, values: places.map { scratch[Int($0)] })
        for place in places { scratch[Int(place)] = 0 }
        walk.normalise()
        return walk
    }
}

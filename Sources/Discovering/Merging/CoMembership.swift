internal import Clustering
internal import Foundation

/// How far the utterances of two clusters are from the same component of a mixture of von Mises-Fisher distributions, a
/// component a cluster.
///
/// The density of component c at the unit vector x is proportional to exp(kappa mu_c . x); its weight is the cluster's
/// share (Banerjee, Dhillon, Ghosh and Sra 2005, "Clustering on the Unit Hypersphere using von Mises-Fisher
/// Distributions", eq. 2.1 and 3.1). All components have one kappa, so that its normalising constant cancels out and a
/// wide cluster does not take what lies far from everything. An utterance's posterior r(c) = P(component c | x); a
/// cluster's profile R is the mean over its utterances. Utterances i of cluster a and j of cluster b have one component
/// with probability R_a . R_b, and
///
///     co-membership(a, b) = R_a . R_b / sqrt(R_a . R_a  R_b . R_b)
///
/// compares that with two utterances of the same cluster: 1 where nothing tells the clusters apart, 0 where everything
/// does. Densities themselves are not multiplied: their product is no probability.
struct CoMembership: Sendable {
    /// Utterances of a cluster that are looked at, evenly over it.
    static let samples = 64

    /// kappa, after scaling.
    let concentration: Double
    /// Of each cluster, the mean posterior of each component.
    private let profiles: [[Double]]

    /// - Parameters:
    ///   - clusters: the rows of each, none empty.
    ///   - scale: of kappa; see `MergeSettings`.
    init(of vectors: VectorTable, clusters: [[Int]], scale: Double) {
        let sums = clusters.map { Self.sum(of: vectors, rows: $0) }
        let concentration = scale * Self.concentration(sums: sums, sizes: clusters.map(\.count))
        let means = sums.map { Direction.unit($0) ?? $0 }
        let total = Double(clusters.reduce(0) { $0 + $1.count })
        let priors = clusters.map { log(Double($0.count) / total) }
        self.concentration = concentration
        profiles = clusters.indices.map { cluster in
            var profile = [Double](repeating: 0, count: clusters.count)
            let rows = Self.sample(clusters[cluster])
            for row in rows {
                let vector = Array(vectors[row])
                var terms = means.indices.map { other in
                    priors[other] + concentration * Double(Direction.dot(vector, means[other]))
                }
                // An utterance says of its own cluster what the others in it say.
                if let others = Self.mean(sums[cluster], without: vector) {
                    terms[cluster] = priors[cluster] + concentration * Double(Direction.dot(vector, others))
                }
                let greatest = terms.max() ?? 0
                for place in terms.indices { terms[place] = exp(terms[place] - greatest) }
                let sum = terms.reduce(0, +)
                for place in terms.indices { profile[place] += terms[place] / sum / Double(rows.count) }
            }
            return profile
        }
    }

    /// 0 to 1.
    func between(_ first: Int, _ second: Int) -> Double {
        func product(_ left: [Double], _ right: [Double]) -> Double {
            zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let (left, right) = (profiles[first], profiles[second])
        let most = (product(left, left) * product(right, right)).squareRoot()
        return most > 0 ? min(product(left, right) / most, 1) : 0
    }

    /// kappa = r (p - r^2) / (1 - r^2) for unit vectors of p numbers whose mean has the length r (Banerjee et al. 2005,
    /// eq. 4.4).
    ///
    /// r^2 is the mean cosine of two different utterances of a cluster, over all clusters weighted by size: the length
    /// of the mean itself is too great where a cluster has few.
    static func concentration(sums: [[Float]], sizes: [Int]) -> Double {
        var weighted = 0.0
        var weight = 0.0
        for (sum, size) in zip(sums, sizes) where size > 1 {
            let square = Double(Direction.dot(sum, sum))
            let count = Double(size)
            weighted += count * (square - count) / (count * (count - 1))
            weight += count
        }
        let dimension = Double(sums.first?.count ?? 1)
        // Identical utterances would have a concentration without end.
        let square = min(max(weight > 0 ? weighted / weight : 0, 0), 0.999)
        return square.squareRoot() * (dimension - square) / (1 - square)
    }

    private static func sum(of vectors: VectorTable, rows: [Int]) -> [Float] {
        var sum = [Float](repeating: 0, count: vectors.dimension)
        for row in rows {
            for (place, value) in vectors[row].enumerated() { sum[place] += value }
        }
        return sum
    }

    private static func mean(_ sum: [Float], without vector: [Float]) -> [Float]? {
        var rest = sum
        for place in rest.indices { rest[place] -= vector[place] }
        return Direction.unit(rest)
    }

    private static func sample(_ rows: [Int]) -> [Int] {
        guard rows.count > samples else { return rows }
        return (0..<samples).map { rows[$0 * rows.count / samples] }
    }
}

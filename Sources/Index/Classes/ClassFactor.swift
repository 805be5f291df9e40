internal import CGaussian
internal import Core
internal import Synchronization

/// The shrunk covariance that a vertical's intents have in common, as its Cholesky factor: what makes distances to
/// their means comparable (a regularised linear discriminant; Friedman 1989 shrinks in the same way).
final class ClassFactor: Sendable {
    let dimension: Int
    /// Exemplars that it was made from.
    let count: Int
    let shrinkage: Double
    let halfLogDeterminant: Double
    /// The squared distance to its intent's mean that an exemplar has on the average which neither mean nor covariance
    /// holds.
    let meanDistance: Double
    /// Packed.
    let factor: [Float]

    /// As a snapshot holds it.
    init(
        dimension: Int,
        count: Int,
        shrinkage: Double,
        halfLogDeterminant: Double,
        meanDistance: Double,
        factor: [Float],
    ) {
        precondition(factor.count == cgaussian_packed(dimension), "a factor is a packed matrix")
        self.dimension = dimension
        self.count = count
        self.shrinkage = shrinkage
        self.halfLogDeterminant = halfLogDeterminant
        self.meanDistance = meanDistance
        self.factor = factor
    }

    /// - Parameter products: packed sums of the vectors' outer products.
    /// - Returns: nil where the exemplars say too little of a spread: nearly each intent has one, or they are all equal.
    init?(products: [Int64], classes: [ClassSum], dimension: Int) {
        let live = classes.filter { $0.count > 0 }
        count = live.reduce(0) { $0 + $1.count }
        guard count - live.count >= Self.leastFreedom else { return nil }
        shrinkage = Self.shrinkage(exemplars: count, intents: live.count, dimension: dimension)
        self.dimension = dimension
        let figures = cgaussian_packed(dimension)
        var scatter = [Double](repeating: 0, count: figures)
        var factor = [Float](repeating: 0, count: figures)
        var halfLogDeterminant = 0.0
        var meanDistance = 0.0
        cgaussian_scatter_begin(&scatter, products, dimension)
        for sum in live { cgaussian_scatter_subtract(&scatter, sum.sum, sum.count, dimension) }
        guard
            cgaussian_factor(
                &scatter,
                count,
                shrinkage,
                dimension,
                &factor,
                &halfLogDeterminant,
                &meanDistance
            ), meanDistance > 0
        else { return nil }
        self.meanDistance = Self.distanceOfOthers(meanDistance, classes: live, count: count, shrinkage: shrinkage)
        self.factor = factor
        self.halfLogDeterminant = halfLogDeterminant
    }

    /// Ways in which exemplars differ from their intents' means (exemplars less intents), at least. Of a few pairs of
    /// exemplars the spread is anything, and whatever anybody says lies within it, or nothing does.
    static let leastFreedom = 32

    /// The fewer exemplars an intent has, the less is known of how they spread. Fitted by eye on the validation parts
    /// of three public sets with 5, 10 and about 100 exemplars an intent; docs/scoring.md has the figures. And the fewer
    /// there are in all: in directions in which none differs from another nothing is known.
    static func shrinkage(exemplars: Int, intents: Int, dimension: Int) -> Double {
        let ofIntents = min(max(3 * Double(intents) / Double(exemplars), 0.1), 0.6)
        return max(ofIntents, Double(dimension) / Double(dimension + exemplars))
    }

    /// Exemplars lie nearer to means that were made of them, under a covariance that was, than others do: nothing of these
    /// few in hundreds of dimensions, by dozens of times. What the distance is for an exemplar that is left out of both
    /// follows from its distance q with it (Sherman and Morrison 1950); taken for their mean, as generalised
    /// cross-validation does (Golub, Heath and Wahba 1979).
    ///
    /// - Parameter distance: the mean over the exemplars that the covariance was made from.
    private static func distanceOfOthers(
        _ distance: Double,
        classes: [ClassSum],
        count: Int,
        shrinkage: Double,
    ) -> Double {
        // A single exemplar is its own mean: it tells nothing.
        let several = classes.filter { $0.count > 1 }
        let exemplars = Double(several.reduce(0) { $0 + $1.count })
        let gain = exemplars / (exemplars - Double(several.count))
        let own = distance * Double(count) / exemplars
        return gain * gain * own / (1 - (1 - shrinkage) * gain * own / Double(count))
    }

    /// In coordinates in which the covariance is the unit matrix.
    func whitened(_ vector: [Float]) -> [Float] {
        [Float](unsafeUninitializedCapacity: dimension) { whitened, initialised in
            // Not empty: a dimension is positive.
            cgaussian_whiten(factor, vector, whitened.baseAddress!, dimension)
            initialised = dimension
        }
    }
}

/// A factor that was decided on at one record and comes in use at a later one, so that there is time to compute it
/// beside the writer. Whoever needs it first computes it; others wait for that.
final class ClassFactorOrder: Sendable {
    /// One vector that came or went.
    struct Change: Sendable {
        let vector: [Float]
        let isRemoval: Bool
    }

    private struct Work {
        /// The order before this one, whose products these are based on; let go of once they are.
        var previous: ClassFactorOrder?
        var changes: [Change]
        var products: [Int64]?
        var classes: [ClassSum]
        var factor: ClassFactor?
        var isDone = false
    }

    /// Counted in the vertical's changes; nil: a stop on the way to the next order, so that little is left to sum then.
    let usedFrom: Int?
    /// Rows that the vertical had; the live ones among them are in the factor.
    let rows: Int
    private let dimension: Int
    private let work: SignalledMutex<Work>
    private let isClaimed = Atomic(false)

    /// - Parameter changes: since the previous order, or since the start.
    init(
        after previous: ClassFactorOrder?,
        changes: [Change],
        classes: [ClassSum],
        usedFrom: Int?,
        rows: Int,
        dimension: Int,
    ) {
        self.usedFrom = usedFrom
        self.rows = rows
        self.dimension = dimension
        work = SignalledMutex(Work(previous: previous, changes: changes, classes: classes))
    }

    /// One that a snapshot holds, computed.
    init(factor: ClassFactor?, usedFrom: Int, rows: Int, dimension: Int) {
        self.usedFrom = usedFrom
        self.rows = rows
        self.dimension = dimension
        work = SignalledMutex(Work(changes: [], classes: [], factor: factor, isDone: true))
    }

    /// What the next one is based on, as a snapshot holds it.
    init(products: [Int64], dimension: Int) {
        usedFrom = nil
        rows = 0
        self.dimension = dimension
        work = SignalledMutex(Work(changes: [], products: products, classes: []))
    }

    /// - Returns: true to the first who asks, who is to see to it that it is computed in time.
    func claim() -> Bool { !isClaimed.exchange(true, ordering: .relaxed) }

    /// Does what can be done before anybody needs it.
    func prepare() {
        if isSumAlone { _ = products } else { _ = factor }
    }

    /// Whether nobody has to wait for it.
    var isPrepared: Bool { work.withLock { isSumAlone ? $0.products != nil : $0.isDone } }

    /// Nil where the exemplars say nothing of a spread. Takes some milliseconds the first time; not for Swift's
    /// cooperative pool.
    var factor: ClassFactor? {
        let before = productsBefore
        return work.withLock { work in
            guard !work.isDone else { return work.factor }
            let products = sum(&work, upon: before)
            work.factor = ClassFactor(products: products, classes: work.classes, dimension: dimension)
            work.classes = []
            work.isDone = true
            return work.factor
        }
    }

    private var isSumAlone: Bool { usedFrom == nil }

    /// Packed sums of the outer products of all vectors up to the order. Takes some milliseconds the first time.
    var products: [Int64] {
        let before = productsBefore
        return work.withLock { sum(&$0, upon: before) }
    }

    /// What this order's products are based on; nil where they are made already, or based on nothing. Asked before its
    /// own lock is taken, so that no thread holds two.
    private var productsBefore: [Int64]? { work.withLock(\.previous)?.products }

    private func sum(_ work: inout Work, upon before: [Int64]?) -> [Int64] {
        if let products = work.products { return products }
        var products = before ?? [Int64](repeating: 0, count: cgaussian_packed(dimension))
        products.withUnsafeMutableBufferPointer { products in
            for change in work.changes {
                // Not empty: a dimension is positive.
                cgaussian_add_product(products.baseAddress!, change.vector, dimension, change.isRemoval ? -1 : 1)
            }
        }
        work.previous = nil
        work.changes = []
        work.products = products
        return products
    }
}

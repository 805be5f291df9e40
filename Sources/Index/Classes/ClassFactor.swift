internal import CGaussian
internal import Core
internal import Synchronization

/// The shrunk covariance that a vertical's intents have in common, as its Cholesky factor: what makes distances to
/// their means comparable (a regularised linear discriminant; Friedman 1989 shrinks in the same way).
///
/// Its leading rows are the factor of the vectors' own figures, so a wide one, of lifted vectors, is a narrow one too.
final class ClassFactor: Sendable {
    /// What it says of as many leading figures.
    struct Extent: Sendable, Equatable {
        let dimension: Int
        let halfLogDeterminant: Double
        /// The squared distance to its intent's mean that an exemplar has on the average which neither mean nor
        /// covariance holds.
        let meanDistance: Double
    }

    /// Exemplars that it was made from.
    let count: Int
    let shrinkage: Double
    /// Of the vectors' own figures.
    let narrow: Extent
    /// Of the lifted ones; nil: it is not of these.
    let wide: Extent?
    /// Packed.
    let factor: [Float]

    var widest: Extent { wide ?? narrow }

    /// As a snapshot holds it.
    init(count: Int, shrinkage: Double, narrow: Extent, wide: Extent?, factor: [Float]) {
        precondition(
            factor.count == cgaussian_packed((wide ?? narrow).dimension),
            "a factor is a packed matrix"
        )
        self.count = count
        self.shrinkage = shrinkage
        self.narrow = narrow
        self.wide = wide
        self.factor = factor
    }

    /// - Parameter products: packed sums of the vectors' outer products; of the lifted ones where there are as many.
    /// - Returns: nil where the exemplars say too little of a spread: nearly each intent has one, or they are all equal.
    convenience init?(products: [Int64], classes: [ClassSum], space: ClassSpace) {
        let live = classes.filter { $0.count > 0 }
        let count = live.reduce(0) { $0 + $1.count }
        guard count - live.count >= Self.leastFreedom else { return nil }
        let isWide = space.width > space.dimension && products.count == cgaussian_packed(space.width)
        let dimension = isWide ? space.width : space.dimension
        let shrinkage = Self.shrinkage(exemplars: count, intents: live.count, dimension: dimension)
        let figures = cgaussian_packed(dimension)
        var scatter = [Double](repeating: 0, count: figures)
        var factor = [Float](repeating: 0, count: figures)
        var extents = (isWide ? [space.dimension, space.width] : [space.dimension]).map {
            cgaussian_extent(dimension: $0, half_log_determinant: 0, mean_distance: 0)
        }
        cgaussian_scatter_begin(&scatter, products, dimension)
        for sum in live { cgaussian_scatter_subtract(&scatter, sum.sum, sum.count, dimension) }
        guard
            cgaussian_factor(&scatter, count, shrinkage, dimension, &factor, &extents, extents.count),
            extents.allSatisfy({ $0.mean_distance > 0 })
        else { return nil }
        let found = extents.map { extent in
            Extent(
                dimension: extent.dimension,
                halfLogDeterminant: extent.half_log_determinant,
                meanDistance: Self.distanceOfOthers(
                    extent.mean_distance,
                    classes: live,
                    count: count,
                    shrinkage: shrinkage
                )
            )
        }
        self.init(
            count: count,
            shrinkage: shrinkage,
            narrow: found[0],
            wide: isWide ? found[1] : nil,
            factor: factor,
        )
    }

    /// Ways in which exemplars differ from their intents' means (exemplars less intents), at least. Of a few pairs of
    /// exemplars the spread is anything, and whatever anybody says lies within it, or nothing does.
    static let leastFreedom = 32

    /// The fewer exemplars an intent has, the less is known of how they spread. Fitted by eye on the validation parts
    /// of three public sets with 5, 10 and about 100 exemplars an intent; docs/scoring.md has the figures. And the fewer
    /// there are in all: in directions in which none differs from another nothing is known.
    static func shrinkage(exemplars: Int, intents: Int, dimension: Int) -> Double {
        let ofIntents = min(max(3 * Double(intents) / Double(exemplars), 0.05), 0.6)
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
    ///
    /// - Parameter vector: at least as many figures as `extent`; the others are not looked at.
    func whitened(_ vector: [Float], _ extent: Extent) -> [Float] {
        [Float](unsafeUninitializedCapacity: extent.dimension) { whitened, initialised in
            // Not empty: a dimension is positive.
            cgaussian_whiten(factor, vector, whitened.baseAddress!, extent.dimension)
            initialised = extent.dimension
        }
    }
}

/// A factor that was decided on at one record and comes in use at a later one, so that there is time to compute it
/// beside the writer. Whoever needs it first computes it; others wait for that.
final class ClassFactorOrder: Sendable {
    /// One vector that came or went.
    struct Change: Sendable {
        /// As the encoder gave it.
        let vector: [Float]
        let isRemoval: Bool
    }

    /// When a factor is in use, and of what.
    struct Use: Sendable {
        /// Counted in the vertical's changes.
        let from: Int
        let classes: [ClassSum]
        let isWide: Bool
    }

    private struct Work {
        /// The order before this one, whose products these are based on; let go of once they are.
        var previous: ClassFactorOrder?
        var changes: [Change]
        /// Where it is based on no other order: all vectors.
        var source: VectorSource?
        var products: [Int64]?
        var classes: [ClassSum]
        var factor: ClassFactor?
        var isDone = false
    }

    /// Goes through all vectors that there are, until it is told false. A pointer is valid until the call returns.
    typealias VectorSource = @Sendable ((UnsafePointer<Float>) -> Bool) -> Void

    /// Counted in the vertical's changes; nil: a stop on the way to the next order, so that little is left to sum then.
    let usedFrom: Int?
    /// Rows that the vertical had; the live ones among them are in the factor.
    let rows: Int
    /// Whether products and factor are of lifted vectors.
    let isWide: Bool
    private let space: ClassSpace
    private let work: SignalledMutex<Work>
    private let isClaimed = Atomic(false)

    /// - Parameters:
    ///   - changes: since the previous order, or since the start.
    ///   - use: nil for a stop.
    init(
        after previous: ClassFactorOrder?,
        changes: [Change],
        use: Use? = nil,
        rows: Int,
        space: ClassSpace,
    ) {
        usedFrom = use?.from
        self.rows = rows
        self.space = space
        isWide = use?.isWide ?? (previous?.isWide == true)
        precondition(!isWide || previous?.isWide == true, "lifted products are based on lifted ones")
        work = SignalledMutex(Work(previous: previous, changes: changes, classes: use?.classes ?? []))
    }

    /// Of all vectors, whatever was summed up before.
    init(of source: @escaping VectorSource, use: Use, rows: Int, space: ClassSpace) {
        usedFrom = use.from
        self.rows = rows
        self.space = space
        isWide = use.isWide
        work = SignalledMutex(Work(changes: [], source: source, classes: use.classes))
    }

    /// One that a snapshot holds, computed.
    init(factor: ClassFactor?, usedFrom: Int, rows: Int, space: ClassSpace) {
        self.usedFrom = usedFrom
        self.rows = rows
        self.space = space
        isWide = factor?.wide != nil
        work = SignalledMutex(Work(changes: [], classes: [], factor: factor, isDone: true))
    }

    /// What the next one is based on, as a snapshot holds it.
    init(products: [Int64], space: ClassSpace) {
        usedFrom = nil
        rows = 0
        self.space = space
        isWide = products.count > cgaussian_packed(space.dimension)
        work = SignalledMutex(Work(changes: [], products: products, classes: []))
    }

    /// - Returns: true to the first who asks, who is to see to it that it is computed in time.
    func claim() -> Bool { !isClaimed.exchange(true, ordering: .relaxed) }

    /// Does what can be done before anybody needs it.
    ///
    /// - Parameter isAbandoned: asked now and then; once it says so, what was begun is left to whoever needs it.
    func prepare(isAbandoned: () -> Bool = { false }) {
        guard sumUp(isAbandoned: isAbandoned), !isSumAlone else { return }
        _ = factor
    }

    /// Whether nobody has to wait for it.
    var isPrepared: Bool { work.withLock { isSumAlone ? $0.products != nil : $0.isDone } }

    /// Nil where the exemplars say nothing of a spread. Takes some milliseconds the first time, a wide one a tenth of a
    /// second, and the first wide one 60 microseconds an exemplar besides; not for Swift's cooperative pool.
    var factor: ClassFactor? {
        if let factor = work.withLock({ $0.isDone ? .some($0.factor) : nil }) { return factor }
        let products = products
        return work.withLock { work in
            guard !work.isDone else { return work.factor }
            work.factor = ClassFactor(products: products, classes: work.classes, space: space)
            work.classes = []
            work.isDone = true
            return work.factor
        }
    }

    private var isSumAlone: Bool { usedFrom == nil }

    /// Packed sums of the outer products of all vectors up to the order. Takes some milliseconds the first time.
    var products: [Int64] {
        sumUp()
        guard let products = work.withLock(\.products) else { preconditionFailure("nobody abandons what is needed") }
        return products
    }

    /// Sees to it that `products` is there, and those that it is based on: the oldest first, and one after the other.
    ///
    /// - Returns: false where it was abandoned.
    @discardableResult
    func sumUp(isAbandoned: () -> Bool = { false }) -> Bool {
        var waiting: [ClassFactorOrder] = []
        var next: ClassFactorOrder? = self
        while let order = next, !order.isSummedUp {
            waiting.append(order)
            next = order.work.withLock(\.previous)
        }
        while let order = waiting.popLast() {
            guard order.sum(isAbandoned) else { return false }
        }
        return true
    }

    private var isSummedUp: Bool { work.withLock { $0.products != nil } }

    private func sum(_ isAbandoned: () -> Bool) -> Bool {
        // Before its own lock is taken, so that no thread holds two.
        let before = work.withLock(\.previous)?.products
        return work.withLock { work in
            if work.products != nil { return true }
            let dimension = isWide ? space.width : space.dimension
            let figures = cgaussian_packed(dimension)
            // Of lifted vectors the leading ones are those of the vectors.
            var products = before.map { Array($0.prefix(figures)) } ?? [Int64](repeating: 0, count: figures)
            guard add(work, to: &products, dimension, isAbandoned) else { return false }
            work.previous = nil
            work.changes = []
            work.source = nil
            work.products = products
            return true
        }
    }

    private func add(
        _ work: Work,
        to products: inout [Int64],
        _ dimension: Int,
        _ isAbandoned: () -> Bool,
    ) -> Bool {
        var lifted = [Float](repeating: 0, count: space.width)
        var count = 0
        var isWhole = true
        products.withUnsafeMutableBufferPointer { products in
            lifted.withUnsafeMutableBufferPointer { lifted in
                // Neither is empty: a dimension is positive.
                let sums = products.baseAddress!
                let figures = lifted.baseAddress!
                func add(_ vector: UnsafePointer<Float>, sign: Int32) {
                    guard isWide else { return cgaussian_add_product(sums, vector, dimension, sign) }
                    cgaussian_lift(vector, space.dimension, figures)
                    cgaussian_add_product(sums, figures, dimension, sign)
                }
                work.source? { vector in
                    add(vector, sign: 1)
                    count += 1
                    if count % 256 == 0, isAbandoned() { isWhole = false }
                    return isWhole
                }
                for change in work.changes { add(change.vector, sign: change.isRemoval ? -1 : 1) }
            }
        }
        return isWhole
    }
}

internal import CGaussian
internal import Core
internal import Foundation

/// What all exemplars of each intent of a vertical say together: means that follow each record, and the covariance
/// they have in common, made anew at fixed records.
///
/// A value that is folded from the vertical's records, so replicas agree at equal sequence. A factor is decided on at
/// the 16th, 64th and 256th change and then at each 512th; the more exemplars there are the less some more of them change a
/// covariance, so with 8,192 or more at an eighth to a sixteenth of them. It is in use some changes later, and wide,
/// of lifted vectors, where there are 1,024 exemplars: fewer do not say how so many figures vary together.
struct ClassStatistics: Sendable {
    /// One intent, by its slot.
    struct Entry: Sendable {
        /// Of the exemplars that came with it.
        var own: ClassSum
        /// Where merges made a difference: of all that stand for it; none for an alias.
        var joined: ClassSum?
        /// Of unit length; empty where there is no exemplar.
        var direction: [Float] = []
        /// The mean under the factor in use, lifted where that is wide; empty where there is none.
        var whitened: [Float] = []
        /// Half the squared length of `whitened`.
        var halfSquare = 0.0
        var isStale = false

        var sum: ClassSum { joined ?? own }
        var count: Int { sum.count }

        /// Half the squared length of the leading figures of `whitened`.
        func halfSquare(of count: Int) -> Double {
            count == whitened.count ? halfSquare : Double(cgaussian_dot(whitened, whitened, count)) / 2
        }
    }

    /// Changes from the decision on a factor to its use: time to compute it in, of which a wide one takes more, and the
    /// first wide one as much as there are exemplars.
    static let lag = 64
    static let lagOfWide = 256
    static let exemplarsPerLag = 16
    /// Orders that may wait to be summed up.
    private static let longestChain = 64
    /// Exemplars that a wide factor needs.
    static let leastForWide = 1_024
    /// Vectors that came or went are summed up at least so many at a time, long before a factor needs the sum.
    static let step = 64

    private(set) var entries: [Entry] = []
    /// In use.
    private(set) var factor: ClassFactor?
    /// The rows whose live exemplars the factor holds.
    private(set) var factorRows = 0
    /// Of the intents' whitened means; nil where there is no factor.
    private(set) var centre: ClassCentre?
    private let space: ClassSpace
    private var changeCount = 0
    private var changes: [ClassFactorOrder.Change] = []
    /// The last one decided on, in use or not.
    private var latest: ClassFactorOrder?
    private var ahead: [ClassFactorOrder] = []
    /// Orders since somebody saw to it that they are summed up.
    private var chained = 0
    private var due: ClassFactorOrder?

    init(dimension: Int) {
        space = ClassSpace(dimension: dimension)
    }

    /// Live exemplars and the intents that have some.
    var size: (exemplars: Int, intents: Int) {
        entries.reduce(into: (0, 0)) { size, entry in
            size.0 += entry.count
            size.1 += entry.count > 0 ? 1 : 0
        }
    }

    /// Whether something has changed since the last `refresh`.
    var isStale: Bool { due != nil || entries.contains(where: \.isStale) }

    /// What is to be computed in the background: factors that are decided on and not in use yet, and what they rest on.
    var factorsAhead: [ClassFactorOrder] { ahead + (latest.map { $0.usedFrom == nil ? [$0] : [] } ?? []) }

    var bytes: Int {
        let wide = (factor?.wide ?? factor?.narrow)?.dimension ?? space.dimension
        return entries.count * space.width * MemoryLayout<Int64>.stride
            + entries.count * (space.dimension + wide) * MemoryLayout<Float>.stride
            + cgaussian_packed(wide) * (MemoryLayout<Int64>.stride + MemoryLayout<Float>.stride)
    }

    // MARK: Following the log

    // `standing` says by slot for which slot it stands, as `IntentSlots` has it.

    mutating func add(_ vector: [Float], to slot: UInt32, in standing: [UInt32]) {
        changes.append(.init(vector: vector, isRemoval: false))
        let lifted = space.lift(vector)
        change(slot, in: standing) { $0.add(lifted) }
    }

    mutating func remove(_ vector: [Float], from slot: UInt32, in standing: [UInt32]) {
        changes.append(.init(vector: vector, isRemoval: true))
        let lifted = space.lift(vector)
        change(slot, in: standing) { $0.remove(lifted) }
    }

    mutating func move(_ vector: [Float], from old: UInt32, to new: UInt32, in standing: [UInt32]) {
        let lifted = space.lift(vector)
        change(old, in: standing) { $0.remove(lifted) }
        change(new, in: standing) { $0.add(lifted) }
    }

    /// Intents were merged, or are themselves again: sums join or part. Sums are exact, so that the way there leaves no
    /// trace.
    mutating func join(_ standing: [UInt32]) {
        reach(standing.count)
        var joined: [Int: ClassSum] = [:]
        for (slot, target) in standing.enumerated() where Int(target) != slot {
            joined[Int(target), default: entries[Int(target)].own].add(entries[slot].own)
            joined[slot] = ClassSum(space)
        }
        for slot in entries.indices where joined[slot] != nil || entries[slot].joined != nil {
            entries[slot].joined = joined[slot]
            entries[slot].isStale = true
        }
    }

    private mutating func change(_ slot: UInt32, in standing: [UInt32], _ body: (inout ClassSum) -> Void) {
        let target = Int(standing[Int(slot)])
        reach(max(Int(slot), target) + 1)
        body(&entries[Int(slot)].own)
        entries[target].isStale = true
        if target != Int(slot) {
            if entries[Int(slot)].joined == nil { entries[Int(slot)].joined = ClassSum(space) }
            if entries[target].joined == nil { entries[target].joined = entries[target].own }
        }
        guard var joined = entries[target].joined else { return }
        // Alone, so that it is changed in its place.
        entries[target].joined = nil
        body(&joined)
        entries[target].joined = joined
    }

    private mutating func reach(_ count: Int) {
        while entries.count < count { entries.append(Entry(own: ClassSum(space))) }
    }

    /// What the next change decides on.
    enum Decision {
        case nothing
        /// - Parameter lag: changes until it comes in use.
        case factor(isWide: Bool, lag: Int)
        /// A wide one that no sum of lifted vectors goes before: it is made of all of them.
        case firstWide(lag: Int)
    }

    var nextDecision: Decision {
        let number = changeCount + 1
        if [16, 64, 256].contains(number) { return .factor(isWide: false, lag: Self.lag) }
        guard number % 512 == 0 else { return .nothing }
        let exemplars = size.exemplars
        let isWide = space.width > space.dimension && exemplars >= Self.leastForWide
        if isWide, latest?.isWide != true {
            return .firstWide(lag: max(Self.lagOfWide, exemplars / Self.exemplarsPerLag))
        }
        // A power of two: an eighth to a sixteenth of the exemplars.
        let each = 1 << max(9, Int.bitWidth - 4 - exemplars.leadingZeroBitCount)
        return number % each == 0 ? .factor(isWide: isWide, lag: isWide ? Self.lagOfWide : Self.lag) : .nothing
    }

    /// An upsert or a removal of the vertical has been applied.
    ///
    /// - Parameters:
    ///   - rows: that the vertical has now.
    ///   - source: goes through all live vectors; asked for where it is needed.
    mutating func countChange(rows: Int, source: () -> ClassFactorOrder.VectorSource) {
        let decision = nextDecision
        changeCount += 1
        if let next = ahead.first, let from = next.usedFrom, from <= changeCount {
            ahead.removeFirst()
            due = next
        }
        let order: ClassFactorOrder
        switch decision {
        case .nothing:
            guard changes.count >= Self.step else { return }
            order = ClassFactorOrder(after: latest, changes: changes, rows: rows, space: space)
        case .factor(let isWide, let lag):
            order = ClassFactorOrder(
                after: latest,
                changes: changes,
                use: .init(from: changeCount + lag, classes: entries.map(\.sum), isWide: isWide),
                rows: rows,
                space: space,
            )
        case .firstWide(let lag):
            order = ClassFactorOrder(
                of: source(),
                use: .init(from: changeCount + lag, classes: entries.map(\.sum), isWide: true),
                rows: rows,
                space: space,
            )
        }
        latest = order
        if order.usedFrom != nil { ahead.append(order) }
        changes = []
        chained += 1
    }

    /// To be called before a snapshot shows it: brings the means up to date, and puts a factor to use that is due.
    mutating func refresh() {
        if let order = due {
            factor = order.factor
            factorRows = order.rows
            due = nil
            for slot in entries.indices { entries[slot].isStale = true }
        }
        // Where nobody computes them beside the writer they would become a chain of many thousand parts. The first wide
        // one has the time of its lag before the writer waits for it.
        if chained >= Self.longestChain, chained >= size.exemplars / (Self.exemplarsPerLag * Self.step) {
            latest?.sumUp()
            chained = 0
        }
        guard entries.contains(where: \.isStale) else { return }
        for slot in entries.indices where entries[slot].isStale {
            let entry = entries[slot]
            entries[slot] = Self.entry(of: entry.sum, under: factor, factor?.widest, space)
            entries[slot].own = entry.own
            entries[slot].joined = entry.joined
        }
        centre = factor.map { _ in ClassCentre() }
    }

    /// An intent's mean, as it counts under a factor, of as many of its figures as `extent` says.
    static func entry(
        of sum: ClassSum,
        under factor: ClassFactor?,
        _ extent: ClassFactor.Extent?,
        _ space: ClassSpace,
    ) -> Entry {
        var entry = Entry(own: sum)
        guard sum.count > 0 else { return entry }
        let mean = sum.mean
        let own = mean.prefix(space.dimension)
        let length = cgaussian_dot(mean, mean, own.count).squareRoot()
        // Of opposite vectors no direction is left.
        entry.direction = length > 0 ? own.map { $0 / length } : Array(own)
        if let factor, let extent {
            entry.whitened = factor.whitened(mean, extent)
            entry.halfSquare = Double(cgaussian_dot(entry.whitened, entry.whitened, extent.dimension)) / 2
        }
        return entry
    }
}

/// The mean of the intents' whitened means: what is as far from it as from the nearest of these is nobody's.
///
/// Made by whoever asks first; of one state of the statistics.
final class ClassCentre: Sendable {
    private let made = SignalledMutex<[Float]?>(nil)

    /// - Parameter entries: of the statistics that hold it; one at least has an exemplar.
    func whitened(_ entries: [ClassStatistics.Entry]) -> [Float] {
        if let made = made.withLock({ $0 }) { return made }
        // Two who ask at once find the same.
        let mean = Self.mean(entries)
        made.withLock { $0 = mean }
        return mean
    }

    /// - Parameter entries: those without exemplars do not count.
    static func mean(_ entries: [ClassStatistics.Entry]) -> [Float] {
        var count: Float = 0
        var total: [Float] = []
        for entry in entries where entry.count > 0 {
            if total.isEmpty { total = [Float](repeating: 0, count: entry.whitened.count) }
            cgaussian_accumulate(&total, entry.whitened, total.count)
            count += 1
        }
        return total.map { $0 / count }
    }
}

// As a snapshot holds it.
extension ClassStatistics {
    /// Everything that its later states depend on.
    struct Parts: Sendable {
        struct Ahead: Sendable {
            let usedFrom: Int
            let rows: Int
            let factor: ClassFactor?
        }

        var changeCount: Int
        var factor: ClassFactor?
        var factorRows: Int
        /// By slot: of the exemplars that came with it. What merges join is joined again (`join`).
        var sums: [ClassSum]
        /// Decided on and not in use yet, in order.
        var ahead: [Ahead]
        /// Of the vectors up to the last order; nil: there was none.
        var products: [Int64]?
        /// Since then.
        var changes: [ClassFactorOrder.Change]
    }

    /// Computes what is not computed yet: as long as a factor takes.
    ///
    /// - Precondition: it has been brought up to date, as a snapshot of a replica is.
    var parts: Parts {
        precondition(!isStale, "a snapshot shows what is up to date")
        var sums = entries.map(\.own)
        // How far the slots were reached so far says nothing.
        while sums.last?.count == 0 { sums.removeLast() }
        return Parts(
            changeCount: changeCount,
            factor: factor,
            factorRows: factorRows,
            sums: sums,
            ahead: ahead.map { order in
                guard let usedFrom = order.usedFrom else { preconditionFailure("an order ahead says from when on") }
                return Parts.Ahead(usedFrom: usedFrom, rows: order.rows, factor: order.factor)
            },
            products: latest?.products,
            changes: changes,
        )
    }

    init(_ parts: Parts, dimension: Int) {
        self.init(dimension: dimension)
        changeCount = parts.changeCount
        factor = parts.factor
        factorRows = parts.factorRows
        // What a snapshot shows is made of them by `refresh`.
        entries = parts.sums.map { Entry(own: $0, isStale: true) }
        ahead = parts.ahead.map {
            ClassFactorOrder(factor: $0.factor, usedFrom: $0.usedFrom, rows: $0.rows, space: space)
        }
        latest = parts.products.map { ClassFactorOrder(products: $0, space: space) }
        changes = parts.changes
    }
}

internal import CGaussian
internal import Core
internal import Foundation

/// What all exemplars of each intent of a vertical say together: means that follow each record, and the covariance
/// they have in common, made anew at fixed records.
///
/// A value that is folded from the vertical's records, so replicas agree at equal sequence. A factor is decided on at
/// the 16th, 64th and 256th change and then at each 512th, and is in use from 64 changes later on.
struct ClassStatistics: Sendable {
    /// One intent, by its slot.
    struct Entry: Sendable {
        /// Of the exemplars that came with it.
        var own: ClassSum
        /// Where merges made a difference: of all that stand for it; none for an alias.
        var joined: ClassSum?
        /// Of unit length; empty where there is no exemplar.
        var direction: [Float] = []
        /// The mean under the factor in use; empty where there is none.
        var whitened: [Float] = []
        var halfSquare = 0.0
        var isStale = false

        var sum: ClassSum { joined ?? own }
        var count: Int { sum.count }
    }

    /// Changes from the decision on a factor to its use: time to compute it in.
    static let lag = 64
    /// Vectors that came or went are summed up at least so many at a time, long before a factor needs the sum.
    static let step = 64

    private(set) var entries: [Entry] = []
    /// In use.
    private(set) var factor: ClassFactor?
    /// The rows whose live exemplars the factor holds.
    private(set) var factorRows = 0
    private let dimension: Int
    private var changeCount = 0
    private var changes: [ClassFactorOrder.Change] = []
    /// The last one decided on, in use or not.
    private var latest: ClassFactorOrder?
    private var ahead: [ClassFactorOrder] = []
    private var due: ClassFactorOrder?

    init(dimension: Int) {
        self.dimension = dimension
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
        entries.count * dimension * (MemoryLayout<Int64>.stride + 2 * MemoryLayout<Float>.stride)
            + cgaussian_packed(dimension) * (MemoryLayout<Int64>.stride + MemoryLayout<Float>.stride)
    }

    // MARK: Following the log

    // `standing` says by slot for which slot it stands, as `IntentSlots` has it.

    mutating func add(_ vector: [Float], to slot: UInt32, in standing: [UInt32]) {
        changes.append(.init(vector: vector, isRemoval: false))
        change(slot, in: standing) { $0.add(vector) }
    }

    mutating func remove(_ vector: [Float], from slot: UInt32, in standing: [UInt32]) {
        changes.append(.init(vector: vector, isRemoval: true))
        change(slot, in: standing) { $0.remove(vector) }
    }

    mutating func move(_ vector: [Float], from old: UInt32, to new: UInt32, in standing: [UInt32]) {
        change(old, in: standing) { $0.remove(vector) }
        change(new, in: standing) { $0.add(vector) }
    }

    /// Intents were merged, or are themselves again: sums join or part. Sums are exact, so that the way there leaves no
    /// trace.
    mutating func join(_ standing: [UInt32]) {
        reach(standing.count)
        var joined: [Int: ClassSum] = [:]
        for (slot, target) in standing.enumerated() where Int(target) != slot {
            joined[Int(target), default: entries[Int(target)].own].add(entries[slot].own)
            joined[slot] = ClassSum(dimension: dimension)
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
            if entries[Int(slot)].joined == nil { entries[Int(slot)].joined = ClassSum(dimension: dimension) }
            if entries[target].joined == nil { entries[target].joined = entries[target].own }
        }
        guard var joined = entries[target].joined else { return }
        // Alone, so that it is changed in its place.
        entries[target].joined = nil
        body(&joined)
        entries[target].joined = joined
    }

    private mutating func reach(_ count: Int) {
        while entries.count < count { entries.append(Entry(own: ClassSum(dimension: dimension))) }
    }

    /// An upsert or a removal of the vertical has been applied.
    ///
    /// - Parameter rows: that the vertical has now.
    mutating func countChange(rows: Int) {
        changeCount += 1
        if let next = ahead.first, next.usedFrom == changeCount {
            ahead.removeFirst()
            due = next
        }
        let isDecided = [16, 64, 256].contains(changeCount) || changeCount % 512 == 0
        guard isDecided || changes.count >= Self.step else { return }
        let order = ClassFactorOrder(
            after: latest,
            changes: changes,
            classes: isDecided ? entries.map(\.sum) : [],
            usedFrom: isDecided ? changeCount + Self.lag : nil,
            rows: rows,
            dimension: dimension,
        )
        latest = order
        if isDecided { ahead.append(order) }
        changes = []
    }

    /// To be called before a snapshot shows it: brings the means up to date, and puts a factor to use that is due.
    mutating func refresh() {
        if let order = due {
            factor = order.factor
            factorRows = order.rows
            due = nil
            for slot in entries.indices { entries[slot].isStale = true }
        }
        for slot in entries.indices where entries[slot].isStale {
            let entry = entries[slot]
            entries[slot] = Self.entry(of: entry.sum, under: factor)
            entries[slot].own = entry.own
            entries[slot].joined = entry.joined
        }
    }

    static func entry(of sum: ClassSum, under factor: ClassFactor?) -> Entry {
        var entry = Entry(own: sum)
        guard sum.count > 0 else { return entry }
        let mean = sum.mean
        let length = cgaussian_dot(mean, mean, mean.count).squareRoot()
        // Of opposite vectors no direction is left.
        entry.direction = length > 0 ? mean.map { $0 / length } : mean
        if let factor {
            entry.whitened = factor.whitened(mean)
            entry.halfSquare = Double(cgaussian_dot(entry.whitened, entry.whitened, mean.count)) / 2
        }
        return entry
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

    /// Computes what is not computed yet: some milliseconds for a factor.
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
        entries = parts.sums.map { Self.entry(of: $0, under: parts.factor) }
        ahead = parts.ahead.map {
            ClassFactorOrder(factor: $0.factor, usedFrom: $0.usedFrom, rows: $0.rows, dimension: dimension)
        }
        latest = parts.products.map { ClassFactorOrder(products: $0, dimension: dimension) }
        changes = parts.changes
    }
}

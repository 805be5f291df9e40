import Core

@testable import Index

extension ReplicaSnapshot {
    /// The bytes of its file.
    func fileBytes() throws -> [UInt8] {
        let collector = Collector()
        try write { (piece) throws(SwitchboardError) in collector.bytes.append(contentsOf: piece) }
        return collector.bytes
    }

    /// The same as version 1 had them: sums and factors are of vectors that are not lifted.
    func fileBytesOfVersion1() throws -> [UInt8] {
        let collector = Collector()
        let container = try SnapshotContainer(try fileBytes())
        var writer = try SnapshotWriter(version: 1) { (piece) throws(SwitchboardError) in
            collector.bytes.append(contentsOf: piece)
        }
        // The sections that are the same in both.
        for key in container.keys where key.kind != .classes {
            try writer.section(key) { (section: inout SnapshotWriter) throws(SwitchboardError) in
                try section.put(container.memory.bytes[try container.range(key)])
            }
        }
        for (number, generation) in state.generations.enumerated() {
            for (place, vertical) in generation.verticals.enumerated() {
                let key = SnapshotFormat.Key(.classes, generation: number, vertical: place)
                let parts = vertical.classes.parts
                try writer.section(key) { (section: inout SnapshotWriter) throws(SwitchboardError) in
                    try section.putVersion1(parts, dimension: state.settings.dimension)
                }
            }
        }
        try writer.finish()
        return collector.bytes
    }

    private final class Collector {
        var bytes: [UInt8] = []
    }
}

extension SnapshotWriter {
    fileprivate mutating func putVersion1(_ classes: ClassStatistics.Parts, dimension: Int) throws(SwitchboardError) {
        try put(UInt64(classes.changeCount))
        try put(UInt64(classes.factorRows))
        try putVersion1(classes.factor)
        try put(UInt32(classes.sums.count))
        for sum in classes.sums {
            try put(UInt64(sum.count))
            if sum.count > 0 { try put(Array(sum.sum.prefix(dimension))) }
        }
        try put(UInt32(classes.ahead.count))
        for order in classes.ahead {
            try put(UInt64(order.usedFrom))
            try put(UInt64(order.rows))
            try putVersion1(order.factor)
        }
        try put(UInt8(classes.products == nil ? 0 : 1))
        if let products = classes.products { try put(products) }
        try put(UInt32(classes.changes.count))
        for change in classes.changes {
            try put(UInt8(change.isRemoval ? 1 : 0))
            try put(change.vector)
        }
    }

    private mutating func putVersion1(_ factor: ClassFactor?) throws(SwitchboardError) {
        try put(UInt8(factor == nil ? 0 : 1))
        guard let factor else { return }
        try put(UInt64(factor.count))
        try put(factor.shrinkage)
        try put(factor.narrow.halfLogDeterminant)
        try put(factor.narrow.meanDistance)
        try put(factor.factor)
    }
}

extension SnapshotContainer {
    init(_ bytes: [UInt8]) throws {
        try self.init(verifying: SnapshotMemory(copying: bytes))
    }
}

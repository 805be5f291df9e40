package import Core

extension ReplicaSnapshot {
    /// Writes everything that a replica needs to go on from here exactly as this one does: the same answers, the same
    /// segments with the same members, the same class evidence at the same records.
    ///
    /// Computes and reads all vectors on the calling thread; needs little memory besides. What is removed is not in it,
    /// but for the vectors of dead members that sealed segments' graphs are made of.
    ///
    /// - Parameter emit: takes the bytes, in order; what it throws ends the writing.
    package func write(
        to emit: @escaping (UnsafeRawBufferPointer) throws(SwitchboardError) -> Void
    ) throws(SwitchboardError) {
        var writer = try SnapshotWriter(emit)
        try writer.put(
            SnapshotIdentity(
                position: position,
                digest: digest,
                settings: state.settings,
                generationsMade: state.generationsMade,
                generations: state.generations.count
            )
        )
        try writer.put(
            SnapshotNames(
                position: position,
                digest: digest,
                taxonomy: taxonomy,
                policies: state.policies.mapValues { ($0.policy, $0.sequence) },
                keys: state.keys
            )
        )
        for (number, generation) in state.generations.enumerated() {
            try writer.put(generation, number)
            for (place, vertical) in generation.verticals.enumerated() {
                try writer.put(vertical, SnapshotPlace(generation: number, vertical: place, settings: state.settings))
            }
        }
        try writer.finish()
    }
}

/// Which vertical of which generation is written or read.
struct SnapshotPlace {
    let generation: Int
    /// In the generation's list.
    let vertical: Int
    let settings: IndexSettings

    var dimension: Int { settings.dimension }

    func key(_ kind: SnapshotFormat.Kind, segment: Int = 0) -> SnapshotFormat.Key {
        SnapshotFormat.Key(kind, generation: generation, vertical: vertical, segment: segment)
    }
}

extension SnapshotWriter {
    fileprivate mutating func put(_ generation: VectorGeneration, _ number: Int) throws(SwitchboardError) {
        let key = SnapshotFormat.Key(.generation, generation: number)
        try section(key) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            try section.put(UInt64(generation.number))
            try section.put(UInt8(generation.encoder == nil ? 0 : 1))
            if let encoder = generation.encoder { try section.put(encoder.bytes) }
            try section.put(generation.digest.sum.bytes)
            try section.put(UInt32(generation.encoders.count))
            for encoder in generation.encoders { try section.put(encoder.bytes) }
            try section.put(UInt32(generation.verticals.count))
            for index in generation.verticals { try section.putCounted(index.vertical.name.utf8) }
        }
    }

    fileprivate mutating func put(_ index: VerticalIndex, _ place: SnapshotPlace) throws(SwitchboardError) {
        try section(place.key(.vertical)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            try section.put(UInt64(index.upserts))
            try section.put(UInt64(index.segmentsMade))
            try section.put(UInt64(index.table.count))
            try section.put(UInt64(index.growing.rows.lowerBound))
            try section.put(UInt32(index.intents.ids.count))
            for id in index.intents.ids { try section.put(id.number) }
            try section.put(UInt32(index.segments.count))
            for segment in index.segments {
                try section.put(UInt64(segment.number))
                try section.put(UInt64(segment.rows.lowerBound))
                try section.put(UInt64(segment.rows.upperBound))
                try section.put(UInt64(segment.tier))
                try section.put(UInt64(segment.members))
            }
        }
        try putRows(of: index, place)
        for (number, segment) in index.segments.enumerated() {
            let key = place.key(.members, segment: number)
            try section(key) { (section: inout SnapshotWriter) throws(SwitchboardError) in
                try section.putMembers(of: segment, dimension: place.dimension)
            }
        }
        try section(place.key(.growing)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            for row in index.growing.rows {
                // Nobody asks for a dead one again: it is no member of what will be sealed.
                if index.live[row] {
                    try section.put(index.growing.vector(of: row), count: place.dimension)
                } else {
                    try section.putZeros(place.dimension * MemoryLayout<Float>.stride)
                }
            }
        }
        try put(index.classes.parts, place)
    }

    private mutating func putRows(of index: VerticalIndex, _ place: SnapshotPlace) throws(SwitchboardError) {
        try section(place.key(.rows)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            for row in 0..<index.table.count {
                let slot = index.table.slot(of: row)
                try section.put(slot)
                guard slot != RowChunk.deadSlot else { continue }
                let facts = index.table[row]
                try section.put(facts.exemplar.bits.bytes)
                try section.put(facts.firstSequence.number)
                try section.put(facts.encoder)
                // At most 8 KiB and 256 bytes.
                try section.put(UInt16(facts.text.utf8.count))
                try section.put(UInt16(facts.origin.count))
                try section.put(facts.text.utf8)
                try section.put(facts.origin)
            }
        }
    }

    private mutating func putMembers(of segment: Segment, dimension: Int) throws(SwitchboardError) {
        let filler = SnapshotFormat.numberOffset(dimension: dimension) - dimension * MemoryLayout<Float>.stride
        let rest = SnapshotFormat.stride(dimension: dimension) - SnapshotFormat.numberOffset(dimension: dimension) - 8
        for part in segment.parts {
            for row in part.rows {
                if let awaited = segment.awaited, !awaited[row] { continue }
                // Once its own graph serves, that holds the members and nothing else.
                guard let vector = part.vector(of: row) else { continue }
                try put(vector, count: dimension)
                try putZeros(filler)
                try put(UInt64(row))
                try putZeros(rest)
            }
        }
    }

    private mutating func put(_ classes: ClassStatistics.Parts, _ place: SnapshotPlace) throws(SwitchboardError) {
        try section(place.key(.classes)) { (section: inout SnapshotWriter) throws(SwitchboardError) in
            try section.put(UInt64(classes.changeCount))
            try section.put(UInt64(classes.factorRows))
            try section.put(classes.factor)
            try section.put(UInt32(classes.sums.count))
            for sum in classes.sums {
                try section.put(UInt64(sum.count))
                if sum.count > 0 { try section.put(sum.sum) }
            }
            try section.put(UInt32(classes.ahead.count))
            for order in classes.ahead {
                try section.put(UInt64(order.usedFrom))
                try section.put(UInt64(order.rows))
                try section.put(order.factor)
            }
            try section.put(UInt64(classes.products?.count ?? 0))
            if let products = classes.products { try section.put(products) }
            try section.put(UInt32(classes.changes.count))
            for change in classes.changes {
                try section.put(UInt8(change.isRemoval ? 1 : 0))
                try section.put(change.vector)
            }
        }
    }

    private mutating func put(_ factor: ClassFactor?) throws(SwitchboardError) {
        try put(UInt8(factor == nil ? 0 : 1))
        guard let factor else { return }
        try put(UInt64(factor.count))
        try put(factor.shrinkage)
        try put(factor.narrow)
        try put(UInt8(factor.wide == nil ? 0 : 1))
        if let wide = factor.wide { try put(wide) }
        try put(factor.factor)
    }

    private mutating func put(_ extent: ClassFactor.Extent) throws(SwitchboardError) {
        try put(extent.halfLogDeterminant)
        try put(extent.meanDistance)
    }
}

internal import CGaussian
package import Core
internal import HashTreeCollections

extension Replica {
    /// A replica as a snapshot holds it, that goes on exactly as the one did that the snapshot is of. Vectors of sealed
    /// segments are read where the snapshot's memory has them, until their graphs are built; so it is held until then.
    ///
    /// Takes some microseconds an exemplar on the calling thread, so not on Swift's cooperative pool.
    ///
    /// - Parameter log: that it goes on with: a copy of the snapshot's log under another id; nil: that one itself.
    /// - Throws: `.failedPrecondition` where it was made for an index of other settings; `.dataLoss` where it says what
    ///   cannot be, or holds names alone.
    package convenience init(
        restoring container: SnapshotContainer,
        as log: LogID? = nil,
        settings: IndexSettings = IndexSettings(),
    ) throws(SwitchboardError) {
        self.init(try ReplicaState(container, as: log, settings))
    }
}

extension ReplicaState {
    fileprivate init(
        _ container: SnapshotContainer,
        as log: LogID?,
        _ settings: IndexSettings,
    ) throws(SwitchboardError) {
        let identity = try SnapshotIdentity(container)
        guard let own = identity.settings else { throw .brokenSnapshot("it holds names alone") }
        guard own == settings else {
            throw SwitchboardError(
                .failedPrecondition,
                "the snapshot is of an index that is laid out in another way (vectors of \(own.dimension) floats, "
                    + "\(own.upsertsPerSegment) upserts a segment); this one has \(settings.dimension) and "
                    + "\(settings.upsertsPerSegment)"
            )
        }
        let names = try SnapshotNames(reading: container)
        self.init(log: log ?? identity.position.log, settings: settings)
        position = LogPosition(log: position.log, sequence: identity.position.sequence)
        taxonomy = names.taxonomy
        self.names = names.ownDigest
        for (scope, policy, sequence) in names.policies {
            policies[scope] = ScopedPolicy(policy: policy, sequence: sequence)
        }
        keys = names.keys
        generationsMade = identity.generationsMade
        serving = try VectorGeneration(container, 0, taxonomy, settings)
        if identity.generations == 2 { next = try VectorGeneration(container, 1, taxonomy, settings) }
        guard digest == identity.digest else { throw .brokenSnapshot("its digest is not that of what it holds") }
    }
}

extension VectorGeneration {
    fileprivate init(
        _ container: SnapshotContainer,
        _ place: Int,
        _ taxonomy: Taxonomy,
        _ settings: IndexSettings,
    ) throws(SwitchboardError) {
        var reader = try container.reader(SnapshotFormat.Key(.generation, generation: place))
        let number = try reader.takeInt()
        let hasEncoder: UInt8 = try reader.take()
        let encoder = try hasEncoder == 0 ? nil : reader.takeModel()
        self.init(number: number, encoder: encoder)
        digest = StateDigest(try reader.takeBits())
        for _ in 0..<(try reader.takeCount(ofAtLeast: ModelID.byteCount)) { encoders.append(try reader.takeModel()) }
        guard encoders.count < Int(UInt16.max) else { throw .brokenSnapshot("it names too many encoders") }
        encoderCounts = [Int](repeating: 0, count: encoders.count)
        var names: [Vertical] = []
        for _ in 0..<(try reader.takeCount(ofAtLeast: 4)) {
            let bytes = try reader.takeCounted()
            names.append(try Vertical(String(decoding: bytes, as: UTF8.self)))
        }
        try reader.end()
        for (vertical, name) in names.enumerated() {
            let place = SnapshotPlace(generation: place, vertical: vertical, settings: settings)
            let index = try VerticalIndex(container, place, name, taxonomy)
            guard verticalPlaces.updateValue(vertical, forKey: name) == nil else {
                throw .brokenSnapshot("a vertical comes twice")
            }
            verticals.append(index)
            try enter(index, vertical)
        }
    }

    private mutating func enter(_ index: VerticalIndex, _ vertical: Int) throws(SwitchboardError) {
        for row in 0..<index.table.count where index.live[row] {
            let encoder = Int(index.table.encoder(of: row))
            guard encoder < encoders.count else { throw .brokenSnapshot("a row's encoder is not there") }
            encoderCounts[encoder] += 1
            let place = RowPlace(vertical: vertical, row: row)
            guard exemplars.updateValue(place, forKey: index.table.exemplar(of: row)) == nil else {
                throw .brokenSnapshot("an exemplar comes twice")
            }
        }
    }
}

extension VerticalIndex {
    fileprivate init(
        _ container: SnapshotContainer,
        _ place: SnapshotPlace,
        _ name: Vertical,
        _ taxonomy: Taxonomy,
    ) throws(SwitchboardError) {
        var reader = try container.reader(place.key(.vertical))
        let upserts = try reader.takeInt()
        let segmentsMade = try reader.takeInt()
        let rowCount = try reader.takeInt()
        let growingFrom = try reader.takeInt()
        guard rowCount <= Int(UInt32.max), growingFrom <= rowCount else {
            throw .brokenSnapshot("a vertical's rows are out of range")
        }
        var ids: [IntentID] = []
        for _ in 0..<(try reader.takeCount(ofAtLeast: 8)) { ids.append(IntentID(try reader.take())) }
        guard Set(ids).count == ids.count, ids.allSatisfy({ taxonomy[$0] != nil }) else {
            throw .brokenSnapshot("an intent of a vertical is not there, or comes twice")
        }
        let intents = IntentSlots(ids: ids, in: taxonomy)
        guard intents.ids.count == ids.count else {
            throw .brokenSnapshot("an intent that another of a vertical stands for is not there")
        }
        let table = try RowTable(container, place, rows: rowCount, slots: intents.ids.count)
        var segments: [Segment] = []
        for number in 0..<(try reader.takeCount(ofAtLeast: 40)) {
            let segment = try Segment(&reader, container, place, place.key(.members, segment: number), table)
            let before = segments.last?.rows.upperBound ?? 0
            guard segment.rows.lowerBound >= before, segment.rows.upperBound <= growingFrom else {
                throw .brokenSnapshot("segments overlap")
            }
            segments.append(segment)
        }
        try reader.end()
        var growing = BlockRun(dimension: place.dimension, from: growingFrom)
        var vectors = try container.reader(place.key(.growing))
        for _ in growingFrom..<rowCount { growing.append(try vectors.takeFloats(place.dimension)) }
        try vectors.end()
        self.init(
            vertical: name,
            table: table,
            intents: intents,
            classes: ClassStatistics(dimension: place.dimension),
            upserts: upserts,
            segments: segments,
            growing: growing,
            segmentsMade: segmentsMade,
        )
        try checkVectors()
        let index = self
        let parts = try ClassStatistics.Parts(
            container,
            place,
            slots: intents.ids.count,
            sums: { (count) throws(SwitchboardError) in try index.liftedSums(count, place.dimension) },
        )
        classes = ClassStatistics(parts, dimension: place.dimension)
        classes.join(intents.standing)
        classes.refresh()
    }

    private func checkVectors() throws(SwitchboardError) {
        // Each of them has to have a vector: in the growing segment, or as a member of a sealed one.
        var held = live.count(in: growing.rows)
        for segment in segments {
            guard let awaited = segment.awaited else { continue }
            held += segment.rows.reduce(0) { $0 + (live[$1] && awaited[$1] ? 1 : 0) }
        }
        guard held == liveCount else { throw .brokenSnapshot("a live row has no vector") }
    }

    /// The sums of the first `count` slots' exemplars, from their vectors.
    private func liftedSums(_ count: Int, _ dimension: Int) throws(SwitchboardError) -> [ClassSum] {
        let space = ClassSpace(dimension: dimension)
        var sums = [ClassSum](repeating: ClassSum(space), count: count)
        for row in 0..<table.count where live[row] {
            let slot = Int(table.slot(of: row))
            guard slot < count else { throw .brokenSnapshot("an intent has exemplars and no sum") }
            sums[slot].add(space.lift(Array(UnsafeBufferPointer(start: vector(of: row), count: dimension))))
        }
        return sums
    }
}

extension Segment {
    /// Its graph is to be built anew; until it is, its members are searched exactly.
    fileprivate init(
        _ reader: inout SnapshotReader,
        _ container: SnapshotContainer,
        _ place: SnapshotPlace,
        _ key: SnapshotFormat.Key,
        _ table: RowTable,
    ) throws(SwitchboardError) {
        let number = try reader.takeInt()
        let lower = try reader.takeInt()
        let upper = try reader.takeInt()
        let tier = try reader.takeInt()
        let members = try reader.takeInt()
        guard lower < upper, upper <= table.count else { throw .brokenSnapshot("a segment is out of range") }
        let range = try container.range(key)
        let stride = SnapshotFormat.stride(dimension: place.dimension)
        guard range.count % stride == 0, range.count / stride == members else {
            throw .brokenSnapshot("a segment has not as many members as it says")
        }
        let mapped = MappedRows(container.memory, range, dimension: place.dimension)
        var awaited = Bitmap(repeating: false, count: table.count)
        var last = lower - 1
        let vectors = mapped.vectors
        for index in 0..<members {
            let row = vectors.number(at: index)
            guard row > last, row < upper else { throw .brokenSnapshot("a segment's members are out of order") }
            awaited[row] = true
            last = row
        }
        self.init(
            number: number,
            rows: lower..<upper,
            tier: tier,
            members: members,
            live: 0,
            searchable: 0,
            parts: [.mapped(mapped, rows: lower..<upper)],
            awaited: awaited,
        )
    }
}

extension RowTable {
    fileprivate init(
        _ container: SnapshotContainer,
        _ place: SnapshotPlace,
        rows: Int,
        slots: Int,
    ) throws(SwitchboardError) {
        self.init()
        var reader = try container.reader(place.key(.rows))
        for _ in 0..<rows {
            let slot: UInt32 = try reader.take()
            guard slot != RowChunk.deadSlot else {
                appendDead()
                continue
            }
            guard Int(slot) < slots else { throw .brokenSnapshot("a row's intent is not there") }
            let exemplar = ExemplarID(try reader.takeBits())
            let firstSequence = LogSequence(try reader.take())
            let encoder: UInt16 = try reader.take()
            let textBytes: UInt16 = try reader.take()
            let originBytes: UInt16 = try reader.take()
            append(
                RowFacts(
                    exemplar: exemplar,
                    firstSequence: firstSequence,
                    slot: slot,
                    encoder: encoder,
                    text: try reader.takeText(Int(textBytes)),
                    origin: Array(try reader.take(bytes: Int(originBytes))),
                )
            )
        }
        try reader.end()
    }
}

extension ClassStatistics.Parts {
    /// - Parameter sums: the intents' sums where the snapshot has none of lifted vectors.
    fileprivate init(
        _ container: SnapshotContainer,
        _ place: SnapshotPlace,
        slots: Int,
        sums lifted: (_ count: Int) throws(SwitchboardError) -> [ClassSum],
    ) throws(SwitchboardError) {
        let space = ClassSpace(dimension: place.dimension)
        let isLifted = container.version > 1
        var reader = try container.reader(place.key(.classes))
        let changeCount = try reader.takeInt()
        let factorRows = try reader.takeInt()
        let factor = try ClassFactor.taken(&reader, space, isLifted)
        let count = try reader.takeCount(ofAtLeast: 8)
        guard count <= slots else { throw .brokenSnapshot("there are more sums than intents") }
        var sums: [ClassSum] = []
        for _ in 0..<count {
            let count = try reader.takeInt()
            let figures = isLifted ? space.width : space.dimension
            let sum = try count == 0 ? ClassSum(space).sum : reader.takeInt64s(figures)
            sums.append(ClassSum(count: count, sum: sum))
        }
        if !isLifted { sums = try lifted(count) }
        var ahead: [Ahead] = []
        for _ in 0..<(try reader.takeCount(ofAtLeast: 17)) {
            ahead.append(
                Ahead(
                    usedFrom: try reader.takeInt(),
                    rows: try reader.takeInt(),
                    factor: try ClassFactor.taken(&reader, space, isLifted)
                )
            )
        }
        var changes: [ClassFactorOrder.Change] = []
        let products = try Self.products(&reader, space, isLifted)
        for _ in 0..<(try reader.takeCount(ofAtLeast: 1)) {
            let isRemoval: UInt8 = try reader.take()
            changes.append(.init(vector: try reader.takeFloats(space.dimension), isRemoval: isRemoval != 0))
        }
        try reader.end()
        self.init(
            changeCount: changeCount,
            factor: factor,
            factorRows: factorRows,
            sums: sums,
            ahead: ahead,
            products: products,
            changes: changes,
        )
    }

    private static func products(
        _ reader: inout SnapshotReader,
        _ space: ClassSpace,
        _ isLifted: Bool,
    ) throws(SwitchboardError) -> [Int64]? {
        let narrow = cgaussian_packed(space.dimension)
        guard isLifted else {
            let hasProducts: UInt8 = try reader.take()
            return try hasProducts == 0 ? nil : reader.takeInt64s(narrow)
        }
        let count = try reader.takeInt()
        guard [0, narrow, cgaussian_packed(space.width)].contains(count) else {
            throw .brokenSnapshot("its products are of no known dimension")
        }
        return try count == 0 ? nil : reader.takeInt64s(count)
    }
}

extension ClassFactor {
    fileprivate static func taken(
        _ reader: inout SnapshotReader,
        _ space: ClassSpace,
        _ isLifted: Bool,
    ) throws(SwitchboardError) -> ClassFactor? {
        let isThere: UInt8 = try reader.take()
        guard isThere != 0 else { return nil }
        let count = try reader.takeInt()
        let shrinkage = try reader.takeDouble()
        let narrow = try Extent.taken(&reader, space.dimension)
        var wide: Extent?
        if isLifted {
            let isWide: UInt8 = try reader.take()
            if isWide != 0 { wide = try Extent.taken(&reader, space.width) }
        }
        return ClassFactor(
            count: count,
            shrinkage: shrinkage,
            narrow: narrow,
            wide: wide,
            factor: try reader.takeFloats(cgaussian_packed((wide ?? narrow).dimension)),
        )
    }
}

extension ClassFactor.Extent {
    fileprivate static func taken(
        _ reader: inout SnapshotReader,
        _ dimension: Int,
    ) throws(SwitchboardError) -> ClassFactor.Extent {
        ClassFactor.Extent(
            dimension: dimension,
            halfLogDeterminant: try reader.takeDouble(),
            meanDistance: try reader.takeDouble(),
        )
    }
}

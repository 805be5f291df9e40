internal import CHNSW
internal import Core

/// One vertical's exemplars: rows, vectors, and the segments they lie in.
///
/// A value: the writer changes its own copy, and what a snapshot shares is copied piece by piece as it changes.
/// A row is its exemplar's vector with what is known of it; an exemplar whose vector changes dies and gets a new row.
struct VerticalIndex: Sendable {
    let vertical: Vertical
    private(set) var table = RowTable()
    private(set) var live = Bitmap()
    /// The live rows of enabled intents.
    private(set) var searchable = Bitmap()
    private(set) var liveCount = 0
    var intents = IntentSlots()
    var classes: ClassStatistics
    private(set) var words = WordStatistics()
    /// Upsert records of the vertical so far, whether or not they made a row.
    var upserts = 0
    /// In the order of rows.
    var segments: [Segment] = []
    var growing: BlockRun
    var segmentsMade = 0

    init(vertical: Vertical, dimension: Int) {
        self.vertical = vertical
        growing = BlockRun(dimension: dimension, from: 0)
        classes = ClassStatistics(dimension: dimension)
    }

    /// As a snapshot holds it; what lives follows from the table.
    ///
    /// - Parameter segments: their counts of rows that live and may be found are made here.
    init(
        vertical: Vertical,
        table: RowTable,
        intents: IntentSlots,
        classes: ClassStatistics,
        upserts: Int,
        segments: [Segment],
        growing: BlockRun,
        segmentsMade: Int,
    ) {
        self.vertical = vertical
        self.table = table
        self.intents = intents
        self.classes = classes
        self.upserts = upserts
        self.segments = segments
        self.growing = growing
        self.segmentsMade = segmentsMade
        for row in 0..<table.count where table.slot(of: row) != RowChunk.deadSlot {
            words.add(table.text(of: row), to: table.slot(of: row))
        }
        live = table.rows(whereSlot: [Bool](repeating: true, count: intents.ids.count))
        liveCount = live.count(in: 0..<table.count)
        searchable = table.rows(whereSlot: intents.isEnabled)
        for index in segments.indices {
            self.segments[index].live = live.count(in: segments[index].rows)
            self.segments[index].searchable = searchable.count(in: segments[index].rows)
        }
    }

    /// - Returns: the row.
    mutating func append(_ facts: RowFacts, vector: [Float]) -> Int {
        let row = table.count
        table.append(facts)
        growing.append(vector)
        live.append(true)
        searchable.append(intents.isEnabled[Int(facts.slot)])
        liveCount += 1
        classes.add(vector, to: facts.slot, in: intents.standing)
        words.add(facts.text, to: facts.slot)
        return row
    }

    mutating func relabel(_ row: Int, slot: UInt32) {
        classes.move(copy(of: row), from: table.slot(of: row), to: slot, in: intents.standing)
        words.remove(table.text(of: row), from: table.slot(of: row))
        words.add(table.text(of: row), to: slot)
        table.relabel(row, slot: slot)
        setSearchable(row, intents.isEnabled[Int(slot)])
    }

    mutating func remove(_ row: Int) {
        classes.remove(copy(of: row), from: table.slot(of: row), in: intents.standing)
        words.remove(table.text(of: row), from: table.slot(of: row))
        setSearchable(row, false)
        table.remove(row)
        live[row] = false
        liveCount -= 1
        if let index = segment(of: row) { segments[index].live -= 1 }
    }

    /// After intents were enabled or disabled.
    mutating func refreshSearchable() {
        searchable = table.rows(whereSlot: intents.isEnabled)
        for index in segments.indices {
            segments[index].searchable = searchable.count(in: segments[index].rows)
        }
    }

    /// After names changed: no row is touched.
    mutating func refreshNames(from taxonomy: Taxonomy) {
        if intents.refreshNames(from: taxonomy) { classes.join(intents.standing) }
    }

    /// The intent that the live row's exemplar came with, which may be an alias by now.
    func ownIntent(of row: Int) -> IntentID { intents.ids[Int(table.slot(of: row))] }

    /// The live row's intent.
    func intent(of row: Int) -> IntentID { intents.intent(of: table.slot(of: row)) }

    /// The live row's vector. Valid while this value is held.
    func vector(of row: Int) -> UnsafePointer<Float> { Self.vector(of: row, in: segments, growing) }

    private static func vector(of row: Int, in segments: [Segment], _ growing: BlockRun) -> UnsafePointer<Float> {
        if growing.rows.contains(row) { return growing.vector(of: row) }
        guard let index = segment(of: row, in: segments),
            let part = segments[index].parts.first(where: { $0.rows.contains(row) }),
            let vector = part.vector(of: row)
        else {
            preconditionFailure("a live row has a vector")
        }
        return vector
    }

    /// All vectors that it has, in pieces, in the order of rows.
    func forEachStretch(_ body: (chnsw_rows) -> Void) {
        for segment in segments {
            for part in segment.parts { part.forEachStretch(body) }
        }
        growing.forEachStretch(body)
    }

    /// An upsert or a removal has been applied.
    mutating func countChange() {
        let (live, segments, growing, rows) = (live, segments, growing, table.count)
        classes.countChange(rows: rows) {
            // As they are now: what changes later is copied. No text is held.
            { body in
                for row in 0..<rows where live[row] {
                    guard body(Self.vector(of: row, in: segments, growing)) else { return }
                }
            }
        }
    }

    private func copy(of row: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: vector(of: row), count: growing.dimension))
    }

    /// The sealed segment that a row lies in.
    private func segment(of row: Int) -> Int? { Self.segment(of: row, in: segments) }

    private static func segment(of row: Int, in segments: [Segment]) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].rows.upperBound <= row { low = middle + 1 } else { high = middle }
        }
        return low < segments.count && segments[low].rows.contains(row) ? low : nil
    }

    private mutating func setSearchable(_ row: Int, _ isSearchable: Bool) {
        guard searchable[row] != isSearchable else { return }
        searchable[row] = isSearchable
        if let index = segment(of: row) { segments[index].searchable += isSearchable ? 1 : -1 }
    }
}

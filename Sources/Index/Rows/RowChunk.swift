internal import Core

/// What is known of 256 consecutive rows of a vertical, but for their vectors: columns, so that a row costs little
/// more than its text.
///
/// A value: a snapshot shares it with the writer until the writer changes it.
struct RowChunk: Sendable {
    static let capacity = 256
    /// Stands in `slots` for a row whose exemplar was removed or has another row now.
    static let deadSlot = UInt32.max

    private(set) var slots: [UInt32] = []
    private(set) var liveCount = 0
    private var ids: [ExemplarID] = []
    private var firstSequences: [LogSequence] = []
    private var encoders: [UInt16] = []
    private var textEnds: [UInt32] = []
    private var texts: [UInt8] = []
    /// By place in the chunk; most exemplars have none.
    private var origins: [Int: [UInt8]] = [:]

    init() {
        slots.reserveCapacity(Self.capacity)
        ids.reserveCapacity(Self.capacity)
        firstSequences.reserveCapacity(Self.capacity)
        encoders.reserveCapacity(Self.capacity)
        textEnds.reserveCapacity(Self.capacity)
    }

    var count: Int { slots.count }

    var bytes: Int {
        slots.capacity * MemoryLayout<UInt32>.stride + ids.capacity * MemoryLayout<ExemplarID>.stride
            + firstSequences.capacity * MemoryLayout<LogSequence>.stride
            + encoders.capacity * MemoryLayout<UInt16>.stride + textEnds.capacity * MemoryLayout<UInt32>.stride
            + texts.capacity + origins.values.reduce(0) { $0 + $1.count + 48 }
    }

    mutating func append(_ facts: RowFacts) {
        precondition(count < Self.capacity, "a full chunk takes no further row")
        if !facts.origin.isEmpty { origins[count] = facts.origin }
        slots.append(facts.slot)
        ids.append(facts.exemplar)
        firstSequences.append(facts.firstSequence)
        encoders.append(facts.encoder)
        texts.append(contentsOf: facts.text.utf8)
        textEnds.append(UInt32(texts.count))
        liveCount += 1
        giveBackIfFull()
    }

    /// A row that had died before a snapshot was taken, in its place.
    mutating func appendDead() {
        precondition(count < Self.capacity, "a full chunk takes no further row")
        slots.append(Self.deadSlot)
        ids.append(ExemplarID(Bits128(0)))
        firstSequences.append(.start)
        encoders.append(0)
        textEnds.append(UInt32(texts.count))
        giveBackIfFull()
    }

    /// The row's exemplar has a new intent.
    mutating func relabel(_ place: Int, slot: UInt32) {
        precondition(slots[place] != Self.deadSlot, "only a live row is labelled anew")
        slots[place] = slot
    }

    /// The row is dead from now on; a chunk of dead rows alone keeps nothing of them.
    mutating func remove(_ place: Int) {
        precondition(slots[place] != Self.deadSlot, "a row dies once")
        slots[place] = Self.deadSlot
        liveCount -= 1
        origins[place] = nil
        if liveCount == 0, count == Self.capacity { forget() }
    }

    private mutating func giveBackIfFull() {
        guard count == Self.capacity else { return }
        if liveCount == 0 {
            forget()
        } else {
            // No row will follow, so what the text was allowed to grow into goes back.
            texts = texts.withUnsafeBufferPointer { Array($0) }
        }
    }

    private mutating func forget() {
        ids = []
        firstSequences = []
        encoders = []
        textEnds = []
        texts = []
    }

    /// - Precondition: the row is live.
    subscript(_ place: Int) -> RowFacts {
        precondition(slots[place] != Self.deadSlot, "of a dead row nothing is known")
        return RowFacts(
            exemplar: ids[place],
            firstSequence: firstSequences[place],
            slot: slots[place],
            encoder: encoders[place],
            text: text(of: place),
            origin: origins[place] ?? [],
        )
    }

    func exemplar(of place: Int) -> ExemplarID { ids[place] }
    func encoder(of place: Int) -> UInt16 { encoders[place] }
    func firstSequence(of place: Int) -> LogSequence { firstSequences[place] }

    func text(of place: Int) -> String {
        let start = place == 0 ? 0 : Int(textEnds[place - 1])
        return String(decoding: texts[start..<Int(textEnds[place])], as: UTF8.self)
    }
}

/// What is known of a row.
struct RowFacts: Sendable, Hashable {
    let exemplar: ExemplarID
    /// Of the record that brought the exemplar; a new vector or intent does not change it.
    let firstSequence: LogSequence
    /// Of the intent, in the vertical's `IntentSlots`.
    let slot: UInt32
    /// Of the encoder, in the replica's list.
    let encoder: UInt16
    let text: String
    let origin: [UInt8]
}

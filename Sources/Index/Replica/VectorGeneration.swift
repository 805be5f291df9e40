internal import Core
internal import HashTreeCollections

/// The exemplars of a replica with their vectors by one encoder: rows, segments and what all of them say together.
///
/// A replica searches one of them. While models change it fills another beside it, graphs and sums included, so that
/// the switch is the exchange of one for the other. Folded from the log's records like all of the state.
struct VectorGeneration: Sendable {
    /// Given out in order, never again.
    var number: Int
    /// The one that the log named last for it; nil before it named one.
    var encoder: ModelID?
    /// The sum of its exemplars' terms.
    var digest = StateDigest()
    /// The live exemplars.
    var exemplars: TreeDictionary<ExemplarID, RowPlace> = [:]
    /// In the order in which the log brought their first exemplar.
    var verticals: [VerticalIndex] = []
    var verticalPlaces: [Vertical: Int] = [:]
    /// Every encoder that its vectors came from.
    var encoders: [ModelID] = []
    /// Live exemplars of each of them.
    var encoderCounts: [Int] = []

    init(number: Int, encoder: ModelID? = nil) {
        self.number = number
        self.encoder = encoder
    }

    func vector(at place: RowPlace) -> [Float] {
        let index = verticals[place.vertical]
        // The pointer is valid while the index is held, which outlives the copy.
        return Array(UnsafeBufferPointer(start: index.vector(of: place.row), count: index.growing.dimension))
    }

    // MARK: Following the log

    /// A labelled utterance came in, or one that is there got another intent or vector.
    mutating func upsert(
        _ fact: ExemplarUpserted,
        id: ExemplarID,
        text: UtteranceText,
        intent: IntentID,
        at sequence: LogSequence,
        in taxonomy: Taxonomy,
        _ settings: IndexSettings,
    ) {
        let vertical = place(of: fact.vertical, settings)
        let slot = verticals[vertical].intents.slot(of: intent, in: taxonomy)
        let encoder = encoderPlace(of: fact.encoder)
        self.encoder = fact.encoder
        if let old = exemplars[id], holds(fact.vector, at: old, encoder: encoder) {
            relabel(id, at: old, slot: slot, intent: intent)
        } else {
            let old = exemplars[id]
            let first = old.map { verticals[vertical].table.firstSequence(of: $0.row) } ?? sequence
            if old != nil { remove(id) }
            let facts = RowFacts(
                exemplar: id,
                firstSequence: first,
                slot: slot,
                encoder: encoder,
                text: text.value,
                origin: fact.origin,
            )
            append(facts, vector: fact.vector, intent: intent, to: vertical)
        }
        verticals[vertical].countUpsert(settings)
        countChange(in: vertical)
    }

    /// An exemplar that lives in another generation got its vector for this one.
    ///
    /// - Parameter facts: what is known of it there; slot and encoder are that generation's.
    mutating func set(
        _ fact: VectorSet,
        facts: RowFacts,
        intent: IntentID,
        in taxonomy: Taxonomy,
        _ settings: IndexSettings,
    ) {
        let vertical = place(of: fact.vertical, settings)
        let encoder = encoderPlace(of: fact.encoder)
        let own = RowFacts(
            exemplar: facts.exemplar,
            firstSequence: facts.firstSequence,
            slot: verticals[vertical].intents.slot(of: intent, in: taxonomy),
            encoder: encoder,
            text: facts.text,
            origin: facts.origin,
        )
        if exemplars[fact.exemplar] != nil { remove(fact.exemplar) }
        append(own, vector: fact.vector, intent: intent, to: vertical)
        verticals[vertical].countUpsert(settings)
        countChange(in: vertical)
    }

    /// The exemplar has another intent; one that has no vector here yet gets it with that.
    mutating func relabel(_ id: ExemplarID, intent: IntentID, in taxonomy: Taxonomy) {
        guard let place = exemplars[id] else { return }
        let slot = verticals[place.vertical].intents.slot(of: intent, in: taxonomy)
        relabel(id, at: place, slot: slot, intent: intent)
        countChange(in: place.vertical)
    }

    /// The exemplar is gone; one that is not here was removed before, or has no vector here yet.
    mutating func removeCounted(_ id: ExemplarID) {
        guard let place = exemplars[id] else { return }
        remove(id)
        countChange(in: place.vertical)
    }

    /// Intents of a vertical were enabled or disabled.
    mutating func refreshEnabled(_ vertical: Vertical, in taxonomy: Taxonomy) {
        guard let place = verticalPlaces[vertical] else { return }
        if verticals[place].intents.refresh(from: taxonomy) { verticals[place].refreshSearchable() }
    }

    /// Intents of a vertical were renamed or merged, or are named again as they were.
    mutating func refreshNames(_ vertical: Vertical, in taxonomy: Taxonomy) {
        guard let place = verticalPlaces[vertical] else { return }
        verticals[place].refreshNames(from: taxonomy)
        refreshEnabled(vertical, in: taxonomy)
    }

    /// To be called before a snapshot shows it.
    mutating func refreshClasses() {
        for place in verticals.indices where verticals[place].classes.isStale { verticals[place].classes.refresh() }
    }

    // MARK: Rows

    private mutating func append(_ facts: RowFacts, vector: [Float], intent: IntentID, to vertical: Int) {
        let row = verticals[vertical].append(facts, vector: vector)
        exemplars[facts.exemplar] = RowPlace(vertical: vertical, row: row)
        encoderCounts[Int(facts.encoder)] += 1
        digest.add(
            StateDigest.term(
                exemplar: facts.exemplar,
                intent: intent,
                encoder: encoders[Int(facts.encoder)],
                vector: vector
            )
        )
    }

    private mutating func relabel(_ id: ExemplarID, at place: RowPlace, slot: UInt32, intent: IntentID) {
        guard verticals[place.vertical].ownIntent(of: place.row) != intent else { return }
        digest.remove(term(of: id, at: place))
        verticals[place.vertical].relabel(place.row, slot: slot)
        digest.add(term(of: id, at: place))
    }

    private mutating func remove(_ id: ExemplarID) {
        guard let place = exemplars[id] else { preconditionFailure("what is removed is there") }
        digest.remove(term(of: id, at: place))
        encoderCounts[Int(verticals[place.vertical].table.encoder(of: place.row))] -= 1
        verticals[place.vertical].remove(place.row)
        exemplars[id] = nil
    }

    func term(of id: ExemplarID, at place: RowPlace) -> Bits128 {
        StateDigest.term(
            exemplar: id,
            intent: verticals[place.vertical].ownIntent(of: place.row),
            encoder: encoders[Int(verticals[place.vertical].table.encoder(of: place.row))],
            vector: vector(at: place)
        )
    }

    /// Whether the exemplar's row has this very vector.
    private func holds(_ vector: [Float], at place: RowPlace, encoder: UInt16) -> Bool {
        guard verticals[place.vertical].table.encoder(of: place.row) == encoder else { return false }
        return self.vector(at: place).withUnsafeBytes { old in
            vector.withUnsafeBytes { new in old.elementsEqual(new) }
        }
    }

    mutating func countChange(in vertical: Int) {
        verticals[vertical].countChange()
    }

    mutating func place(of vertical: Vertical, _ settings: IndexSettings) -> Int {
        if let place = verticalPlaces[vertical] { return place }
        verticalPlaces[vertical] = verticals.count
        verticals.append(VerticalIndex(vertical: vertical, dimension: settings.dimension))
        return verticals.count - 1
    }

    mutating func encoderPlace(of encoder: ModelID) -> UInt16 {
        if let place = encoders.firstIndex(of: encoder) { return UInt16(place) }
        precondition(encoders.count < Int(UInt16.max), "a log names fewer encoders than that")
        encoders.append(encoder)
        encoderCounts.append(0)
        return UInt16(encoders.count - 1)
    }
}

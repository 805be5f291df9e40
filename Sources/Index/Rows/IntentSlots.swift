internal import Core

/// The intents that a vertical's rows have or had, numbered densely, so that a row needs four bytes for its intent and
/// a filter is an array of Booleans.
struct IntentSlots: Sendable {
    /// As the exemplars came with them.
    private(set) var ids: [IntentID] = []
    /// By slot: the slot of the intent that it stands for, after merges another one.
    private(set) var standing: [UInt32] = []
    /// By slot: whether the intent that it stands for and all above it are enabled.
    private(set) var isEnabled: [Bool] = []
    private var slots: [IntentID: UInt32] = [:]

    /// The intent's slot, given out on first use.
    mutating func slot(of id: IntentID, in taxonomy: Taxonomy) -> UInt32 {
        if let slot = slots[id] { return slot }
        let slot = UInt32(ids.count)
        ids.append(id)
        isEnabled.append(Self.isEnabled(id, in: taxonomy))
        slots[id] = slot
        standing.append(slot)
        let current = taxonomy.current(id)
        if current != id {
            let target = self.slot(of: current, in: taxonomy)
            standing[Int(slot)] = target
        }
        return slot
    }

    init() {}

    /// As a snapshot holds it: each intent has the slot that is its place. One that an alias stands for and that is not
    /// among them gets a slot behind them.
    ///
    /// - Precondition: none comes twice.
    init(ids: [IntentID], in taxonomy: Taxonomy) {
        self.ids = ids
        isEnabled = ids.map { Self.isEnabled($0, in: taxonomy) }
        slots = Dictionary(uniqueKeysWithValues: zip(ids, 0...))
        standing = Array(0..<UInt32(ids.count))
        _ = refreshNames(from: taxonomy)
    }

    /// The intent that a slot stands for.
    func intent(of slot: UInt32) -> IntentID { ids[Int(standing[Int(slot)])] }

    /// Reads again from the taxonomy what each slot stands for; an intent without a slot gets one.
    ///
    /// - Returns: whether anything changed.
    mutating func refreshNames(from taxonomy: Taxonomy) -> Bool {
        var fresh: [UInt32] = []
        // The new ones are at the end, and stand for themselves.
        for id in ids { fresh.append(slot(of: taxonomy.current(id), in: taxonomy)) }
        fresh += UInt32(fresh.count)..<UInt32(ids.count)
        defer { standing = fresh }
        return fresh != standing
    }

    /// Reads again from the taxonomy what is enabled.
    ///
    /// - Returns: whether anything changed.
    mutating func refresh(from taxonomy: Taxonomy) -> Bool {
        let fresh = ids.map { Self.isEnabled($0, in: taxonomy) }
        defer { isEnabled = fresh }
        return fresh != isEnabled
    }

    private static func isEnabled(_ id: IntentID, in taxonomy: Taxonomy) -> Bool {
        guard let intent = taxonomy.resolved(id) else {
            preconditionFailure("an intent that a row has is in the taxonomy")
        }
        return intent.isEnabled
    }
}

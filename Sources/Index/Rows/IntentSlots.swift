internal import Core

/// The intents that a vertical's rows have or had, numbered densely, so that a row needs four bytes for its intent and
/// a filter is an array of Booleans.
struct IntentSlots: Sendable {
    private(set) var ids: [IntentID] = []
    /// By slot: whether the intent and all above it are enabled.
    private(set) var isEnabled: [Bool] = []
    private var slots: [IntentID: UInt32] = [:]

    /// The intent's slot, given out on first use.
    mutating func slot(of id: IntentID, in taxonomy: Taxonomy) -> UInt32 {
        if let slot = slots[id] { return slot }
        let slot = UInt32(ids.count)
        ids.append(id)
        isEnabled.append(Self.isEnabled(id, in: taxonomy))
        slots[id] = slot
        return slot
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

/// In which order work that waits for the same threads is served.
package enum Priority: String, Sendable, Hashable, CaseIterable, Comparable {
    /// A caller is waiting.
    case live
    /// Pairs that are to be encoded before they are appended.
    case updates
    /// Discovery, which nobody waits for.
    case discovery

    /// How much of a queue it may fill, so that neither updates nor discovery keeps a caller out.
    package var share: Double {
        switch self {
        case .live: 1
        case .updates: 0.75
        case .discovery: 0.5
        }
    }

    private var rank: Int {
        switch self {
        case .live: 0
        case .updates: 1
        case .discovery: 2
        }
    }

    /// The lesser is served first.
    package static func < (left: Priority, right: Priority) -> Bool { left.rank < right.rank }
}

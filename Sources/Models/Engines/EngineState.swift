/// Whether an engine would answer now.
package enum EngineState: Sendable, Hashable {
    case able
    /// - Parameter reason: what is wrong and where, in a sentence without a full stop.
    case unable(reason: String)

    /// Why not; nil where it is able.
    package var reason: String? {
        switch self {
        case .able: nil
        case .unable(let reason): reason
        }
    }
}

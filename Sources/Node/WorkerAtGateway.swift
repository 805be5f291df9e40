internal import Core
internal import Routing

/// How a worker of this node stands with a gateway elsewhere.
struct WorkerAtGateway: Sendable {
    let role: NodeRole
    /// Its address, without a key.
    let gateway: String
    let state: CurrentValue<AttachmentState>

    /// Why it serves nobody there, in a sentence; nil where it does.
    var trouble: String? {
        let words = "the \(role.rawValue) is not attached to the gateway at \(gateway)"
        switch state.value {
        case .attached: return nil
        case .unable: return "\(words): it cannot answer calls yet"
        case .seeking(reason: .none): return "\(words) yet"
        case .seeking(reason: .some(let reason)): return "\(words): \(reason)"
        }
    }
}

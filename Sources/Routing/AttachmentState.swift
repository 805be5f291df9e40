/// How a worker stands with one gateway.
package enum AttachmentState: Sendable, Equatable {
    /// It cannot answer calls yet, so it does not ask. To `.seeking`.
    case unable
    /// It asks to be attached; with what ended the last attempt, nil where there was none. To `.attached` or `.unable`.
    case seeking(reason: String?)
    /// To `.seeking` or `.unable`.
    case attached
}

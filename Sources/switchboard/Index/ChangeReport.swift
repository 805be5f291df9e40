import Core
import SwitchboardClient

/// What a single change of the index did, for a person and for `--json`.
struct ChangeReport: Encodable {
    let added: Int
    let unchanged: Int
    let relabelled: Int
    let removed: Int
    let created: [PublishReceipt.CreatedIntent]
    let changeID: String
    let logID: String
    let seq: UInt64
    let behind: [String]
    let refused: String?

    enum CodingKeys: String, CodingKey {
        case added
        case unchanged
        case relabelled
        case removed
        case created
        case changeID = "change_id"
        case logID = "log_id"
        case seq
        case behind
        case refused
    }

    init(_ receipt: PublishReceipt, changeID: String) {
        added = receipt.added
        unchanged = receipt.unchanged
        relabelled = receipt.relabelled
        removed = receipt.removed
        created = receipt.created
        self.changeID = changeID
        logID = receipt.logID
        seq = receipt.seq
        behind = receipt.behind
        refused = receipt.refusals.first?.reason
    }

    /// Prints it.
    ///
    /// - Parameter what: what happened, in words.
    /// - Throws: `CommandFailure` where the node refused it.
    func show(_ what: String, asJSON: Bool) throws {
        if asJSON { Terminal.line(try JSONLine.encode(self)) }
        if let refused { throw CommandFailure(refused) }
        guard !asJSON else { return }
        var text = "\(what) (change \(changeID), record \(seq.grouped))"
        if !created.isEmpty { text += "\nnew: " + created.map(\.intent).joined(separator: ", ") }
        if !behind.isEmpty { text += "\nsafe on disk; not yet applied by \(behind.joined(separator: ", "))" }
        Terminal.line(text)
    }
}

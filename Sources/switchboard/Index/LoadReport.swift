import Core
import SwitchboardClient

/// What a load did, for `--json`.
struct LoadReport: Encodable {
    struct Refusal: Encodable {
        let line: Int
        let reason: String
    }

    struct Problem: Encodable {
        let file: String?
        let line: Int?
        let reason: String
    }

    /// Refusals and intents that are listed; all are counted.
    static let listed = 1_000

    var file: String
    var format: String
    var pairs = 0
    var added = 0
    var unchanged = 0
    var relabelled = 0
    var refused = 0
    var refusals: [Refusal] = []
    var intentsCreated = 0
    var created: [PublishReceipt.CreatedIntent] = []
    var changeID: String
    var logID: String?
    var seq: UInt64?
    var behind: [String] = []
    var notes: [String] = []
    var seconds = 0.0
    /// Why it ended early; nil: it did not.
    var problem: Problem?
    /// The command that goes on.
    var resume: String?

    enum CodingKeys: String, CodingKey {
        case file
        case format
        case pairs
        case added
        case unchanged
        case relabelled
        case refused
        case refusals
        case intentsCreated = "intents_created"
        case created
        case changeID = "change_id"
        case logID = "log_id"
        case seq
        case behind
        case notes
        case seconds
        case problem
        case resume
    }

    init(file: String, format: String, changeID: String) {
        self.file = file
        self.format = format
        self.changeID = changeID
    }

    mutating func add(_ receipt: PublishReceipt) {
        let refusalsLeft = max(0, Self.listed - refusals.count)
        refusals += receipt.refusals.prefix(refusalsLeft).map { Refusal(line: $0.number, reason: $0.reason) }
        created += receipt.created.prefix(max(0, Self.listed - created.count))
    }

    mutating func take(_ totals: PublishTotals) {
        pairs = totals.pairs
        added = totals.added
        unchanged = totals.unchanged
        relabelled = totals.relabelled
        refused = totals.refused
        intentsCreated = totals.created
        logID = totals.logID
        seq = totals.logID == nil ? nil : totals.seq
        behind = totals.behind
    }

    /// How many were sent, and what became of them.
    var sent: String {
        "\(Figures.count(pairs, "pair was", "pairs were")) sent: \(added.grouped) added, "
            + "\(relabelled.grouped) re-labelled, \(unchanged.grouped) unchanged, "
            + "\(refused.grouped) refused"
    }

    /// For a person.
    var words: String {
        let rate = seconds > 0.05 ? " (\(Int(Double(pairs) / seconds).grouped)/s)" : ""
        var lines = [
            sent,
            "  of \(file) in \(Figures.time(.seconds(seconds)))\(rate); "
                + "\(Figures.count(intentsCreated, "intent")) created",
        ]
        if let logID, let seq {
            lines.append("  change \(changeID), last record \(seq.grouped) of log \(logID)")
        }
        if !behind.isEmpty {
            lines.append("  it is safe on disk; not yet applied by \(behind.joined(separator: ", "))")
        }
        lines += notes.map { "  " + $0 }
        for refusal in refusals.prefix(10) { lines.append("  line \(refusal.line) was refused: \(refusal.reason)") }
        if refused > 10 { lines.append("  and \((refused - 10).grouped) more were refused") }
        return lines.joined(separator: "\n")
    }
}

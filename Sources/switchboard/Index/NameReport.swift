import Core
import SwitchboardClient

/// What a rename, a merge, an undo or a rollback did or would do, for a person and for `--json`.
struct NameReport: Encodable {
    let dryRun: Bool
    let added: Int
    let removed: Int
    let relabelled: Int
    let renamed: Int
    let merged: Int
    let described: Int
    let policies: Int
    let created: [PublishReceipt.CreatedIntent]
    let left: [LeftAlone]
    let leftCount: Int
    let changeID: String
    let logID: String
    let seq: UInt64
    let behind: [String]

    enum CodingKeys: String, CodingKey {
        case dryRun = "dry_run"
        case added
        case removed
        case relabelled
        case renamed
        case merged
        case described
        case policies
        case created
        case left
        case leftCount = "left_count"
        case changeID = "change_id"
        case logID = "log_id"
        case seq
        case behind
    }

    /// How many things that were left are told to a person.
    private static let leftTold = 10

    init(_ receipt: PublishReceipt, isDryRun: Bool) {
        dryRun = isDryRun
        added = receipt.added
        removed = receipt.removed
        relabelled = receipt.relabelled
        renamed = receipt.renamed
        merged = receipt.merged
        described = receipt.described
        policies = receipt.policies
        created = receipt.created
        left = receipt.left
        leftCount = receipt.leftCount
        changeID = receipt.changeID
        logID = receipt.logID
        seq = receipt.seq
        behind = receipt.behind
    }

    /// What was asked for, in words: of a dry run, and when it is done.
    struct Deed {
        let planned: String
        let done: String
    }

    func words(_ deed: Deed) -> String {
        let parts = [
            Self.part(added, "exemplar", "added"), Self.part(removed, "exemplar", "removed"),
            Self.part(relabelled, "exemplar", "re-labelled"), Self.part(renamed, "intent", "named anew"),
            Self.part(merged, "intent", "merged"), Self.part(described, "intent", "described anew"),
            policies > 0 ? Figures.count(policies, "policy", "policies") + " set" : nil,
        ].compactMap { $0 }
        var lines: [String] = []
        let list = parts.isEmpty ? "nothing changes" : parts.joined(separator: ", ")
        if dryRun {
            lines.append("would \(deed.planned): \(list)")
        } else {
            lines.append("\(deed.done): \(list) (change \(changeID), record \(seq.grouped))")
        }
        if !created.isEmpty { lines.append("new: " + created.map(\.intent).joined(separator: ", ")) }
        for thing in left.prefix(Self.leftTold) {
            lines.append("left as it is: \(thing.kind) \(thing.id), \(thing.reason)")
        }
        if leftCount > Self.leftTold {
            lines.append("and \((leftCount - Self.leftTold).grouped) more; --json lists them")
        }
        if !behind.isEmpty { lines.append("safe on disk; not yet applied by \(behind.joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }

    func show(_ deed: Deed, asJSON: Bool) throws {
        Terminal.line(asJSON ? try JSONLine.encode(self) : words(deed))
    }

    private static func part(_ number: Int, _ one: String, _ done: String) -> String? {
        number > 0 ? "\(Figures.count(number, one)) \(done)" : nil
    }
}

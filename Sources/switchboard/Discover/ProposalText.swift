import Core
import Foundation
import Wire

/// Proposals for an analyst: what is an intent first, ranked; what is unclear apart from it.
enum ProposalText {
    /// All proposals of a list, in lines.
    static func report(_ ranked: [RankedProposal]) -> [String] {
        let showsNew = ranked.contains { $0.proposal.continuity != .new }
        let showsPool = Set(ranked.compactMap(\.pool)).count > 1
        let intents = ranked.filter(\.proposal.judgement.isGood)
        let unclear = ranked.filter { !$0.proposal.judgement.isGood }
        var lines: [String] = []
        for (place, entry) in intents.enumerated() {
            if place > 0 { lines.append("") }
            lines += words(entry, number: place + 1, showsNew: showsNew, showsPool: showsPool)
        }
        guard !unclear.isEmpty else { return lines }
        if !lines.isEmpty { lines.append("") }
        lines.append(
            Terminal.bold("Unclear: \(Figures.count(unclear.count, "cluster")) that may hold more than one intent")
        )
        for entry in unclear {
            lines.append("")
            lines += words(entry, number: nil, showsNew: showsNew, showsPool: showsPool)
        }
        return lines
    }

    /// One proposal, in lines.
    ///
    /// - Parameters:
    ///   - number: its place in a list.
    ///   - showsNew: whether it is worth a word that an earlier run did not have it.
    ///   - showsPool: whether there are others of another pool.
    static func words(
        _ entry: RankedProposal,
        number: Int?,
        showsNew: Bool,
        showsPool: Bool = false,
    ) -> [String] {
        let proposal = entry.proposal
        let place = number.map { String(format: "%2d. ", $0) } ?? "    "
        let origin = Terminal.dim("(\(source(proposal.name.source)))")
        var lines = ["\(place)\(proposal.id.short)  \(Terminal.bold(proposal.name.label))  \(origin)"]
        var said = Figures.count(entry.calls, "call")
        // None where the calls name none.
        if entry.conversations > 0 { said += " in \(Figures.count(entry.conversations, "conversation"))" }
        var facts = [
            said, "\(Figures.count(entry.size, "utterance"))", "P(good) \(probability(proposal.judgement))",
        ]
        if let role = proposal.role {
            facts.append("of \(role.rawValue)s" + (proposal.isRoleOfName ? ", by the verb" : ""))
        }
        if proposal.vertical != .default { facts.append("in \(proposal.vertical)") }
        if showsPool, let pool = entry.pool {
            facts.append(pool.isEmpty ? "from the live pool" : "from pool \(pool.asPrinted)")
        }
        lines.append("    " + facts.joined(separator: ", "))
        if let medoid = proposal.members.first { lines.append("    \u{201C}\(medoid.text)\u{201D}") }
        if !proposal.keywords.isEmpty {
            lines.append("    keywords: \(proposal.keywords.prefix(8).joined(separator: ", "))")
        }
        lines.append("    " + relation(proposal.relation))
        if let continuity = continuity(proposal.continuity, showsNew: showsNew) { lines.append("    " + continuity) }
        if let state = state(proposal.state) { lines.append("    " + state) }
        return lines
    }

    /// What was decided, one a line.
    static func history(_ history: [ReviewEntry]) -> [String] {
        history.map { entry in
            var line = "\(time(entry.timeMicroseconds))  \(action(entry.action))"
            if !entry.reviewer.isEmpty { line += " by \(entry.reviewer.asPrinted)" }
            if let position = entry.position { line += " (record \(position.sequence.number.grouped))" }
            return line
        }
    }

    /// A decision that has not ended, and what can be done about that, in lines.
    static func begun(_ entry: ReviewEntry, of proposal: Bits128) -> [String] {
        ["Begun, and not ended:"] + history([entry]).map { "  " + $0 } + [
            "  It is carried out once the index takes it; nothing else is decided about the proposal before that.",
            "  Where it stays so: does the index answer (switchboard index stats)? The clusterer's log says what it answers.",
            "  Take it back: switchboard discover undo \(proposal.short)",
        ]
    }

    /// The ways that conversations went, one a line.
    static func trajectories(_ trajectories: [TrajectoryCount]) -> [String] {
        trajectories.map { trajectory in
            let steps = trajectory.steps.map { step in step.role == .agent ? "[\(step.name)]" : step.name }
            return "\(String(format: "%5d", trajectory.conversations))  \(steps.joined(separator: " > "))"
        }
    }

    // MARK: Parts

    static func probability(_ judgement: ClusterJudgement) -> String {
        String(format: "%.2f (%.2f to %.2f)", judgement.probability, judgement.low, judgement.high)
    }

    static func source(_ source: ProposalName.Source) -> String {
        switch source {
        case .model: "named by the model"
        case .keywords: "named by its keywords"
        case .reviewer: "named by a reviewer"
        }
    }

    static func relation(_ relation: TaxonomyRelation) -> String {
        switch relation {
        case .new: "new: no intent is like it"
        case .variant(let path, let share): "a variant of \(path): \(percent(share)) of it lies there"
        case .split(let path, let share): "a part of \(path), apart from the rest: \(percent(share)) of it lies there"
        }
    }

    /// - Returns: nil where there is nothing to be said.
    static func continuity(_ continuity: ProposalContinuity, showsNew: Bool) -> String? {
        switch continuity {
        case .new: showsNew ? "not in the run before" : nil
        case .kept: "as in the run before"
        case .split(let from): "split from \(from.short) of the run before"
        case .merged(let from): "merged from \(from.map(\.short).joined(separator: ", ")) of the run before"
        case .gone: "gone: not found any more"
        }
    }

    /// - Returns: nil for one that nobody decided about.
    static func state(_ state: ReviewState) -> String? {
        switch state {
        case .open: nil
        case .accepted(let path, _, let position):
            "accepted as \(path) (record \(position.sequence.number.grouped))"
        case .rejected(let size):
            "rejected; hidden until it has grown by half, beyond \(Figures.count(size, "utterance"))"
        case .merged(let into): "merged into \(into.short)"
        case .split(let into): "split into \(into.map(\.short).joined(separator: ", "))"
        }
    }

    static func action(_ action: ReviewAction) -> String {
        switch action {
        case .accept(let path, let vertical, let texts, _):
            "accepted as \(path) in \(vertical)"
                + (texts.map { ", \(Figures.count($0.count, "utterance")) of it" } ?? "")
        case .reject: "rejected"
        case .rename(let name): "renamed to \(name)"
        case .merge(let into): "merged into \(into.short)"
        case .split: "split"
        case .undo: "taken back"
        }
    }

    /// ISO 8601, UTC.
    static func time(_ microseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(microseconds) / 1e6).formatted(.iso8601)
    }

    private static func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
}

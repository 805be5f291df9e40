import Core
import SwitchboardClient
import Wire

/// What a run came to, for a person and for `--json`.
struct ProposalReport {
    private let ranked: [RankedProposal]
    private let runs: [RunSummary]

    init(_ list: DiscoveryListResponse) {
        ranked = RankedProposal.ranked(list)
        runs = list.runs
    }

    /// Writes proposals to stdout and words about them to stderr.
    func show(asJSON: Bool) throws {
        if asJSON {
            for entry in ranked { Terminal.line(try JSONLine.encode(ProposalLine(entry))) }
        } else {
            for line in ProposalText.report(ranked) { Terminal.line(line) }
        }
        for line in notes { Terminal.note(line) }
    }

    /// What stands below the proposals.
    var notes: [String] {
        var lines: [String] = []
        // Where there is no proposal, of the latest run at least.
        let told = runs.enumerated().filter { place, run in
            !run.progress.phase.isOver || ranked.contains { $0.proposal.run == run.run } || ranked.isEmpty && place == 0
        }
        for (_, run) in told {
            lines.append(RunProgressText.words(run))
            // Of several pools one line each.
            guard told.count == 1 else { continue }
            // Why there is so little, or what is odd about it; of others it stands in the line already.
            if run.progress.phase == .finished, !run.progress.note.isEmpty { lines.append(run.progress.note) }
            if let cuts = RunProgressText.cuts(run.cuts) {
                lines.append("cuts that it offers: \(cuts) (--cut of 'discover run' and 'start')")
            }
        }
        let open = ranked.filter { $0.proposal.judgement.isGood && $0.proposal.state == .open }
        // Callers are matched against what is accepted.
        guard let best = open.first(where: { $0.proposal.role != .agent }) else {
            if !open.isEmpty {
                lines.append("what is judged good among them is what agents say; no caller asks for it")
            } else if !ranked.isEmpty {
                lines.append("there is no intent to accept among them")
            } else if runs.isEmpty {
                lines.append("there is no proposal; begin a run with 'discover run FILE' or 'discover start'")
            } else if runs.contains(where: { $0.proposals + $0.unclear > 0 }) {
                lines.append("none of what was found is open here; 'discover list --all' shows what was decided too")
            } else {
                lines.append("there is no proposal")
            }
            return lines
        }
        let (id, label) = (best.proposal.id.short, best.proposal.name.label)
        lines.append("look closer: switchboard discover show \(id)")
        lines.append("accept one:  switchboard discover accept \(id) --path \(ShellCommand.quoted(label))")
        return lines
    }
}

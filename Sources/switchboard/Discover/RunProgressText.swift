import Core
import Foundation
import Wire

/// Where a run is, for a person.
enum RunProgressText {
    static func words(_ progress: RunProgress, withBar: Bool) -> String {
        var parts: [String] = []
        let percent = String(format: "%3.0f %%", 100 * progress.fraction)
        if withBar {
            parts.append("\(Figures.bar(progress.fraction, width: 24)) \(percent)")
        } else {
            parts.append(percent.trimmingCharacters(in: .whitespaces))
        }
        parts.append(progress.phase.rawValue)
        if let left = progress.secondsLeft, !progress.phase.isOver {
            parts.append("\(Figures.time(.seconds(left))) left")
        }
        if progress.effort.llmCalls > 0 { parts.append(effort(progress.effort)) }
        if !progress.note.isEmpty, progress.note != progress.phase.rawValue { parts.append(progress.note) }
        return parts.joined(separator: "  ")
    }

    /// What the language model was asked, such as `40 LLM calls, 5,000 tokens, 12 s added up`: calls run beside each other, so
    /// their seconds may be more than the run's.
    static func effort(_ effort: RunEffort) -> String {
        "\(Figures.count(effort.llmCalls, "LLM call")), \(Figures.count(effort.llmTokens, "token")), "
            + "\(Figures.time(.seconds(effort.llmSeconds))) added up"
    }

    /// A run in a sentence: what it looked at, what came of it.
    static func words(_ run: RunSummary) -> String {
        var parts = ["\(Figures.count(run.proposals, "intent"))"]
        if run.unclear > 0 { parts.append(Figures.count(run.unclear, "unclear cluster")) }
        let place = run.pool.isEmpty ? "the live pool" : "pool \(run.pool)"
        var words = "run \(run.run.short) of \(place): "
        guard run.progress.phase == .finished else {
            return words + Self.words(run.progress, withBar: false)
        }
        words += "\(parts.joined(separator: " and ")) in \(Figures.count(run.utterances, "utterance"))"
        words += "; it took \(Figures.time(.seconds(run.progress.effort.seconds)))"
        if run.progress.effort.llmCalls > 0 { words += ", \(effort(run.progress.effort))" }
        return words
    }

    /// The cuts that a run offers, such as `coarser 20, chosen 34, finer 51 clusters`; nil: it offers none but the chosen one.
    static func cuts(_ cuts: [CutSummary]) -> String? {
        let counts = clusters(of: cuts)
        guard counts.count > 1 else { return nil }
        let words = DiscoverySettings.Cut.allCases.compactMap { cut in
            counts[cut].map { "\(cut.rawValue) \($0.grouped)" }
        }
        return "\(words.joined(separator: ", ")) clusters"
    }

    /// How many clusters each cut has in all. Utterances of a vertical and a role that have no coarser or finer one are cut
    /// as chosen there.
    static func clusters(of cuts: [CutSummary]) -> [DiscoverySettings.Cut: Int] {
        struct Group: Hashable {
            let vertical: Vertical
            let role: Role?
        }
        let groups = Dictionary(grouping: cuts) { Group(vertical: $0.vertical, role: $0.role) }.values
        var counts: [DiscoverySettings.Cut: Int] = [:]
        for cut in Set(cuts.map(\.cut)) {
            counts[cut] = groups.reduce(0) { sum, group in
                let taken = group.first { $0.cut == cut } ?? group.first { $0.cut == .chosen }
                return sum + (taken?.clusters ?? 0)
            }
        }
        return counts
    }
}

extension Bits128 {
    /// The first 8 digits: what people write of an id.
    var short: String { String(description.prefix(8)) }
}

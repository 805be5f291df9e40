internal import Core
package import Datasets
package import Discovering

/// Labelled utterances as a run of discovery sees them, with what a person says each meant.
///
/// The run gets texts, verticals and, where asked, roles; never a label. Equal texts of a vertical and a role are one
/// utterance for it, and as many rows for the measures as there were.
package struct GoldSet: Sendable {
    package struct Row: Sendable, Hashable {
        /// Its place among `utterances`.
        package var utterance: Int
        /// Nil: not labelled, so that it counts in no measure.
        package var gold: NamedIntent?
    }

    package let rows: [Row]
    package let utterances: [DiscoveryUtterance]
    /// Of each utterance the label that most of its rows have, of equals the first.
    package let labels: [NamedIntent?]

    /// - Parameters:
    ///   - keepsRoles: callers' and agents' turns, told apart; else callers' turns alone, of nobody in particular.
    ///   - sample: so many rows at most, drawn by the seed, in their order.
    package init(_ read: [LabelledUtterance], keepsRoles: Bool = false, sample: Int? = nil, seed: UInt64 = 1) {
        let placed = Self.placed(read).filter { keepsRoles || $0.row.role != .agent }
        var chosen = Array(placed.indices)
        if let sample, sample < placed.count {
            var random = SeededGenerator(seed: seed)
            chosen = placed.indices.shuffled(using: &random).prefix(sample).sorted()
        }
        var places: [Key: Int] = [:]
        var rows: [Row] = []
        var utterances: [DiscoveryUtterance] = []
        for index in chosen {
            let (row, place) = placed[index]
            let vertical = row.vertical ?? .default
            let role: Role? = keepsRoles ? row.role.map { $0 == .agent ? Role.agent : Role.caller } : nil
            let key = Key(text: row.text, vertical: vertical, role: role)
            let number = places[key] ?? utterances.count
            if number == utterances.count {
                places[key] = number
                utterances.append(DiscoveryUtterance(text: row.text, vertical: vertical, role: role, calls: 0))
            }
            utterances[number].calls += 1
            if let place { utterances[number].places.append(place) }
            rows.append(Row(utterance: number, gold: row.path.map { NamedIntent(vertical: vertical, path: $0) }))
        }
        self.rows = rows
        self.utterances = utterances
        labels = Self.labels(of: rows, utterances.count)
    }

    private struct Key: Hashable {
        let text: UtteranceText
        let vertical: Vertical
        let role: Role?
    }

    /// Different labels.
    package var goldCount: Int { Set(rows.compactMap(\.gold)).count }

    /// Each row with its turn's number in its conversation; the same id in another file is another conversation.
    private static func placed(
        _ read: [LabelledUtterance]
    ) -> [(row: LabelledUtterance, place: DiscoveryUtterance.Place?)] {
        var turns: [String: Int] = [:]
        return read.map { row in
            guard let id = row.conversation else { return (row, nil) }
            let conversation = "\(row.file)#\(id)"
            let turn = turns[conversation, default: 0]
            turns[conversation] = turn + 1
            return (row, DiscoveryUtterance.Place(conversation: conversation, turn: turn))
        }
    }

    private static func labels(of rows: [Row], _ count: Int) -> [NamedIntent?] {
        var votes = [[(label: NamedIntent, count: Int)]](repeating: [], count: count)
        for row in rows {
            guard let gold = row.gold else { continue }
            if let known = votes[row.utterance].firstIndex(where: { $0.label == gold }) {
                votes[row.utterance][known].count += 1
            } else {
                votes[row.utterance].append((gold, 1))
            }
        }
        return votes.map { votes in
            var best: (label: NamedIntent, count: Int)?
            for vote in votes where vote.count > best?.count ?? 0 { best = vote }
            return best?.label
        }
    }
}

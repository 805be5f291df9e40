internal import Core

/// The intents that conversations go through, turn after turn.
enum Trajectories {
    /// More are not told: the rare ones say little, and each may be as long as its conversation.
    static let most = 1_000
    /// Longer ones are told up to here.
    static let longest = 64

    /// - Parameters:
    ///   - proposals: of the run.
    ///   - members: of each the utterances it is made of.
    /// - Returns: the commonest first, equally common ones in the order of their verticals and paths; turns that are in
    ///   no proposal are passed over.
    static func count(_ proposals: [Proposal], members: [[DiscoveryUtterance]]) -> [TrajectoryCount] {
        var visits: [Conversation: [Visit]] = [:]
        for (number, utterances) in members.enumerated() {
            for utterance in utterances {
                for place in utterance.places {
                    let conversation = Conversation(vertical: utterance.vertical, name: place.conversation)
                    visits[conversation, default: []].append(Visit(turn: place.turn, proposal: number))
                }
            }
        }
        var counts: [Path: Int] = [:]
        for (conversation, turns) in visits {
            var steps: [Int] = []
            for visit in turns.sorted(by: { ($0.turn, $0.proposal) < ($1.turn, $1.proposal) })
            where steps.last != visit.proposal { steps.append(visit.proposal) }
            counts[Path(vertical: conversation.vertical, steps: Array(steps.prefix(longest))), default: 0] += 1
        }
        let order = counts.sorted { left, right in
            if left.value != right.value { return left.value > right.value }
            if left.key.vertical != right.key.vertical { return left.key.vertical < right.key.vertical }
            return left.key.steps.lexicographicallyPrecedes(right.key.steps)
        }
        return order.prefix(most).map { path, conversations in
            let steps = path.steps.map { number in
                TrajectoryCount.Step(
                    proposal: proposals[number].id,
                    role: proposals[number].role,
                    name: proposals[number].name.label
                )
            }
            return TrajectoryCount(vertical: path.vertical, steps: steps, conversations: conversations)
        }
    }

    /// Conversations of two verticals are two, whatever their names.
    private struct Conversation: Hashable {
        var vertical: Vertical
        var name: String
    }

    private struct Visit {
        var turn: Int
        var proposal: Int
    }

    private struct Path: Hashable {
        var vertical: Vertical
        var steps: [Int]
    }
}

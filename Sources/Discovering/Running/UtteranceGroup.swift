internal import Core

/// The utterances of a vertical and a role, which are clustered by themselves: customers and agents say other things,
/// and no cluster reaches over verticals.
struct UtteranceGroup: Sendable {
    let vertical: Vertical
    /// Nil: roles were not told.
    let role: Role?
    /// Each text once, with its calls and places together, in the order of their first rows.
    private(set) var utterances: [DiscoveryUtterance] = []
    /// Of each of them the places in what the run was given, ascending.
    private(set) var rows: [[Int]] = []

    /// Verticals in alphabetical order, of each first callers, then agents, then turns of nobody in particular.
    static func groups(of utterances: [DiscoveryUtterance]) -> [UtteranceGroup] {
        var groups: [UtteranceGroup] = []
        var groupOf: [Key: Int] = [:]
        var placeOf: [[UtteranceText: Int]] = []
        for (row, utterance) in utterances.enumerated() {
            let key = Key(vertical: utterance.vertical, role: utterance.role)
            let group = groupOf[key] ?? groups.count
            if group == groups.count {
                groupOf[key] = group
                groups.append(UtteranceGroup(vertical: key.vertical, role: key.role))
                placeOf.append([:])
            }
            if let place = placeOf[group][utterance.text] {
                groups[group].add(utterance, row: row, at: place)
            } else {
                placeOf[group][utterance.text] = groups[group].utterances.count
                groups[group].utterances.append(utterance)
                groups[group].rows.append([row])
            }
        }
        return groups.sorted { ($0.vertical, $0.rank) < ($1.vertical, $1.rank) }
    }

    /// As people are told of it.
    var name: String {
        switch role {
        case .caller: "\(vertical) (callers)"
        case .agent: "\(vertical) (agents)"
        case nil: "\(vertical)"
        }
    }

    private struct Key: Hashable {
        var vertical: Vertical
        var role: Role?
    }

    private init(vertical: Vertical, role: Role?) {
        self.vertical = vertical
        self.role = role
    }

    private var rank: Int {
        switch role {
        case .caller: 0
        case .agent: 1
        case nil: 2
        }
    }

    private mutating func add(_ utterance: DiscoveryUtterance, row: Int, at place: Int) {
        utterances[place].calls += utterance.calls
        utterances[place].places += utterance.places
        rows[place].append(row)
    }
}

internal import Core
internal import Foundation

// How proposals and decisions stand in the columns `head` and `body`: JSON with names of its own, so that a file of an
// older version stays readable when the values in `Core` change.

/// A proposal without its members.
struct StoredHead: Codable {
    var run: String
    var vertical: String
    var role: String?
    /// Absent in books of before it was kept: then it counts as told.
    var isRoleOfName: Bool?
    var name: StoredName
    var keywords: [String]
    var probability: Double
    var low: Double
    var high: Double
    var isGood: Bool
    var relation: StoredRelation
    var continuity: StoredContinuity
    var state: StoredState

    init(_ proposal: Proposal) {
        run = proposal.run.description
        vertical = proposal.vertical.name
        role = proposal.role?.rawValue
        isRoleOfName = proposal.isRoleOfName
        name = StoredName(proposal.name)
        keywords = proposal.keywords
        probability = proposal.judgement.probability
        low = proposal.judgement.low
        high = proposal.judgement.high
        isGood = proposal.judgement.isGood
        relation = StoredRelation(proposal.relation)
        continuity = StoredContinuity(proposal.continuity)
        state = StoredState(proposal.state)
    }

    func proposal(_ id: Bits128) throws(SwitchboardError) -> Proposal {
        var proposal = Proposal(
            id: id,
            run: try storedBits(run),
            vertical: try Vertical(vertical),
            role: role.flatMap { Role(rawValue: $0) },
            name: try name.value(),
            keywords: keywords,
            members: [],
            judgement: ClusterJudgement(probability: probability, low: low, high: high, isGood: isGood),
            relation: try relation.value(),
            continuity: try continuity.value(),
            state: try state.value(),
        )
        proposal.isRoleOfName = isRoleOfName ?? false
        return proposal
    }
}

struct StoredName: Codable {
    var label: String
    var source: String

    init(_ name: ProposalName) {
        label = name.label
        source = name.source.rawValue
    }

    func value() throws(SwitchboardError) -> ProposalName {
        guard let source = ProposalName.Source(rawValue: source) else { throw .unreadable("the source of a name") }
        return ProposalName(label: label, source: source)
    }
}

struct StoredRelation: Codable {
    var kind: String
    var path: String?
    var share: Double?

    init(_ relation: TaxonomyRelation) {
        switch relation {
        case .new: kind = "new"
        case .variant(let path, let share): (kind, self.path, self.share) = ("variant", path.description, share)
        case .split(let path, let share): (kind, self.path, self.share) = ("split", path.description, share)
        }
    }

    func value() throws(SwitchboardError) -> TaxonomyRelation {
        if kind == "new" { return .new }
        guard let path, let share else { throw .unreadable("a proposal's relation") }
        let intent = try IntentPath(path)
        switch kind {
        case "variant": return .variant(of: intent, share: share)
        case "split": return .split(of: intent, share: share)
        default: throw .unreadable("a proposal's relation")
        }
    }
}

struct StoredContinuity: Codable {
    var kind: String
    var others: [String]?

    init(_ continuity: ProposalContinuity) {
        switch continuity {
        case .new: kind = "new"
        case .kept: kind = "kept"
        case .gone: kind = "gone"
        case .split(let id): (kind, others) = ("split", [id.description])
        case .merged(let ids): (kind, others) = ("merged", ids.map(\.description))
        }
    }

    func value() throws(SwitchboardError) -> ProposalContinuity {
        let ids = try storedList(others ?? [])
        switch (kind, ids.first) {
        case ("new", _): return .new
        case ("kept", _): return .kept
        case ("gone", _): return .gone
        case ("split", let id?): return .split(from: id)
        case ("merged", _): return .merged(from: ids)
        default: throw .unreadable("a proposal's continuity")
        }
    }
}

struct StoredState: Codable {
    var kind: String
    var path: String?
    var change: String?
    var position: StoredPosition?
    var size: Int?
    var others: [String]?

    init(_ state: ReviewState) {
        switch state {
        case .open: kind = "open"
        case .accepted(let path, let change, let position):
            kind = "accepted"
            self.path = path.description
            self.change = change.description
            self.position = StoredPosition(position)
        case .rejected(let size): (kind, self.size) = ("rejected", size)
        case .merged(let id): (kind, others) = ("merged", [id.description])
        case .split(let ids): (kind, others) = ("split", ids.map(\.description))
        }
    }

    func value() throws(SwitchboardError) -> ReviewState {
        let ids = try storedList(others ?? [])
        switch kind {
        case "open": return .open
        case "split": return .split(into: ids)
        case "rejected":
            if let size { return .rejected(size: size) }
        case "merged":
            if let id = ids.first { return .merged(into: id) }
        case "accepted":
            if let path, let change, let position {
                return .accepted(path: try IntentPath(path), change: try storedBits(change), at: try position.value())
            }
        default: break
        }
        throw .unreadable("a proposal's state")
    }
}

struct StoredPosition: Codable {
    var log: String
    var sequence: UInt64

    init(_ position: LogPosition) {
        log = position.log.description
        sequence = position.sequence.number
    }

    func value() throws(SwitchboardError) -> LogPosition {
        LogPosition(log: try storedBits(log), sequence: LogSequence(sequence))
    }
}

/// 128 bits out of their hexadecimal digits.
func storedBits(_ text: String) throws(SwitchboardError) -> Bits128 {
    guard let bits = Bits128(hex: text) else { throw .unreadable("an id") }
    return bits
}

func storedList(_ texts: [String]) throws(SwitchboardError) -> [Bits128] {
    var list: [Bits128] = []
    for text in texts { list.append(try storedBits(text)) }
    return list
}

/// A value as a column holds it. The order of keys is fixed, so that equal values are equal bytes.
func storedJSON(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(value)
}

/// - Throws: `.dataLoss` where it is none.
func storedValue<Value: Decodable>(_ type: Value.Type, from data: Data) throws(SwitchboardError) -> Value {
    do {
        return try JSONDecoder().decode(type, from: data)
    } catch {
        throw .unreadable("a row of the review store")
    }
}

internal import Core

/// Orders proposals and makes their ids.
enum ProposalDrafts {
    /// The id of a cluster that is new in a run: the same where the run goes on after it was ended.
    static func id(run: Bits128, vertical: Vertical, role: Role?, medoid: UtteranceText) -> Bits128 {
        var hash = Hash256()
        hash.update(run.bytes)
        hash.update("\(vertical.name) \(role?.rawValue ?? "") ".utf8)
        hash.update(medoid.value.utf8)
        return hash.first128()
    }

    /// Places of the proposals: first those that are one intent, then unclear ones, each by calls, then conversations,
    /// then different utterances; equal ones as they come.
    static func ranking(_ proposals: [Proposal]) -> [Int] {
        let (calls, conversations) = (proposals.map(\.calls), proposals.map(\.conversations))
        return proposals.indices.sorted { left, right in
            let (first, second) = (proposals[left], proposals[right])
            if first.judgement.isGood != second.judgement.isGood { return first.judgement.isGood }
            if calls[left] != calls[right] { return calls[left] > calls[right] }
            if conversations[left] != conversations[right] { return conversations[left] > conversations[right] }
            if first.members.count != second.members.count { return first.members.count > second.members.count }
            return left < right
        }
    }

    /// How often the verb of a name that was made without knowing the role tells it.
    ///
    /// - Parameter names: of each cluster the role of its turns, nil where none was told, and such a name.
    static func agreement(_ names: [(role: Role?, label: String)]) -> RoleAgreement? {
        let told = names.compactMap { name -> Bool? in
            guard let role = name.role, let read = ActionVerbs.role(ofLabel: name.label) else { return nil }
            return role == read
        }
        return told.isEmpty ? nil : RoleAgreement(judged: told.count, agreeing: told.filter { $0 }.count)
    }
}

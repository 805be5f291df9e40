import Core

/// Proposals that tests show.
enum ProposalSamples {
    static func id(_ digits: String) throws -> Bits128 {
        let whole = digits + String(repeating: "0", count: 32 - digits.utf8.count)
        guard let id = Bits128(hex: whole) else { throw SwitchboardError.invalid("'\(digits)' begins no id") }
        return id
    }

    static func proposal(
        _ digits: String,
        _ name: String,
        isGood: Bool = true,
        change: (inout Proposal) -> Void = { _ in },
    ) throws -> Proposal {
        var proposal = Proposal(
            id: try id(digits),
            run: Bits128(7),
            vertical: .default,
            role: .caller,
            name: ProposalName(label: name, source: .model),
            keywords: ["cancel", "order"],
            members: [
                ProposalMember(
                    text: try UtteranceText("please cancel my order"),
                    calls: 3,
                    conversations: 2,
                    centrality: 0.9
                )
            ],
            judgement: ClusterJudgement(probability: 0.93, low: 0.85, high: 0.97, isGood: isGood),
            relation: .new
        )
        change(&proposal)
        return proposal
    }
}

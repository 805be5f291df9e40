import Core
import Testing

@testable import Wire

/// Proposals that are long, and how much of them one message takes.
@Suite struct DiscoveryPageTests {
    private static let memberCount = 400

    private func members(words: Int) throws -> [ProposalMember] {
        try (0..<Self.memberCount).map { member in
            ProposalMember(
                text: try UtteranceText("\(member) " + String(repeating: "w", count: words)),
                calls: 2,
                conversations: 1,
                centrality: 0.5
            )
        }
    }

    private func proposal(_ number: Int, _ members: [ProposalMember]) -> Proposal {
        Proposal(
            id: Bits128(UInt128(number)),
            run: Bits128(1),
            vertical: .default,
            role: nil,
            name: ProposalName(label: "n", source: .keywords),
            keywords: [],
            members: members,
            judgement: ClusterJudgement(probability: 1, low: 1, high: 1, isGood: true),
            relation: .new
        )
    }

    @Test func aListTakesAsManyAsFit() throws {
        let members = try members(words: 8_000)
        let whole = (1...100).map { proposal($0, members) }
        let list = DiscoveryListResponse(listing: whole, runs: [], isMore: false)
        #expect((1..<100).contains(list.proposals.count) && list.isMore)
        #expect(list.proposals.allSatisfy { $0.members.count == DiscoveryListResponse.listedMembers })
        #expect(list.sizes.allSatisfy { $0 == Self.memberCount })
        #expect(list.calls.allSatisfy { $0 == 2 * Self.memberCount })
        #expect(list.conversations.allSatisfy { $0 == Self.memberCount })
        let bytes = list.encoded()
        #expect(bytes.count <= Limits.maximumBytes)
        #expect(try DiscoveryListResponse(decoding: bytes) == list)
        let short = DiscoveryListResponse(listing: [proposal(1, Array(members.prefix(2)))], runs: [], isMore: false)
        #expect(short.proposals.count == 1 && !short.isMore)
    }

    @Test func membersComePageByPage() throws {
        let whole = proposal(1, try members(words: 8_000))
        var members: [ProposalMember] = []
        while members.count < Self.memberCount {
            let page = DiscoveryShowResponse(showing: whole, limit: 1_000, after: members.count)
            try #require(!page.proposal.members.isEmpty)
            #expect(page.size == Self.memberCount && page.calls == 2 * Self.memberCount)
            #expect(page.encoded().count <= Limits.maximumBytes)
            members += page.proposal.members
        }
        #expect(members == whole.members)
        #expect(
            DiscoveryShowResponse(showing: whole, limit: 7, after: 3).proposal.members == Array(whole.members[3..<10])
        )
        #expect(DiscoveryShowResponse(showing: whole, limit: 7, after: 9_999).proposal.members.isEmpty)
    }

    @Test func aDecisionThatIsTooLongLosesItsTexts() throws {
        let whole = proposal(1, try members(words: 8_000))
        let long = ReviewAction.accept(
            path: try IntentPath("a"),
            vertical: .default,
            texts: whole.members.map(\.text),
            attributes: ["queue": "b"]
        )
        let entries = [long, .reject].map { action in
            ReviewEntry(proposal: whole.id, operation: Bits128(2), action: action, reviewer: "ann", timeMicroseconds: 0)
        }
        let shown = DiscoveryShowResponse(showing: whole, limit: 1, after: 0, history: entries, begun: entries.first)
        #expect(shown.history.count == 2 && shown.history.last?.action == .reject)
        #expect(shown.begun == shown.history.first)
        guard case .accept(let path, _, nil, let attributes) = shown.history.first?.action else {
            Issue.record("the texts are still there")
            return
        }
        #expect(path.description == "a" && attributes == ["queue": "b"])
    }
}

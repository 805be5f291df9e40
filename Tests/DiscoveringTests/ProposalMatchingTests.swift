import Core
import Testing

@testable import Discovering

@Suite struct ProposalMatchingTests {
    private static func texts(_ range: Range<Int>) throws -> [UtteranceText] {
        try range.map { try UtteranceText("text \($0)") }
    }

    private static func cluster(_ ranges: Range<Int>..., vertical: Vertical = .default) throws
        -> ProposalMatching.Cluster
    {
        ProposalMatching.Cluster(vertical: vertical, texts: try ranges.flatMap { try texts($0) })
    }

    private static func proposal(_ id: UInt128, _ range: Range<Int>, state: ReviewState = .open) throws -> Proposal {
        Proposal(
            id: Bits128(id),
            run: Bits128(1),
            vertical: .default,
            role: nil,
            name: ProposalName(label: "cancel-\(id)", source: .keywords),
            keywords: [],
            members: try texts(range).map { ProposalMember(text: $0, calls: 1, conversations: 0, centrality: 1) },
            judgement: ClusterJudgement(probability: 1, low: 0, high: 1, isGood: true),
            relation: .new,
            state: state
        )
    }

    @Test func grownClustersAreKept() throws {
        let matching = ProposalMatching(
            of: [try Self.cluster(20..<60), try Self.cluster(0..<15, 100..<130), try Self.cluster(200..<220)],
            with: [try Self.proposal(1, 0..<10), try Self.proposal(2, 20..<40)]
        )
        #expect(matching.previous == [1, 0, nil])
        #expect(matching.continuity == [.kept, .kept, .new])
        #expect(matching.gone.isEmpty)
    }

    @Test func theLargerPartOfASplitKeepsTheID() throws {
        let matching = ProposalMatching(
            of: [try Self.cluster(0..<12), try Self.cluster(12..<30)],
            with: [try Self.proposal(1, 0..<30)]
        )
        #expect(matching.previous == [nil, 0])
        #expect(matching.continuity == [.split(from: Bits128(1)), .kept])
    }

    @Test func aMergeNamesWhatItIsMadeOf() throws {
        let matching = ProposalMatching(
            of: [try Self.cluster(0..<30)],
            with: [try Self.proposal(1, 0..<10), try Self.proposal(2, 10..<30)]
        )
        #expect(matching.previous == [1])
        #expect(matching.continuity == [.merged(from: [Bits128(1), Bits128(2)])])
        #expect(matching.gone == [0])
    }

    @Test func whatWasMergedBeforeIsKeptAfterwards() throws {
        var (gone, merged) = (try Self.proposal(1, 0..<10), try Self.proposal(2, 0..<30))
        gone.continuity = .gone
        merged.continuity = .merged(from: [Bits128(1), Bits128(2)])
        let again = ProposalMatching(of: [try Self.cluster(0..<30)], with: [gone, merged])
        #expect(again.previous == [1])
        #expect(again.continuity == [.kept])
        // Apart again, the one that was gone is the one that it was.
        let apart = ProposalMatching(of: [try Self.cluster(0..<10), try Self.cluster(10..<30)], with: [gone, merged])
        #expect(apart.previous == [0, 1])
        #expect(apart.continuity == [.kept, .kept])
        // Nor is anything split from what the run before had not.
        let parts = ProposalMatching(of: [try Self.cluster(0..<4), try Self.cluster(4..<10)], with: [gone])
        #expect(parts.continuity == [.new, .kept])
    }

    @Test func fewSharedUtterancesMatchNothing() throws {
        let matching = ProposalMatching(
            of: [try Self.cluster(0..<20), try Self.cluster(20..<40)],
            with: [try Self.proposal(1, 15..<25)]
        )
        // Half of the earlier one in each: it goes on in one of them, and the other is new.
        #expect(matching.previous.compactMap(\.self) == [0])
        #expect(matching.continuity.filter { $0 == .kept }.count == 1)
        #expect(matching.continuity.filter { $0 == .new }.count == 1)
        let apart = ProposalMatching(of: [try Self.cluster(0..<20)], with: [try Self.proposal(1, 40..<60)])
        #expect(apart.previous == [nil])
        #expect(apart.gone == [0])
    }

    @Test func equalTextsOfAnotherVerticalAreOthers() throws {
        let matching = ProposalMatching(
            of: [try Self.cluster(0..<20, vertical: try Vertical("bank"))],
            with: [try Self.proposal(1, 0..<20)]
        )
        #expect(matching.continuity == [.new])
    }

    @Test func whatAPersonMergedAwayIsNotMatched() throws {
        let matching = ProposalMatching(
            of: [try Self.cluster(0..<20)],
            with: [
                try Self.proposal(1, 0..<20, state: .merged(into: Bits128(9))),
                try Self.proposal(2, 0..<20, state: .split(into: [Bits128(8)])),
            ]
        )
        #expect(matching.previous == [nil])
        #expect(matching.gone.isEmpty)
    }

    @Test(arguments: [(10, true), (14, true), (15, false), (30, false)])
    func rejectedOnesStayHiddenUntilGrownByHalf(size: Int, isHidden: Bool) throws {
        let rejected = try Self.proposal(1, 0..<10, state: .rejected(size: 10))
        #expect(rejected.staysRejected)
        var found = try Self.proposal(2, 0..<size)
        found.goOn(from: rejected)
        #expect(found.id == Bits128(1))
        #expect(found.staysRejected == isHidden)
        #expect((found.state == .open) == !isHidden)
        #expect(found.name == rejected.name)
    }
}

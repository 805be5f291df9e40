import Core
import Testing
import UpdateStore
import Wire

@testable import Discovering

/// What becomes of names in the book.
@Suite struct ProposalNamesTests {
    private static func found(_ label: String, by run: UInt128) throws -> Proposal {
        var proposal = try ClustererFixture.proposal(ClustererFixture.said, id: 1, run: Bits128(run))
        proposal.name = ProposalName(label: label, source: .keywords)
        return proposal
    }

    @Test(.timeLimit(.minutes(1))) func aRunNamesAnewWhatNoReviewerHasNamed() async throws {
        let fixture = try await ClustererFixture()
        let id = Bits128(1)
        for (run, label) in [(1, "report-light"), (2, "report-red-light")] as [(UInt128, String)] {
            _ = try await fixture.book.adopt([try Self.found(label, by: run)], pool: "a", of: Bits128(run), outcome: [])
            #expect(try await fixture.current(id).name.label == label)
            if run == 1 { _ = try await fixture.review(id, .reject) }
        }
        // What was decided before it had the name leaves the name.
        let open = try await fixture.review(id, .undo).proposal
        #expect(open.state == .open && open.name.label == "report-red-light")
        _ = try await fixture.review(id, .rename("blinking"))
        _ = try await fixture.book.adopt([try Self.found("fix-light", by: 3)], pool: "a", of: Bits128(3), outcome: [])
        #expect(try await fixture.current(id).name == ProposalName(label: "blinking", source: .reviewer))
        try await fixture.stop()
    }

    /// What the parts of a proposal of two intents are called.
    ///
    /// - Parameters:
    ///   - intents: names that intents have.
    ///   - other: the name of another proposal of the run.
    private static func partNames(intents: [String], other: String) async throws -> [String] {
        let planted = try Planted(intents: 2, each: 12, spread: 0.3, vertical: try Vertical("shop"))
        let fixture = try await ClustererFixture(intents: intents, engines: FakeEngines(planted))
        let whole = try ClustererFixture.proposal(planted.utterances.map(\.text.value), id: 1, run: Bits128(1))
        var beside = try ClustererFixture.proposal(ClustererFixture.said, id: 2, run: Bits128(1))
        beside.name.label = other
        _ = try await fixture.book.adopt([whole, beside], pool: "a", of: Bits128(1), outcome: [])
        let parts = try await fixture.review(whole.id, .split).others
        try await fixture.stop()
        return parts.map(\.name.label).sorted()
    }

    @Test(.timeLimit(.minutes(1))) func partsAreCalledLikeNoIntentAndNoOtherProposal() async throws {
        let free = try await Self.partNames(intents: [], other: "other")
        #expect(Set(free).count == 2)
        let (first, last) = (try #require(free.first), try #require(free.last))
        let taken = try await Self.partNames(intents: [first], other: last)
        #expect(Set(taken).count == 2 && Set(taken).isDisjoint(with: free))
    }
}

import Clustering
import Core
import Testing

@testable import Discovering

@Suite struct RunPartsTests {
    // MARK: Plan

    @Test func theFractionNeverFallsAndEndsAtOne() {
        var plan = RunPlan(utterances: 1_000, settings: DiscoverySettings())
        var fractions = [plan.fraction]
        var now = 0.0
        for phase in RunPlan.phases {
            plan.begin(phase, at: now)
            for step in [0.2, 0.1, 1.0] {
                now += 1
                plan.advance(to: step)
                fractions.append(plan.fraction)
            }
            // A second group in the same phase begins nothing anew.
            plan.begin(.encoding, at: now)
            fractions.append(plan.fraction)
        }
        #expect(fractions == fractions.sorted())
        #expect(fractions.first == 0)
        #expect(abs((fractions.last ?? 0) - 1) < 1e-9)
    }

    @Test func theTimeLeftFollowsFromWhatWasMeasured() throws {
        var plan = RunPlan(utterances: 1_000, settings: DiscoverySettings())
        #expect(plan.secondsLeft(at: 0) == nil)
        plan.begin(.encoding, at: 0)
        plan.advance(to: 0.5)
        // Guessed at 4 s, it takes 8: half of it is left, and all else takes twice as long as guessed too.
        let left = try #require(plan.secondsLeft(at: 4))
        #expect(left > 4)
        plan.advance(to: 1)
        let later = try #require(plan.secondsLeft(at: 8))
        #expect(abs(left - 4 - later) < 1e-6)
        for phase in RunPlan.phases { plan.begin(phase, at: 20) }
        plan.advance(to: 1)
        #expect(plan.secondsLeft(at: 30) == 0)
    }

    @Test func whatWasDoneBeforeTheRunWasEndedTellsNoTime() throws {
        var plan = RunPlan(utterances: 1_000, settings: DiscoverySettings())
        // It goes on: vectors and clusters are there at once.
        for phase in [RunProgress.Phase.encoding, .clustering, .judging] {
            plan.begin(phase, at: 0)
            plan.advance(to: 1)
        }
        #expect(plan.fraction > 0)
        plan.begin(.naming, at: 0.01)
        #expect(plan.secondsLeft(at: 3) == nil)
        // Guessed at 50 s; a tenth of it took 10.
        plan.advance(to: 0.1)
        let left = try #require(plan.secondsLeft(at: 10.01))
        #expect(left >= 90)
    }

    // MARK: Vectors as bytes

    @Test func vectorsComeBackToTheBit() throws {
        let rows = try (0..<5).map { Planted.vector(of: try UtteranceText("row \($0)")) }
        let table = VectorTable(dimension: Planted.dimension, rows: rows)
        let bytes = RawVectors.bytes(of: table)
        #expect(bytes.count == 5 * Planted.dimension * 4)
        let read = try #require(RawVectors.table(bytes, rows: 5))
        #expect(read.values == table.values)
        #expect(RawVectors.bytes(of: VectorTable(dimension: 2, rows: [[0, 1]])) == [0, 0, 0, 0, 0, 0, 0x80, 0x3F])
    }

    @Test func whatIsNoTableIsRefused() {
        #expect(RawVectors.table([], rows: 1) == nil)
        #expect(RawVectors.table([0, 0, 0x80], rows: 1) == nil)
        #expect(RawVectors.table([UInt8](repeating: 0, count: 8), rows: 2) == nil)
        // Not a number.
        #expect(RawVectors.table([0, 0, 0xC0, 0x7F], rows: 1) == nil)
    }

    @Test func directionsHaveLengthOne() throws {
        let unit = try #require(Direction.unit([3, 4]))
        #expect(unit == [0.6, 0.8])
        #expect(Direction.unit([0, 0]) == nil)
        #expect(Direction.unit([.infinity, 0]) == nil)
        #expect(Direction.mean([[1, 0], [-1, 0]]) == nil)
        let long = (0..<19).map { Float($0) }
        #expect(Direction.dot(long, long) == 2_109)
    }

    // MARK: Groups

    @Test func equalTextsOfAGroupAreOne() throws {
        let text = try UtteranceText("where is it")
        let other = try UtteranceText("cancel it")
        let shop = try Vertical("a-shop")
        let utterances = [
            DiscoveryUtterance(text: text, vertical: .default, role: .agent, calls: 2),
            DiscoveryUtterance(text: text, vertical: .default, calls: 3, places: [.init(conversation: "1", turn: 0)]),
            DiscoveryUtterance(text: other, vertical: .default),
            DiscoveryUtterance(text: text, vertical: .default, calls: 4, places: [.init(conversation: "2", turn: 5)]),
            DiscoveryUtterance(text: text, vertical: shop, role: .caller),
        ]
        let groups = UtteranceGroup.groups(of: utterances)
        #expect(groups.map(\.vertical) == [shop, .default, .default])
        #expect(groups.map(\.role) == [.caller, .agent, nil])
        #expect(groups[2].rows == [[1, 3], [2]])
        #expect(groups[2].utterances.map(\.calls) == [7, 1])
        #expect(groups[2].utterances[0].places.map(\.conversation) == ["1", "2"])
    }

    // MARK: Scripts

    @Test func scriptsAreToldByTheirLetters() throws {
        let latin = try (0..<40).map { try UtteranceText("números y acentos \($0)") }
        #expect(ScriptMix(latin).note == nil)
        #expect(ScriptMix([try UtteranceText("12345")]).counts.isEmpty)
        let mixed = try latin + (0..<10).map { try UtteranceText("где мой заказ \($0)") }
        let note = try #require(ScriptMix(mixed).note)
        #expect(note.contains("80 % Latin, 20 % Cyrillic"))
        // One of a hundred is a quote or a slip.
        let slip = try (0..<99).map { try UtteranceText("where is it \($0)") } + [try UtteranceText("привет")]
        #expect(ScriptMix(slip).note == nil)
    }

    // MARK: Trajectories

    @Test func repeatedTurnsAreOneStep() throws {
        func proposal(_ number: UInt128) -> Proposal {
            Proposal(
                id: Bits128(number),
                run: Bits128(0),
                vertical: .default,
                role: .caller,
                name: ProposalName(label: "intent-\(number)", source: .model),
                keywords: [],
                members: [],
                judgement: ClusterJudgement(probability: 1, low: 0, high: 1, isGood: true),
                relation: .new
            )
        }
        func said(_ text: String, _ places: [(String, Int)]) throws -> DiscoveryUtterance {
            DiscoveryUtterance(
                text: try UtteranceText(text),
                vertical: .default,
                places: places.map { .init(conversation: $0.0, turn: $0.1) }
            )
        }
        let counted = Trajectories.count(
            [proposal(1), proposal(2)],
            members: [
                [try said("hello", [("a", 0), ("b", 3)]), try said("hi", [("a", 1), ("c", 0)])],
                [try said("bye", [("a", 2), ("c", 4), ("d", 9)])],
            ]
        )
        #expect(counted.map(\.conversations) == [2, 1, 1])
        #expect(
            counted.map { $0.steps.map(\.proposal) } == [
                [Bits128(1), Bits128(2)], [Bits128(1)], [Bits128(2)],
            ]
        )
        #expect(counted[0].steps.map(\.name) == ["intent-1", "intent-2"])
    }

    // MARK: Cuts

    /// - Parameter numbers: of clusters of the coarser, the chosen and the finer cut.
    private func offered(_ numbers: [Int], utterances: Int) -> [DiscoverySettings.Cut] {
        let cuts = zip(DiscoverySettings.Cut.allCases, numbers).map { cut, clusters in
            SavedPartition.Cut(offeredAs: [cut.rawValue], clusters: clusters, resolution: 1, silhouette: 0)
        }
        let saved = SavedPartition(labels: [Int](repeating: 0, count: utterances), cuts: cuts)
        return saved.summaries(vertical: .default, role: nil, minimumSize: 5).map(\.cut)
    }

    @Test func onlyCutsThatDifferAndGiveProposalsAreOffered() {
        #expect(offered([2, 3, 5], utterances: 25) == [.coarser, .chosen, .finer])
        #expect(offered([3, 3, 3], utterances: 25) == [.chosen])
        // 19 utterances in 19 clusters are no proposals.
        #expect(offered([3, 3, 19], utterances: 19) == [.chosen])
        #expect(offered([2, 3, 5], utterances: 24) == [.coarser, .chosen])
    }

    // MARK: Conversations

    @Test func utterancesOfOneConversationAreInOneConversation() throws {
        func said(_ text: String, in conversations: [String]) throws -> DiscoveryUtterance {
            DiscoveryUtterance(
                text: try UtteranceText(text),
                vertical: .default,
                places: conversations.enumerated().map { .init(conversation: $1, turn: $0) }
            )
        }
        let hellos = try (0..<7).map { try said("hello \($0)", in: ["only-one"]) }
        let utterances = hellos + [try said("bye", in: ["only-one", "other", "other"])]
        let groups = UtteranceGroup.groups(of: utterances)
        func found(by run: Bits128) -> [ProposalMember] {
            let conversations = ConversationMarks(run: run, groups)
            return utterances.map { utterance in
                let marks = conversations.marks(of: utterance)
                return ProposalMember(
                    text: utterance.text,
                    calls: 1,
                    conversations: marks.count,
                    conversationMarks: marks,
                    centrality: 1
                )
            }
        }
        var members = found(by: Bits128(1))
        #expect(members.prefix(7).map(\.conversations) == [Int](repeating: 1, count: 7))
        #expect(Array(members.prefix(7)).differentConversations == 1)
        #expect(members.last?.conversations == 2)
        #expect(members.differentConversations == 2)
        // Of another run nobody knows whether they are the same.
        #expect((members + found(by: Bits128(.max))).differentConversations == 4)
        // One that was kept without its conversations' marks.
        members.append(ProposalMember(text: try UtteranceText("hi"), calls: 4, conversations: 3, centrality: 1))
        #expect(members.differentConversations == 5)
    }

    // MARK: Roles

    @Test func agreementCountsNamesThatTellARole() {
        let agreement = ProposalDrafts.agreement([
            (role: .caller, label: "inquire-balance"), (role: .agent, label: "provide-balance"),
            (role: .agent, label: "cancel-order"), (role: nil, label: "provide-balance"),
            (role: .caller, label: "greet-person"),
        ])
        #expect(agreement == RoleAgreement(judged: 3, agreeing: 2))
        #expect(ProposalDrafts.agreement([(role: nil, label: "provide-balance")]) == nil)
    }
}

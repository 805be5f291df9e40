import Core
import Foundation
import Testing
import Wire

@testable import switchboard

/// How proposals read, and what `--json` gives.
struct ProposalTextTests {
    private func ranked(_ proposals: [Proposal], calls: [Int], conversations: [Int]? = nil) -> [RankedProposal] {
        RankedProposal.ranked(
            DiscoveryListResponse(
                proposals: proposals,
                sizes: proposals.map { _ in 95 },
                calls: calls,
                conversations: conversations ?? calls
            )
        )
    }

    /// Without colours, which a terminal gets.
    private func plain(_ lines: [String]) -> [String] {
        lines.map { line in
            line.replacingOccurrences(of: "\u{1B}\\[[0-9]*m", with: "", options: .regularExpression)
        }
    }

    @Test func aProposalSaysWhatAnAnalystAsks() throws {
        let entry = RankedProposal(
            try ProposalSamples.proposal("4f3a9c01", "cancel-order"),
            size: 95,
            calls: 1_212,
            conversations: 180
        )
        #expect(
            plain(ProposalText.words(entry, number: 1, showsNew: false)) == [
                " 1. 4f3a9c01  cancel-order  (named by the model)",
                "    1,212 calls in 180 conversations, 95 utterances, P(good) 0.93 (0.85 to 0.97), of callers",
                "    \u{201C}please cancel my order\u{201D}",
                "    keywords: cancel, order",
                "    new: no intent is like it",
            ]
        )
    }

    @Test func theMostCalledComeFirstAndUnclearOnesApart() throws {
        let lines = plain(
            ProposalText.report(
                ranked(
                    [
                        try ProposalSamples.proposal("aaaa", "rare"),
                        try ProposalSamples.proposal("bbbb", "mixed", isGood: false),
                        try ProposalSamples.proposal("cccc", "common"),
                        try ProposalSamples.proposal("dddd", "talked-of"),
                    ],
                    calls: [5, 900, 70, 5],
                    conversations: [4, 800, 60, 5]
                )
            )
        )
        let heads = lines.filter { $0.contains("(named by") || $0.hasPrefix("Unclear") }
        #expect(
            heads == [
                " 1. cccc0000  common  (named by the model)", " 2. dddd0000  talked-of  (named by the model)",
                " 3. aaaa0000  rare  (named by the model)", "Unclear: 1 cluster that may hold more than one intent",
                "    bbbb0000  mixed  (named by the model)",
            ]
        )
    }

    @Test func relationsContinuityAndStateAreSaid() throws {
        let late = try IntentPath("delivery/late")
        let other = try ProposalSamples.id("12345678")
        #expect(
            ProposalText.relation(.variant(of: late, share: 0.8)) == "a variant of delivery/late: 80 % of it lies there"
        )
        #expect(ProposalText.relation(.split(of: late, share: 0.5)).hasPrefix("a part of delivery/late"))
        #expect(ProposalText.continuity(.new, showsNew: false) == nil)
        #expect(ProposalText.continuity(.new, showsNew: true) == "not in the run before")
        #expect(ProposalText.continuity(.merged(from: [other]), showsNew: false)?.contains("12345678") == true)
        #expect(ProposalText.continuity(.gone, showsNew: false)?.hasPrefix("gone") == true)
        let position = LogPosition(log: Bits128(1), sequence: LogSequence(2_401))
        #expect(ProposalText.state(.open) == nil)
        #expect(
            ProposalText.state(.accepted(path: late, change: other, at: position))
                == "accepted as delivery/late (record 2,401)"
        )
        #expect(ProposalText.state(.rejected(size: 40))?.contains("beyond 40 utterances") == true)
        #expect(ProposalText.state(.split(into: [other]))?.contains("12345678") == true)
    }

    @Test func onASecondRunWhatIsNewIsSaid() throws {
        let kept = try ProposalSamples.proposal("aaaa", "kept") { $0.continuity = .kept }
        let lines = ProposalText.report(ranked([kept, try ProposalSamples.proposal("bbbb", "new")], calls: [9, 8]))
        #expect(lines.contains("    as in the run before"))
        #expect(lines.contains("    not in the run before"))
    }

    @Test func aLineOfJSONHasItsNames() throws {
        let entry = try #require(ranked([try ProposalSamples.proposal("4f3a9c01", "cancel-order")], calls: [212]).first)
        let line = try JSONLine.encode(ProposalLine(entry))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "proposal", "run", "vertical", "role", "role_source", "name", "name_source", "good", "probability",
                "low",
                "high", "size",
                "calls", "conversations", "keywords", "medoid", "relation", "continuity", "state",
            ]
        )
        #expect(object["calls"] as? Int == 212)
        #expect((object["relation"] as? [String: Any])?["kind"] as? String == "new")
        #expect(object["medoid"] as? String == "please cancel my order")
    }

    @Test func whatIsShownHasMembersHistoryAndTrajectories() throws {
        let proposal = try ProposalSamples.proposal("4f3a9c01", "cancel-order")
        let accept = ReviewAction.accept(
            path: try IntentPath("orders/cancel"),
            vertical: .default,
            texts: nil,
            attributes: [:]
        )
        let shown = DiscoveryShowResponse(
            proposal: proposal,
            history: [
                ReviewEntry(
                    proposal: proposal.id,
                    operation: Bits128(1),
                    action: accept,
                    reviewer: "ann",
                    timeMicroseconds: 0,
                    position: LogPosition(log: Bits128(1), sequence: LogSequence(12))
                )
            ],
            trajectories: [
                TrajectoryCount(
                    vertical: .default,
                    steps: [
                        .init(proposal: proposal.id, role: .caller, name: "cancel-order"),
                        .init(proposal: Bits128(2), role: .agent, name: "answer-time"),
                    ],
                    conversations: 12
                )
            ],
            size: 30,
            calls: 40,
            conversations: 35
        )
        let words = DiscoverShowCommand.words(shown, withTrajectories: true)
        #expect(words.contains("  3  please cancel my order"))
        #expect(words.contains("  and 29 more (--limit 0 shows all)"))
        #expect(words.contains("  1970-01-01T00:00:00Z  accepted as orders/cancel in default by ann (record 12)"))
        #expect(words.contains { $0.hasSuffix("12  cancel-order > [answer-time]") })
        #expect(!DiscoverShowCommand.words(shown, withTrajectories: false).contains { $0.contains("answer-time") })
        let line = ProposalLine(shown, withTrajectories: true)
        #expect(line.members?.map(\.calls) == [3])
        #expect(line.history?.first?.path == "orders/cancel" && line.history?.first?.utterances == nil)
        #expect(line.trajectories?.first?.steps.map(\.name) == ["cancel-order", "answer-time"])
    }

    @Test func theHistoryInJSONHasWhatWasDecided() throws {
        func line(_ action: ReviewAction) -> ReviewLine {
            ReviewLine(
                ReviewEntry(
                    proposal: Bits128(1),
                    operation: Bits128(2),
                    action: action,
                    reviewer: "ann",
                    timeMicroseconds: 0
                )
            )
        }
        #expect(line(.rename("stop-order")).name == "stop-order")
        #expect(line(.merge(into: Bits128(3))).into == Bits128(3).description)
        let texts = [try UtteranceText("one"), try UtteranceText("two")]
        let path = try IntentPath("orders/cancel")
        let accept = ReviewAction.accept(path: path, vertical: .default, texts: texts, attributes: [:])
        #expect(line(accept).utterances == 2 && line(accept).path == "orders/cancel")
        let state = ReviewState.accepted(
            path: path,
            change: Bits128(2),
            at: LogPosition(log: Bits128(1), sequence: LogSequence(12))
        )
        // As `index undo` takes it.
        #expect(ProposalLine.State(state).changeID == "accept-\(Bits128(2))")
    }

    @Test func aRoleThatTheNameTellsIsMarked() throws {
        let guessed = try ProposalSamples.proposal("aaaa", "cancel-order") { $0.isRoleOfName = true }
        let entry = RankedProposal(guessed, size: 1, calls: 2, conversations: 0)
        let words = plain(ProposalText.words(entry, number: nil, showsNew: false))
        #expect(words[1] == "    2 calls, 1 utterance, P(good) 0.93 (0.85 to 0.97), of callers, by the verb")
        #expect(ProposalLine(entry).roleSource == "name")
        let told = RankedProposal(try ProposalSamples.proposal("aaaa", "a"), size: 1, calls: 1, conversations: 1)
        #expect(ProposalLine(told).roleSource == "told")
    }

    // MARK: Pools and roles

    /// A proposal of callers in the live pool, one of agents in another.
    private func twoPools() throws -> DiscoveryListResponse {
        func run(_ id: UInt128, _ pool: String) -> RunSummary {
            RunSummary(
                run: Bits128(id),
                pool: pool,
                settings: DiscoverySettings(),
                startedMicroseconds: 0,
                progress: RunProgress(phase: .finished, fraction: 1, note: "2 different utterances.")
            )
        }
        let said = try ProposalSamples.proposal("aaaa", "cancel-order") { $0.run = Bits128(1) }
        let answered = try ProposalSamples.proposal("bbbb", "answer-time") { proposal in
            proposal.run = Bits128(2)
            proposal.role = .agent
        }
        return DiscoveryListResponse(
            proposals: [answered, said],
            sizes: [9, 8],
            runs: [run(1, ""), run(2, "file-1")],
            calls: [20, 10],
            conversations: [2, 1]
        )
    }

    @Test func ofSeveralPoolsEachProposalTellsItsOwn() throws {
        let list = try twoPools()
        let lines = plain(ProposalText.report(RankedProposal.ranked(list)))
        #expect(lines.contains { $0.hasSuffix("of agents, from pool file-1") })
        #expect(lines.contains { $0.hasSuffix("of callers, from the live pool") })
        let one = ListFilter(pool: "file-1").applied(to: list, limit: nil)
        #expect(!ProposalText.report(RankedProposal.ranked(one)).contains { $0.contains("file-1") })
        #expect(RankedProposal.ranked(list).map { ProposalLine($0).pool } == ["file-1", ""])
        // A line a pool, then the next step; of one pool alone what its run noted too.
        #expect(ProposalReport(list).notes.filter { $0.hasPrefix("run ") }.count == 2)
        #expect(!ProposalReport(list).notes.contains("2 different utterances."))
        #expect(ProposalReport(one).notes.contains("2 different utterances."))
    }

    @Test func whatAgentsSayIsNotOfferedForAcceptance() throws {
        let list = try twoPools()
        #expect(ProposalReport(list).notes.last?.contains("accept aaaa0000") == true)
        let agents = ListFilter(speakers: .agents).applied(to: list, limit: nil)
        #expect(agents.proposals.map(\.name.label) == ["answer-time"])
        #expect(ProposalReport(agents).notes.last?.contains("what agents say") == true)
        let callers = ListFilter(speakers: .callers).applied(to: list, limit: 5)
        #expect(callers.proposals.map(\.name.label) == ["cancel-order"])
        #expect(callers.sizes == [8] && callers.calls == [10] && callers.conversations == [1])
        #expect(ListFilter().applied(to: list, limit: 1).isMore)
        #expect(Speakers.callers.include(nil))
    }

    @Test func whatWasBegunIsShownWithWhatToDo() throws {
        let proposal = try ProposalSamples.proposal("4f3a9c01", "cancel-order")
        let accept = ReviewAction.accept(
            path: try IntentPath("orders/cancel"),
            vertical: .default,
            texts: nil,
            attributes: [:]
        )
        let entry = ReviewEntry(
            proposal: proposal.id,
            operation: Bits128(1),
            action: accept,
            reviewer: "ann",
            timeMicroseconds: 0
        )
        let shown = DiscoveryShowResponse(proposal: proposal, begun: entry)
        let words = DiscoverShowCommand.words(shown, withTrajectories: false)
        let place = try #require(words.firstIndex(of: "Begun, and not ended:"))
        #expect(words[place + 1] == "  1970-01-01T00:00:00Z  accepted as orders/cancel in default by ann")
        #expect(words.last == "  Take it back: switchboard discover undo 4f3a9c01")
        #expect(!words.contains("History:"))
        let line = ProposalLine(shown, withTrajectories: false)
        #expect(line.begun?.action == "accept" && line.begun?.seq == nil)
        #expect(line.history == [])
        let ended = DiscoveryShowResponse(proposal: proposal)
        #expect(!DiscoverShowCommand.words(ended, withTrajectories: false).contains { $0.hasPrefix("Begun") })
        #expect(try !JSONLine.encode(ProposalLine(ended, withTrajectories: false)).contains("begun"))
    }

    @Test func aReportEndsWithTheNextStep() throws {
        var finished = RunProgress(phase: .finished, fraction: 1)
        finished.effort.llmCalls = 40
        finished.effort.llmTokens = 5_000
        finished.effort.llmSeconds = 12
        finished.effort.seconds = 90
        func cut(_ cut: DiscoverySettings.Cut, _ clusters: Int, of role: Role? = nil) -> CutSummary {
            CutSummary(vertical: .default, role: role, cut: cut, clusters: clusters, resolution: 1, silhouette: 0)
        }
        let run = RunSummary(
            run: Bits128(7),
            pool: "file-1",
            settings: DiscoverySettings(),
            startedMicroseconds: 0,
            progress: finished,
            utterances: 1_000,
            proposals: 1,
            unclear: 2,
            // Agents' turns have no other cut than the chosen one.
            cuts: [cut(.coarser, 20), cut(.chosen, 34), cut(.finer, 51), cut(.chosen, 2, of: .agent)]
        )
        let proposal = try ProposalSamples.proposal("4f3a9c01", "it's late")
        let notes = ProposalReport(DiscoveryListResponse(proposals: [proposal], sizes: [1], runs: [run])).notes
        #expect(
            notes.first
                == "run 00000000 of pool file-1: 1 intent and 2 unclear clusters in 1,000 utterances; it took 1 min 30 s, "
                + "40 LLM calls, 5,000 tokens, 12 s added up"
        )
        #expect(notes.contains { $0.contains("coarser 22, chosen 36, finer 53 clusters") })
        #expect(RunProgressText.cuts([cut(.chosen, 3)]) == nil)
        #expect(RunLine(run).cuts == ["coarser": 22, "chosen": 36, "finer": 53])
        #expect(notes.last == #"accept one:  switchboard discover accept 4f3a9c01 --path 'it'\''s late'"#)
        let nothing = ProposalReport(DiscoveryListResponse(proposals: [], sizes: [])).notes
        #expect(nothing == ["there is no proposal; begin a run with 'discover run FILE' or 'discover start'"])
        let moved = ProposalReport(DiscoveryListResponse(proposals: [], sizes: [], runs: [run])).notes
        #expect(moved.last?.contains("discover list --all") == true)
        var small = run
        (small.proposals, small.unclear) = (0, 0)
        small.progress.note = "default has 3 different utterances, and a cluster has at least 5: none was looked for."
        let told = ProposalReport(DiscoveryListResponse(proposals: [], sizes: [], runs: [small])).notes
        #expect(told.contains(small.progress.note))
        #expect(told.last == "there is no proposal")
    }

    @Test func aDecisionSaysWhatCameOfIt() throws {
        let proposal = try ProposalSamples.proposal("4f3a9c01", "cancel-order")
        let now = RankedProposal(proposal, size: 95, calls: 212, conversations: 180)
        let answer = DiscoveryReviewResponse(
            proposal: proposal,
            receipt: LogPosition(log: Bits128(1), sequence: LogSequence(2_401)),
            others: [try ProposalSamples.proposal("bbbb", "stop-order")]
        )
        let accept = ReviewAction.accept(
            path: try IntentPath("orders/cancel"),
            vertical: .default,
            texts: nil,
            attributes: [:]
        )
        let accepted = ReviewOutcome(accept, answer, now: now)
        #expect(accepted.words.contains("as orders/cancel in default: 95 utterances (record 2,401)"))
        #expect(accepted.words.contains("switchboard discover undo 4f3a9c01"))
        #expect(accepted.line.seq == 2_401 && accepted.line.action == "accept")
        #expect(!accepted.words.contains("next run"))
        let part = ReviewAction.accept(
            path: try IntentPath("orders/cancel"),
            vertical: .default,
            texts: [try UtteranceText("cancel it"), try UtteranceText("cancel it")],
            attributes: [:]
        )
        let words = ReviewOutcome(part, answer, now: now).words
        #expect(words.contains(": 1 utterance (record 2,401)"))
        #expect(words.contains("what is left of it (94 utterances) stays in the pool, for the next run"))
        #expect(ReviewOutcome(.split, answer, now: now).words == "split cancel-order into:\n  bbbb0000  stop-order")
        #expect(ReviewOutcome(.undo, answer, now: now).words.hasSuffix("it is open now"))
    }

    @Test func progressHasBarTimeLeftAndEffort() {
        var progress = RunProgress(phase: .judging, fraction: 0.5, secondsLeft: 83, note: "40 of 80 clusters")
        #expect(
            RunProgressText.words(progress, withBar: true)
                == "[############............]  50 %  judging  1 min 23 s left  40 of 80 clusters"
        )
        progress.effort.llmCalls = 1
        progress.effort.llmTokens = 90
        progress.effort.llmSeconds = 0.5
        #expect(RunProgressText.words(progress, withBar: false).contains("1 LLM call, 90 tokens, 0.5 s added up"))
    }

    @Test func aCancelledRunSaysSoOnce() {
        let progress = RunProgress(phase: .cancelled, fraction: 0.2, note: "cancelled")
        #expect(RunProgressText.words(progress, withBar: false) == "20 %  cancelled")
    }

    @Test func aRunThatDidNotFinishIsAFailure() throws {
        func failure(_ phase: RunProgress.Phase, note: String = "") -> CommandFailure? {
            let last = DiscoveryWatchResponse(
                run: Bits128(7),
                progress: RunProgress(phase: phase, fraction: 0.5, note: note)
            )
            return #expect(throws: CommandFailure.self) { try RunFollowing.require(last) }
        }
        #expect(failure(.failed, note: "no encoder")?.message.hasSuffix("failed: no encoder") == true)
        #expect(failure(.cancelled)?.exitCode == CommandFailure.failed)
        #expect(failure(.judging)?.message.contains("discover watch 000000000000") == true)
        let finished = DiscoveryWatchResponse(run: Bits128(7), progress: RunProgress(phase: .finished, fraction: 1))
        #expect(throws: Never.self) { try RunFollowing.require(finished) }
    }
}

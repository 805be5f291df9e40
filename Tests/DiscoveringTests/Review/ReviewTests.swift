import Core
import Foundation
import Testing
import UpdateStore
import Wire

@testable import Discovering

/// Decisions about proposals: each has one effect, and can be taken back.
@Suite(.timeLimit(.minutes(2))) struct ReviewTests {
    private static func accept(_ path: String, texts: [String]? = nil) throws -> ReviewAction {
        .accept(
            path: try IntentPath(path),
            vertical: try Vertical("shop"),
            texts: try texts?.map { text in try UtteranceText(text) },
            attributes: ["queue": "heating"]
        )
    }

    private static func code(_ error: any Error) -> StatusCode? { (error as? SwitchboardError)?.code }

    @Test func whatIsAcceptedBecomesOneOperationOfTheIndex() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        let operation = Bits128(1_234)
        let texts = Array(ClustererFixture.said.prefix(4))
        let action = try Self.accept("heating/light", texts: texts)
        let answer = try await fixture.review(proposal.id, action, operation: operation)
        let batch = try #require(fixture.index.batches.first)
        #expect(fixture.index.batches.count == 1)
        #expect(batch.author == "ana")
        #expect(batch.change == Array("accept-\(operation)".utf8))
        #expect(batch.commands.count == 5)
        guard case .setIntent(let set) = batch.commands[0] else {
            throw SwitchboardError(.internal, "no intent is set")
        }
        #expect(set.attributes == ["queue": "heating"])
        let upserts = batch.commands.compactMap { command -> String? in
            guard case .upsert(let upsert) = command else { return nil }
            return upsert.text.value
        }
        #expect(upserts == texts.sorted())
        #expect(answer.receipt == LogPosition(log: NotedIndex.log, sequence: LogSequence(1)))
        #expect(try await fixture.pool.counts().total == 2, "what was accepted has left the pool")

        // The same operation again gets the same answer; another one is told.
        let again = try await fixture.review(proposal.id, action, operation: operation)
        #expect(again == answer)
        await #expect { _ = try await fixture.review(proposal.id, action) } throws: { error in
            Self.code(error) == .alreadyExists && "\(error)".contains("discover undo \(proposal.id)")
        }
        await #expect {
            _ = try await fixture.review(proposal.id, .reject, operation: operation)
        } throws: { Self.code($0) == .alreadyExists }
        #expect(fixture.index.batches.count == 1)

        let undone = try await fixture.review(proposal.id, .undo)
        #expect(undone.proposal.state == .open)
        #expect(fixture.index.undone == [batch.change])
        #expect(try await fixture.pool.counts().total == 6)
        _ = try await fixture.review(proposal.id, action)
        #expect(fixture.index.batches.count == 2)
        #expect(try await fixture.book.history(of: proposal.id).count == 3)
        try await fixture.stop()
    }

    @Test func anOperationThatIsSentAgainWhileItIsUnderWayGetsTheFirstAnswer() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        let (operation, action) = (Bits128(95), try Self.accept("heating"))
        let answers = try await withThrowingTaskGroup(
            of: DiscoveryReviewResponse.self,
            returning: [DiscoveryReviewResponse].self
        ) { group in
            for _ in 0..<4 {
                group.addTask { try await fixture.review(proposal.id, action, operation: operation) }
            }
            var answers: [DiscoveryReviewResponse] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        let first = try #require(answers.first)
        #expect(answers == [first, first, first, first])
        #expect(fixture.index.batches.count == 1)
        #expect(try await fixture.book.history(of: proposal.id).count == 1)
        try await fixture.stop()
    }

    private static func outcome(
        _ fixture: ClustererFixture,
        _ proposal: Bits128,
        _ action: ReviewAction,
        _ operation: Bits128,
    ) async -> StatusCode {
        do {
            _ = try await fixture.review(proposal, action, operation: operation)
            return .ok
        } catch {
            return code(error) ?? .unknown
        }
    }

    @Test func ofTwoDecisionsUnderOneOperationAtOnceOneIsTaken() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal().id
        let accept = try Self.accept("heating")
        var accepts = 0
        for number in 0..<8 {
            let operation = Bits128(UInt128(200 + number))
            async let first = Self.outcome(fixture, proposal, accept, operation)
            async let second = Self.outcome(fixture, proposal, .reject, operation)
            let (accepted, rejected) = await (first, second)
            #expect(Set([accepted, rejected]) == [.ok, .alreadyExists])
            if accepted == .ok { accepts += 1 }
            if case .rejected = try await fixture.current(proposal).state {
                #expect(rejected == .ok)
            } else {
                #expect(accepted == .ok)
            }
            #expect(fixture.index.batches.count == accepts)
            _ = try await fixture.review(proposal, .undo)
        }
        try await fixture.stop()
    }

    @Test func theBookHasAnOperationForOneDecision() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        func decision(_ act: ReviewDecision.Act, _ change: BookChange = BookChange()) -> ReviewDecision {
            ReviewDecision(
                operation: Bits128(94),
                proposal: proposal.id,
                act: act,
                reviewer: "ana",
                timeMicroseconds: UpdateLog.systemTime(),
                change: change
            )
        }
        let path = try IntentPath("heating")
        let accept = decision(.accept(path: path, vertical: proposal.vertical, exemplars: nil, attributes: [:]))
        let reject = decision(.reject, try ReviewRules.reject(proposal))
        // Both were looked up before either was noted.
        try await fixture.book.begin(accept, while: .open)
        await #expect { try await fixture.book.apply(reject) } throws: { Self.code($0) == .alreadyExists }
        #expect(try await fixture.current(proposal.id).state == .open)
        try await fixture.clusterer.carryOut(accept, until: .now + .seconds(20))
        await #expect { try await fixture.book.apply(reject) } throws: { Self.code($0) == .alreadyExists }
        #expect(try await fixture.book.history(of: proposal.id).map(\.act) == [accept.act])
        try await fixture.stop()
    }

    @Test func whatIsErasedWhileItIsAcceptedIsInTheIndexBeforeTheErasureEnds() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        let action = try Self.accept("heating")
        let text = try UtteranceText(ClustererFixture.said[0])
        let gone = PurgeSelection.exemplars([ExemplarID(vertical: proposal.vertical, text: text)])
        let isAsked = CurrentValue(false)
        fixture.index.duringNextAppend {
            isAsked.set(true)
            // The erasure has begun, and goes on as far as it can without the accept's end.
            while let total = try? await fixture.pool.counts().total, total == 6 {
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        async let accepted = fixture.review(proposal.id, action)
        for await asked in isAsked.values() where asked { break }
        _ = try await fixture.clusterer.purge(DiscoveryPurgeRequest(gone))
        // Who erases from the log next finds it there.
        #expect(fixture.index.batches.count == 1)
        _ = try await accepted
        let left = try await fixture.current(proposal.id).members.map(\.text)
        #expect(left.count == 5 && !left.contains(text))
        // Nor does the index get it later.
        _ = try await fixture.review(proposal.id, .undo)
        _ = try await fixture.review(proposal.id, action)
        #expect(fixture.index.batches.map(\.commands.count) == [7, 6])
        try await fixture.stop()
    }

    @Test func whatWasBegunEndsBeforeItIsErased() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        let texts = try ClustererFixture.said.map { try UtteranceText($0) }
        let away = SwitchboardError(.unavailable, "the updater is away")
        func erase(_ text: UtteranceText) async throws {
            let id = ExemplarID(vertical: proposal.vertical, text: text)
            _ = try await fixture.clusterer.purge(DiscoveryPurgeRequest(.exemplars([id])))
        }
        fixture.index.fail(with: away, away)
        await #expect {
            _ = try await fixture.review(proposal.id, try Self.accept("heating"))
        } throws: { Self.code($0) == .unavailable }
        // Nobody knows whether the index has it.
        await #expect { try await erase(texts[0]) } throws: { error in
            Self.code(error) == .unavailable
                && (error as? SwitchboardError)?.message.hasPrefix("a decision about what is to be erased") == true
        }
        #expect(fixture.index.batches.isEmpty)
        try await erase(texts[0])
        #expect(fixture.index.batches.map(\.commands.count) == [7])
        #expect(try await fixture.book.unfinished().isEmpty)
        #expect(try await fixture.current(proposal.id).members.count == 5)

        // What is taken back comes to the pool again, and goes from there too.
        fixture.index.fail(with: away)
        await #expect { _ = try await fixture.review(proposal.id, .undo) } throws: { Self.code($0) == .unavailable }
        try await erase(texts[1])
        #expect(try await fixture.current(proposal.id).state == .open)
        #expect(try await fixture.current(proposal.id).members.count == 4)
        let back = try await fixture.pool.discoveryUtterances(of: PoolQuery(pool: PoolStore.live)).map(\.text)
        #expect(Set(back) == Set(texts.dropFirst(2)))
        try await fixture.stop()
    }

    @Test func aDecisionThatNobodyKnowsTheEndOfIsFinishedOnce() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        let operation = Bits128(99)
        let action = try Self.accept("heating")
        fixture.index.fail(with: SwitchboardError(.unavailable, "the updater is away"))
        await #expect {
            _ = try await fixture.review(proposal.id, action, operation: operation)
        } throws: { Self.code($0) == .unavailable }
        // It is not open to others: the index may have it.
        await #expect {
            fixture.index.fail(with: SwitchboardError(.unavailable, "the updater is away"))
            _ = try await fixture.review(proposal.id, .reject)
        } throws: { Self.code($0) == .unavailable }
        try await fixture.stop(keepingFolder: true)

        let second = try await ClustererFixture(folder: fixture.folder, utterances: [])
        // Whoever decides next finishes it first.
        await #expect { _ = try await second.review(proposal.id, .reject) } throws: { Self.code($0) == .alreadyExists }
        #expect(second.index.batches.map(\.operation) == [Array("accept-\(operation)/1".utf8)])
        let answer = try await second.review(proposal.id, action, operation: operation)
        #expect(answer.receipt?.sequence == LogSequence(1))
        #expect(second.index.batches.count == 1)
        try await second.stop()
    }

    @Test func aDecisionThatWasBegunWhileTheClockWasAheadIsFinished() async throws {
        let ahead = CurrentValue(UpdateLog.systemTime() + 3_600_000_000)
        let first = try await ClustererFixture(clock: ahead)
        let proposal = try await first.proposal()
        first.index.fail(with: SwitchboardError(.unavailable, "the updater is away"))
        await #expect {
            _ = try await first.review(proposal.id, try Self.accept("heating"), operation: Bits128(98))
        } throws: { Self.code($0) == .unavailable }
        try await first.stop(keepingFolder: true)

        // Nobody asks again, and by the clock as it is now the decision was begun in an hour.
        let second = try await ClustererFixture(folder: first.folder, utterances: [])
        while second.index.batches.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(second.index.batches.map(\.operation) == [Array("accept-\(Bits128(98))/1".utf8)])
        try await second.stop()
    }

    @Test func whatWasAcceptedIntoAClosedVerticalIsNotTakenBack() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        let bank = try Vertical("bank")
        let path = try IntentPath("heating")
        _ = try await fixture.review(
            proposal.id,
            .accept(path: path, vertical: bank, texts: nil, attributes: [:])
        )
        let undo = DiscoveryReviewRequest(proposal: proposal.id, action: .undo, operation: Bits128(96))
        await #expect {
            _ = try await fixture.clusterer.review(undo, by: "ben", until: .now + .seconds(20)) {
                (vertical: Vertical) throws(SwitchboardError) in
                if vertical == bank { throw SwitchboardError(.permissionDenied, "another vertical") }
            }
        } throws: { Self.code($0) == .permissionDenied }
        #expect(fixture.index.undone.isEmpty)
        try await fixture.stop()
    }

    @Test func aRunDoesNotChangeWhatADecisionWasBegunAbout() async throws {
        let fixture = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            let texts = task.previous.isEmpty ? ClustererFixture.said : Array(ClustererFixture.said.prefix(3))
            return try await ClustererFixture.proposing(texts)(task)
        }
        let proposal = try await fixture.proposal()
        let (operation, action) = (Bits128(98), try Self.accept("heating"))
        fixture.index.fail(with: SwitchboardError(.unavailable, "the updater is away"))
        await #expect {
            _ = try await fixture.review(proposal.id, action, operation: operation)
        } throws: { Self.code($0) == .unavailable }
        #expect(try await fixture.end(of: try await fixture.start()).phase == .finished)
        #expect(try await fixture.current(proposal.id).members.count == 6)
        _ = try await fixture.review(proposal.id, action, operation: operation)
        #expect(fixture.index.batches.map(\.commands.count) == [7])
        try await fixture.stop()
    }

    @Test func whatTheIndexTookWithOtherMembersIsTakenOutAgain() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        let operation = Bits128(97)
        fixture.index.fail(with: SwitchboardError(.alreadyExists, "the operation id was used with other content"))
        await #expect {
            _ = try await fixture.review(proposal.id, try Self.accept("heating"), operation: operation)
        } throws: { Self.code($0) == .alreadyExists }
        #expect(fixture.index.undone == [Array("accept-\(operation)".utf8)])
        #expect(try await fixture.current(proposal.id).state == .open)
        try await fixture.stop()
    }

    @Test func whatTheIndexRefusesLeavesTheProposalOpen() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        fixture.index.fail(with: .invalid("the attribute is too long"))
        await #expect {
            _ = try await fixture.review(proposal.id, try Self.accept("heating"))
        } throws: { Self.code($0) == .invalidArgument }
        #expect(try await fixture.current(proposal.id).state == .open)
        _ = try await fixture.review(proposal.id, try Self.accept("heating"))
        #expect(fixture.index.batches.count == 1)
        try await fixture.stop()
    }

    @Test func textsThatAreNoMembersAreRefused() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        for texts in [[], ["never said"]] {
            await #expect {
                _ = try await fixture.review(proposal.id, try Self.accept("heating", texts: texts))
            } throws: { Self.code($0) == .invalidArgument }
        }
        await #expect { _ = try await fixture.review(Bits128(3), .reject) } throws: { Self.code($0) == .notFound }
        await #expect { _ = try await fixture.review(proposal.id, .rename(" ")) } throws: {
            Self.code($0) == .invalidArgument
        }
        await #expect { _ = try await fixture.review(proposal.id, .undo) } throws: {
            Self.code($0) == .failedPrecondition
        }
        #expect(fixture.index.batches.isEmpty)
        try await fixture.stop()
    }

    @Test func aRejectedProposalIsHiddenUntilItHasGrownByHalf() async throws {
        let grown = ClustererFixture.said + ["the thermostat light is red", "a red thermostat", "thermostat: red"]
        let sizes = [6, 8, 9]
        let fixture = try await ClustererFixture(utterances: grown) { (task: RunTask) async throws -> RunOutcome in
            // Each run finds more of the same cluster.
            let size = task.previous.isEmpty ? sizes[0] : task.previous[0].members.count == 6 ? sizes[1] : sizes[2]
            return try await ClustererFixture.proposing(Array(grown.prefix(size)))(task)
        }
        let proposal = try await fixture.proposal()
        _ = try await fixture.review(proposal.id, .reject)
        #expect(try await fixture.clusterer.list(DiscoveryListRequest()).proposals.isEmpty)
        await #expect { _ = try await fixture.review(proposal.id, .reject) } throws: { Self.code($0) == .alreadyExists }
        _ = try await fixture.end(of: try await fixture.start())
        #expect(try await fixture.clusterer.list(DiscoveryListRequest()).proposals.isEmpty)
        #expect(try await fixture.clusterer.list(DiscoveryListRequest(includesHidden: true)).sizes == [8])
        _ = try await fixture.end(of: try await fixture.start())
        #expect(try await fixture.clusterer.list(DiscoveryListRequest()).sizes == [9])
        try await fixture.stop()
    }

    @Test func whatARunOpenedAgainCanBeDecidedAboutAndTakenBack() async throws {
        let grown = ClustererFixture.said + Self.more
        let fixture = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            try await ClustererFixture.proposing(task.previous.isEmpty ? ClustererFixture.said : grown)(task)
        }
        let proposal = try await fixture.proposal()
        _ = try await fixture.review(proposal.id, .rename("report-red-light"))
        _ = try await fixture.review(proposal.id, .reject)
        _ = try await fixture.review(proposal.id, .rename("report-blinking"))
        _ = try await fixture.end(of: try await fixture.start())
        let opened = try await fixture.current(proposal.id)
        #expect(opened.state == .open && opened.members.count == 9)
        // The reject is void: what comes back is what was decided before it.
        for label in ["report-red-light", "report-light"] {
            let back = try await fixture.review(proposal.id, .undo).proposal
            #expect(back.name.label == label && back.state == .open)
        }
        await #expect { _ = try await fixture.review(proposal.id, .undo) } throws: {
            Self.code($0) == .failedPrecondition
        }
        try await fixture.stop()
    }

    @Test func mergedProposalsAreOneAndCanBeTakenApart() async throws {
        let parts = [Array(ClustererFixture.said.prefix(2)), Array(ClustererFixture.said.suffix(4))]
        let fixture = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            RunOutcome(proposals: [
                try ClustererFixture.proposal(parts[0], id: 1, run: task.id),
                try ClustererFixture.proposal(parts[1], id: 2, run: task.id),
            ])
        }
        _ = try await fixture.proposal()
        let (small, large) = (Bits128(1), Bits128(2))
        await #expect { _ = try await fixture.review(small, .merge(into: small)) } throws: {
            Self.code($0) == .invalidArgument
        }
        let answer = try await fixture.review(small, .merge(into: large))
        #expect(answer.proposal.state == .merged(into: large))
        #expect(answer.others.map(\.id) == [large])
        #expect(try await fixture.current(large).members.count == 6)
        _ = try await fixture.review(large, .rename("report-red-light"))
        await #expect { _ = try await fixture.review(small, .undo) } throws: { Self.code($0) == .failedPrecondition }
        let renamed = try await fixture.review(large, .undo)
        #expect(renamed.proposal.name.label == "report-light")
        // The last thing that was decided about it is now that the other one became a part of it.
        _ = try await fixture.review(large, .undo)
        #expect(try await fixture.current(small).members.count == 2)
        #expect(try await fixture.current(small).state == .open)
        #expect(try await fixture.current(large).members.count == 4)
        try await fixture.stop()
    }

    /// - Parameter conversations: that each member was said in.
    private static func proposal(_ texts: [String], id: UInt128, run: Bits128, saidIn conversations: [[UInt64]]) throws
        -> Proposal
    {
        var proposal = try ClustererFixture.proposal(texts, id: id, run: run)
        for (place, marks) in conversations.enumerated() {
            proposal.members[place].conversations = marks.count
            proposal.members[place].conversationMarks = marks
        }
        return proposal
    }

    @Test func aConversationCountsOnceAlsoAfterMergesAndSplits() async throws {
        let parts = [Array(ClustererFixture.said.prefix(2)), Array(ClustererFixture.said.suffix(4))]
        let fixture = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            RunOutcome(proposals: [
                try Self.proposal(parts[0], id: 1, run: task.id, saidIn: [[7], [7, .max]]),
                try Self.proposal(parts[1], id: 2, run: task.id, saidIn: [[7], [8], [7, 8], []]),
            ])
        }
        func counts() async throws -> [Bits128: Int] {
            let list = try await fixture.clusterer.list(DiscoveryListRequest(includesHidden: true))
            return Dictionary(uniqueKeysWithValues: zip(list.proposals.map(\.id), list.conversations))
        }
        _ = try await fixture.proposal()
        let (small, large) = (Bits128(1), Bits128(2))
        #expect(try await counts() == [small: 2, large: 2])
        #expect(try await fixture.clusterer.show(DiscoveryShowRequest(proposal: large)).conversations == 2)
        _ = try await fixture.review(small, .merge(into: large))
        #expect(try await counts() == [small: 0, large: 3])
        _ = try await fixture.review(large, .rename("report-red-light"))
        #expect(try await counts()[large] == 3)
        _ = try await fixture.review(large, .undo)
        _ = try await fixture.review(large, .undo)
        #expect(try await counts() == [small: 2, large: 2])
        try await fixture.stop()
    }

    private static func differing() async throws -> ClustererFixture {
        try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            let texts = [["cancel my order", "please cancel the order"], ["stop the order", "stop my order now"]]
            var cancel = try ClustererFixture.proposal(texts[0], id: 1, run: task.id)
            var stop = try ClustererFixture.proposal(texts[1], id: 2, run: task.id)
            cancel.name.label = "cancel-order"
            cancel.judgement = ClusterJudgement(probability: 0.6, low: 0.55, high: 0.7, isGood: true)
            stop.name.label = "stop-order"
            return RunOutcome(proposals: [cancel, stop])
        }
    }

    @Test func aMergedProposalSaysNothingThatWasOfOnePartAlone() async throws {
        let fixture = try await Self.differing()
        _ = try await fixture.proposal()
        let before = try await fixture.current(Bits128(2)).judgement
        _ = try await fixture.review(Bits128(1), .merge(into: Bits128(2)))
        let merged = try await fixture.current(Bits128(2))
        #expect(merged.judgement == ClusterJudgement(probability: 0.6, low: 0, high: 1, isGood: true))
        #expect(merged.keywords.contains("cancel") && merged.keywords.contains("stop"))
        _ = try await fixture.review(Bits128(2), .undo)
        let apart = try await fixture.current(Bits128(2))
        #expect(apart.judgement == before)
        #expect(apart.keywords.contains("stop") && !apart.keywords.contains("cancel"))
        try await fixture.stop()
    }

    @Test func aNameIsOneLevelAndOfOneOpenProposalAlone() async throws {
        let fixture = try await Self.differing()
        _ = try await fixture.proposal()
        await #expect { _ = try await fixture.review(Bits128(1), .rename("stop-order")) } throws: { error in
            Self.code(error) == .alreadyExists && "\(error)".contains("\(Bits128(2))")
        }
        await #expect { _ = try await fixture.review(Bits128(1), .rename("orders/cancel")) } throws: {
            Self.code($0) == .invalidArgument
        }
        _ = try await fixture.review(Bits128(1), .rename("cancel-order"))
        _ = try await fixture.review(Bits128(2), .reject)
        let renamed = try await fixture.review(Bits128(1), .rename("stop-order"))
        #expect(renamed.proposal.name == ProposalName(label: "stop-order", source: .reviewer))
        try await fixture.stop()
    }

    // MARK: While a run is under way

    private static let more = ["the thermostat light is red", "a red thermostat", "thermostat: red"]

    /// What a run found, taken as of one that had read `previous` when it began; of the runs 1, 2...
    private static func adopt(
        _ found: [(id: UInt128, texts: [String])],
        run: UInt128,
        since previous: [Proposal]? = nil,
        _ fixture: ClustererFixture,
    ) async throws -> Int {
        try await fixture.book.adopt(
            found.map { try ClustererFixture.proposal($0.texts, id: $0.id, run: Bits128(run)) },
            pool: "calls",
            of: Bits128(run),
            previous: previous,
            outcome: []
        )
    }

    @Test func aMergeWhileARunIsUnderWayLosesNoMember() async throws {
        let fixture = try await ClustererFixture()
        let parts = [Array(ClustererFixture.said.prefix(2)), Array(ClustererFixture.said.suffix(4))]
        _ = try await Self.adopt([(1, parts[0]), (2, parts[1])], run: 1, fixture)
        let previous = try await fixture.book.undecided(in: "calls")
        let (small, large) = (Bits128(1), Bits128(2))
        _ = try await fixture.review(small, .merge(into: large))
        let left = try await Self.adopt(
            // One of the second's is in another cluster now.
            [
                (1, parts[0] + [Self.more[0]]), (2, Array(parts[1].prefix(3)) + [Self.more[1]]),
                (3, [parts[1][3], "red"]),
            ],
            run: 2,
            since: previous,
            fixture
        )
        #expect(left == 0)
        #expect(try await fixture.current(small).state == .merged(into: large))
        let merged = try await fixture.current(large)
        #expect(Set(merged.members.map(\.text.value)) == Set(ClustererFixture.said + Self.more.prefix(2)))
        #expect(merged.members.count == 8 && merged.state == .open && merged.run == Bits128(2))
        #expect(try await fixture.current(Bits128(3)).members.map(\.text.value) == ["red"])
        _ = try await fixture.review(small, .undo)
        #expect(Set(try await fixture.current(small).members.map(\.text.value)) == Set(parts[0]))
        #expect(try await fixture.current(large).members.count == 6)
        try await fixture.stop()
    }

    @Test func whatIsAcceptedWhileARunIsUnderWayIsNotProposedAgain() async throws {
        let fixture = try await ClustererFixture()
        let said = ClustererFixture.said
        _ = try await Self.adopt([(1, said)], run: 1, fixture)
        let previous = try await fixture.book.undecided(in: "calls")
        _ = try await fixture.review(Bits128(1), try Self.accept("heating", texts: Array(said.prefix(4))))
        let found: [(id: UInt128, texts: [String])] = [(1, Array(said.suffix(5)) + Self.more), (2, [said[0], "red"])]
        // Two that were not chosen, and three that are new.
        #expect(try await Self.adopt(found, run: 2, since: previous, fixture) == 5)
        #expect(try await fixture.current(Bits128(1)).members.count == 6)
        #expect(try await fixture.current(Bits128(2)).members.map(\.text.value) == ["red"])
        try await fixture.stop()
    }

    /// A proposal of two intents, which a run found and a decision has split.
    private static func split() async throws
        -> (fixture: ClustererFixture, whole: Bits128, parts: [Bits128], texts: [String])
    {
        let planted = try Planted(intents: 2, each: 12, spread: 0.3, vertical: try Vertical("shop"))
        let texts = planted.utterances.map(\.text.value)
        let fixture = try await ClustererFixture(engines: FakeEngines(planted))
        _ = try await adopt([(1, texts)], run: 1, fixture)
        let parts = try await fixture.review(Bits128(1), .split).others.map(\.id)
        return (fixture, Bits128(1), parts, texts)
    }

    @Test func aRunDoesNotBringPartsBackOfASplitThatWasUndone() async throws {
        let (fixture, whole, parts, texts) = try await Self.split()
        let previous = try await fixture.book.undecided(in: "calls")
        #expect(previous.map(\.id).sorted() == parts.sorted())
        _ = try await fixture.review(whole, .undo)
        var found: [Proposal] = []
        for (number, part) in previous.enumerated() {
            var members = part.members.map(\.text.value)
            if number == 0 { members += Self.more }
            var proposal = try ClustererFixture.proposal(members, id: 0, run: Bits128(2))
            proposal.id = part.id
            found.append(proposal)
        }
        _ = try await fixture.book.adopt(found, pool: "calls", of: Bits128(2), previous: previous, outcome: [])
        for part in parts { #expect(try await fixture.book.proposal(part) == nil) }
        let left = try await fixture.current(whole)
        #expect(left.state == .open && left.run == Bits128(2))
        #expect(left.members.map(\.text.value).sorted() == (texts + Self.more).sorted())
        try await fixture.stop()
    }

    @Test func aSplitIsNotUndoneOnceALaterRunHasFoundMoreOfItsParts() async throws {
        let (fixture, whole, parts, texts) = try await Self.split()
        var found = try ClustererFixture.proposal(Array(texts.prefix(12)) + Self.more, id: 0, run: Bits128(2))
        found.id = try #require(parts.first)
        var gone = try await fixture.current(try #require(parts.last))
        gone.continuity = .gone
        let previous = try await fixture.book.undecided(in: "calls")
        _ = try await fixture.book.adopt(
            [found, gone],
            pool: "calls",
            of: Bits128(2),
            previous: previous,
            outcome: []
        )
        await #expect { _ = try await fixture.review(whole, .undo) } throws: {
            Self.code($0) == .failedPrecondition
        }
        #expect(try await fixture.current(found.id).members.count == 15)
        #expect(try await fixture.current(gone.id).members.count == 12)
        #expect(try await fixture.current(whole).members.isEmpty)
        try await fixture.stop()
    }

    /// Two proposals of pools of their own, with a role that their names tell or that was told.
    private static func twoPools(
        _ fixture: ClustererFixture,
        roles: [Role?],
        areOfNames: Bool,
    ) async throws -> [Bits128] {
        let parts = [Array(ClustererFixture.said.prefix(2)), Array(ClustererFixture.said.suffix(4))]
        for (number, role) in roles.enumerated() {
            let id = UInt128(number + 1)
            var proposal = try ClustererFixture.proposal(parts[number], id: id, run: Bits128(100 + id))
            proposal.role = role
            proposal.isRoleOfName = areOfNames && role != nil
            try await fixture.book.adopt([proposal], pool: "pool-\(id)", of: proposal.run, outcome: [])
        }
        return [Bits128(1), Bits128(2)]
    }

    @Test func whatIsMergedStaysInItsPool() async throws {
        let fixture = try await ClustererFixture()
        let ids = try await Self.twoPools(fixture, roles: [nil, nil], areOfNames: false)
        _ = try await fixture.review(ids[0], .merge(into: ids[1]))
        #expect(try await fixture.book.pool(of: ids[0]) == "pool-1")
        #expect(try await fixture.book.pool(of: ids[1]) == "pool-2")
        _ = try await fixture.review(ids[0], .undo)
        #expect(try await fixture.book.undecided(in: "pool-1").map(\.id) == [ids[0]])
        #expect(try await fixture.book.undecided(in: "pool-2").map(\.id) == [ids[1]])
        try await fixture.stop()
    }

    @Test func rolesThatAreGuessedKeepNothingApart() async throws {
        let fixture = try await ClustererFixture()
        let guessed = try await Self.twoPools(fixture, roles: [.caller, nil], areOfNames: true)
        _ = try await fixture.review(guessed[0], .merge(into: guessed[1]))
        #expect(try await fixture.current(guessed[1]).members.count == 6)
        try await fixture.stop()

        let other = try await ClustererFixture()
        let told = try await Self.twoPools(other, roles: [.caller, nil], areOfNames: false)
        await #expect { _ = try await other.review(told[0], .merge(into: told[1])) } throws: {
            Self.code($0) == .invalidArgument
        }
        try await other.stop()
    }

    @Test func whatIsTakenBackHasTheRoleInThePoolThatWasTold() async throws {
        let fixture = try await ClustererFixture()
        let ids = try await Self.twoPools(fixture, roles: [.caller, .agent], areOfNames: true)
        try await fixture.fill("pool-1", with: Array(ClustererFixture.said.prefix(2)))
        _ = try await fixture.review(ids[0], try Self.accept("heating"))
        #expect(try await fixture.pool.counts(of: "pool-1").total == 0)
        _ = try await fixture.review(ids[0], .undo)
        let back = try await fixture.pool.discoveryUtterances(of: PoolQuery(pool: "pool-1"))
        #expect(back.map(\.role) == [nil, nil])
        try await fixture.stop()
    }

    @Test func whatIsTakenBackBringsNoPoolBackThatHasLeft() async throws {
        let fixture = try await ClustererFixture()
        let ids = try await Self.twoPools(fixture, roles: [nil, nil], areOfNames: false)
        _ = try await fixture.review(ids[0], try Self.accept("heating"))
        #expect(try await fixture.review(ids[0], .undo).proposal.state == .open)
        #expect(fixture.index.undone.count == 1)
        #expect(try await fixture.pool.namedPools().isEmpty)
        try await fixture.stop()
    }

    @Test func nothingElseHappensToWhatIsBeingAccepted() async throws {
        let fixture = try await ClustererFixture()
        let ids = try await Self.twoPools(fixture, roles: [nil, nil], areOfNames: false)
        let (small, large) = (try await fixture.current(ids[0]), try await fixture.current(ids[1]))
        let path = try IntentPath("heating")
        // As long as the index is asked, which others that were read before do not know of.
        let accept = ReviewDecision(
            operation: Bits128(7),
            proposal: large.id,
            act: .accept(path: path, vertical: large.vertical, exemplars: nil, attributes: [:]),
            reviewer: "ana",
            timeMicroseconds: UpdateLog.systemTime()
        )
        try await fixture.book.begin(accept, while: .open)
        let members = try await fixture.book.members(of: small.id).map(\.number)
        let merge = ReviewDecision(
            operation: Bits128(8),
            proposal: small.id,
            act: .merge(into: large.id),
            reviewer: "ben",
            timeMicroseconds: UpdateLog.systemTime(),
            change: try ReviewRules.merge(small, members, into: large)
        )
        await #expect { try await fixture.book.apply(merge) } throws: { Self.code($0) == .aborted }
        #expect(try await fixture.current(large.id).members.count == 4)
        try await fixture.clusterer.carryOut(accept, until: .now + .seconds(20))
        #expect(fixture.index.batches.map(\.commands.count) == [4])
        #expect(try await fixture.review(large.id, .undo).proposal.state == .open)
        try await fixture.stop()
    }

    @Test func whoDecidesWhileTheIndexIsAwayReadsThatItWasBegun() async throws {
        let fixture = try await ClustererFixture()
        let proposal = try await fixture.proposal()
        fixture.index.fail(with: SwitchboardError(.unavailable, "the updater is away"))
        await #expect {
            _ = try await fixture.review(proposal.id, try Self.accept("heating"))
        } throws: {
            let message = ($0 as? SwitchboardError)?.message
            return message?.hasPrefix("the updater is away") == true && message?.contains("was begun") == true
        }
        let request = DiscoveryShowRequest(proposal: proposal.id)
        let shown = try await fixture.clusterer.show(request)
        #expect(shown.history.isEmpty)
        #expect(shown.begun?.reviewer == "ana" && shown.begun?.position == nil)
        guard case .accept(let path, _, _, _) = shown.begun?.action else {
            throw SwitchboardError(.internal, "no accept is under way")
        }
        #expect(path.description == "heating")
        // The next decision finishes it first.
        await #expect { _ = try await fixture.review(proposal.id, .reject) } throws: { Self.code($0) == .alreadyExists }
        let after = try await fixture.clusterer.show(request)
        #expect(after.begun == nil && after.history.count == 1)
        try await fixture.stop()
    }

    @Test func aSplitProposalFallsIntoItsIntents() async throws {
        let planted = try Planted(intents: 2, each: 12, spread: 0.3, vertical: try Vertical("shop"))
        let texts = planted.utterances.map(\.text.value)
        let fixture = try await ClustererFixture(
            engines: FakeEngines(planted),
            body: ClustererFixture.proposing(texts)
        )
        let proposal = try await fixture.proposal()
        let operation = Bits128(5)
        let answer = try await fixture.review(proposal.id, .split, operation: operation)
        #expect(answer.others.count == 2)
        var found: [Set<String>] = []
        for part in answer.others { found.append(Set(try await fixture.current(part.id).members.map(\.text.value))) }
        #expect(Set(found) == [Set(texts.prefix(12)), Set(texts.suffix(12))])
        let again = try await fixture.review(proposal.id, .split, operation: operation)
        #expect(again == answer)
        await #expect { _ = try await fixture.review(proposal.id, .split) } throws: {
            Self.code($0) == .failedPrecondition
        }
        _ = try await fixture.review(proposal.id, .undo)
        #expect(try await fixture.current(proposal.id).members.count == 24)
        #expect(try await fixture.book.proposal(answer.others[0].id) == nil)
        try await fixture.stop()
    }

    @Test func noWordOfWhatIsErasedIsLeftInNames() async throws {
        let fixture = try await ClustererFixture()
        let told = (0..<3).map { "zanzibar xylophones for order \($0)" }
        var first = try ClustererFixture.proposal(told, id: 1, run: Bits128(1))
        for place in first.members.indices { first.members[place].origin = Array("cust-7".utf8) }
        first.name = ProposalName(label: "zanzibar-xylophone", source: .keywords)
        first.keywords = ["zanzibar", "xylophones", "order"]
        var second = try ClustererFixture.proposal(["my order is red", "cancel it"], id: 2, run: Bits128(1))
        // A run gave it the name when it had some of the others.
        second.name = ProposalName(label: "cancel-zanzibar-order", source: .model)
        second.keywords = ["order", "red", "zanzibar"]
        _ = try await fixture.book.adopt([first, second], pool: "calls", of: Bits128(1), outcome: [])
        _ = try await fixture.review(first.id, .merge(into: second.id))
        _ = try await fixture.review(second.id, .rename("report-delay"))
        let erased = try await fixture.book.purge(.origin(Array("cust-7".utf8), in: nil))
        #expect(erased.members == 3 && erased.proposals == [second.id])
        let merged = try await fixture.current(first.id)
        #expect(merged.name == ProposalName(label: "unnamed", source: .keywords))
        #expect(merged.keywords == ["order"])
        let words = try await fixture.current(second.id).keywords
        #expect(words.contains("order") && !words.contains { $0.hasPrefix("zan") || $0.hasPrefix("xyl") })
        for ending in ["", "-wal"] {
            let bytes = FileManager.default.contents(atPath: fixture.book.path + ending) ?? Data()
            for word in ["zanzibar", "xylophone"] { #expect(bytes.range(of: Data(word.utf8)) == nil) }
        }
        // What it was called before is of words that are left.
        let before = try await fixture.review(second.id, .undo).proposal
        #expect(before.name == ProposalName(label: "cancel-order", source: .keywords))
        try await fixture.stop()
    }

    @Test func whatDoesNotFitInOneOperationBecomesSeveralOfOneChange() throws {
        let members = try (0..<1_500).map { number in
            ProposalMember(text: try UtteranceText("case \(number)"), calls: 1, conversations: 1, centrality: 1)
        }
        let vertical = try Vertical("shop")
        let decision = ReviewDecision(
            operation: Bits128(7),
            proposal: Bits128(8),
            act: .accept(path: try IntentPath("cases"), vertical: vertical, exemplars: nil, attributes: [:]),
            reviewer: "ana",
            timeMicroseconds: 0
        )
        let batches = AcceptedBatches(decision, members: members, in: vertical).batches
        #expect(batches.count > 1)
        #expect(batches.allSatisfy { $0.commands.count <= AppendBatch.maximumCommands })
        #expect(batches.reduce(0) { $0 + $1.commands.count } == 1_500)
        #expect(Set(batches.map(\.change)).count == 1)
        #expect(Set(batches.map(\.operation)).count == batches.count)
        // In whatever order the book tells them.
        #expect(AcceptedBatches(decision, members: members.reversed(), in: vertical).batches == batches)
    }
}

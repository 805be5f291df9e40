import Core
import Foundation
import Synchronization
import Testing
import UpdateStore
import Wire

@testable import Discovering

/// Runs: started, watched, cancelled, ended with their process and gone on with.
@Suite(.timeLimit(.minutes(2))) struct ClustererTests {
    @Test func whatARunProposesIsListedAndShown() async throws {
        let fixture = try await ClustererFixture()
        let run = try await fixture.start()
        let end = try await fixture.end(of: run)
        #expect(end.phase == .finished && end.fraction == 1)
        let list = try await fixture.clusterer.list(DiscoveryListRequest())
        #expect(list.sizes == [6])
        #expect(list.proposals.first?.members.count == 3)
        #expect(list.runs.map(\.run) == [run])
        #expect(list.runs.first?.utterances == 6)
        #expect(list.runs.first?.proposals == 1)
        let work = try FileManager.default.contentsOfDirectory(atPath: "\(fixture.folder.path)/runs/\(run)").sorted()
        #expect(work == ["outcome", "settings", "stages"], "what was said stays in the pool and in the book alone")
        await #expect { try await fixture.clusterer.cancel(run) } throws: { Self.code($0) == .failedPrecondition }
        await #expect { try await fixture.clusterer.cancel(Bits128(1)) } throws: { Self.code($0) == .notFound }
        await #expect {
            _ = try await fixture.clusterer.list(DiscoveryListRequest(run: Bits128(1)))
        } throws: { Self.code($0) == .notFound }
        try await fixture.stop()
    }

    @Test func aRunSaysWhereItsProposalsAreThatLaterOnesFoundAgain() async throws {
        let fixture = try await ClustererFixture()
        let first = try await fixture.start()
        _ = try await fixture.end(of: first)
        let alone = try await fixture.clusterer.list(DiscoveryListRequest(run: first))
        #expect(alone.proposals.count == 1 && alone.runs.first?.progress.note.isEmpty == true)
        let second = try await fixture.start()
        _ = try await fixture.end(of: second)
        let list = try await fixture.clusterer.list(DiscoveryListRequest(run: first))
        #expect(list.proposals.isEmpty)
        #expect(list.runs.first?.progress.note.contains("lastly run \(second)") == true)
        let request = DiscoveryShowRequest(proposal: Bits128(77), run: first)
        await #expect { _ = try await fixture.clusterer.show(request) } throws: { error in
            Self.code(error) == .notFound && "\(error)".contains("run \(second) found it, the latest that did")
        }
        try await fixture.stop()
    }

    @Test func whoIsLimitedToVerticalsIsToldNothingOfOthers() async throws {
        let (shop, bank): (Set<Vertical>, Set<Vertical>) = ([try Vertical("shop")], [try Vertical("bank")])
        let fixture = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            var outcome = try await ClustererFixture.proposing(ClustererFixture.said)(task)
            outcome.notes = ["shop has 6 different utterances"]
            return outcome
        }
        let whole = try await fixture.start()
        _ = try await fixture.end(of: whole)
        let request = DiscoveryListRequest(verticals: Array(bank))
        let seen = try await fixture.clusterer.list(request, limitedTo: bank)
        #expect(seen.proposals.isEmpty)
        let summary = try #require(seen.runs.first)
        #expect(summary.progress.note.isEmpty && summary.utterances == 0 && summary.proposals == 0)
        #expect(summary.verticals == Array(bank))
        let own = try await fixture.clusterer.list(DiscoveryListRequest(verticals: Array(shop)), limitedTo: shop)
        #expect(own.runs.first?.proposals == 1)
        let start = DiscoveryStartRequest(verticals: Array(shop))
        let closed = try await fixture.clusterer.start(start, author: "ana").run
        _ = try await fixture.end(of: closed)
        #expect(try await fixture.clusterer.list(request, limitedTo: bank).runs.map(\.run) == [whole])
        #expect(try await fixture.clusterer.watched(nil, bank).0 == whole)
        await #expect { _ = try await fixture.clusterer.watched(closed, bank) } throws: { Self.code($0) == .notFound }
        await #expect {
            _ = try await fixture.clusterer.list(DiscoveryListRequest(run: closed), limitedTo: bank)
        } throws: { Self.code($0) == .notFound }
        try await fixture.stop()
    }

    @Test func aRunOverOneVerticalHidesNoProposalsOfOthers() async throws {
        let (shop, bank) = (try Vertical("shop"), try Vertical("bank"))
        let fixture = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            var found: [Proposal] = []
            for vertical in Set(task.utterances.map(\.vertical)).sorted() {
                let texts = task.utterances.filter { $0.vertical == vertical }.map(\.text.value)
                var proposal = try ClustererFixture.proposal(texts, id: vertical == shop ? 1 : 2, run: task.id)
                proposal.vertical = vertical
                found.append(proposal)
            }
            return RunOutcome(proposals: found)
        }
        let entry = PoolEntry(
            text: try UtteranceText("my card is lost"),
            vertical: bank,
            reason: .unknown,
            timeMicroseconds: UpdateLog.systemTime()
        )
        _ = try await fixture.pool.add([entry])
        var runs: [Bits128] = []
        for verticals in [[], [shop], [bank]] {
            let request = DiscoveryStartRequest(verticals: verticals)
            runs.append(try await fixture.clusterer.start(request, author: "ana").run)
            #expect(try await fixture.end(of: runs[runs.count - 1]).phase == .finished)
            let list = try await fixture.clusterer.list(DiscoveryListRequest())
            #expect(Set(list.proposals.map(\.vertical)) == [shop, bank])
            #expect(list.runs.map(\.run) == Array(runs.reversed()))
        }
        let ofShop = try await fixture.clusterer.list(DiscoveryListRequest(verticals: [shop]))
        #expect(ofShop.runs.map(\.run) == [runs[1]])
        #expect(ofShop.proposals.map(\.run) == [runs[1]])
        try await fixture.stop()
    }

    @Test func anEmptyPoolIsTold() async throws {
        let fixture = try await ClustererFixture(utterances: [])
        await #expect { _ = try await fixture.start() } throws: { error in
            Self.code(error) == .failedPrecondition && "\(error)".contains("the pool is empty")
        }
        try await fixture.stop()
    }

    @Test func aVerticalThatNobodySpokeInIsToldAtOnce() async throws {
        let fixture = try await ClustererFixture()
        let request = DiscoveryStartRequest(verticals: [try Vertical("nosuch")])
        await #expect { _ = try await fixture.clusterer.start(request, author: "ana") } throws: { error in
            Self.code(error) == .failedPrecondition && "\(error)".contains("'nosuch'")
        }
        #expect(await fixture.clusterer.runs.isEmpty)
        let both = DiscoveryStartRequest(verticals: [try Vertical("nosuch"), try Vertical("shop")])
        let run = try await fixture.clusterer.start(both, author: "ana").run
        #expect(try await fixture.end(of: run).phase == .finished)
        try await fixture.stop()
    }

    @Test func withoutATunerARunThatIsToBeTunedIsRefusedBeforeThereIsAnything() async throws {
        let fixture = try await ClustererFixture()
        var settings = DiscoverySettings()
        settings.isTuned = true
        for isDryRun in [true, false] {
            let request = DiscoveryStartRequest(settings: settings, isDryRun: isDryRun)
            await #expect { _ = try await fixture.clusterer.start(request, author: "ana") } throws: { error in
                Self.code(error) == .failedPrecondition && "\(error)".contains("node --tuner deploy/train")
            }
        }
        // What could be begun is not: the pool need not even be there.
        let dry = DiscoveryStartRequest(pool: "none", isDryRun: true)
        #expect(try await fixture.clusterer.start(dry, author: "ana").run == Bits128(0))
        #expect(await fixture.clusterer.runs.isEmpty)
        try await fixture.stop()
    }

    @Test func aRunIsCancelledWhileItWaitsAndWhileItWorks() async throws {
        var bounds = Clusterer.Bounds()
        bounds.waitingRuns = 1
        let begun = Begun()
        let fixture = try await ClustererFixture(bounds: bounds) { (task: RunTask) async throws -> RunOutcome in
            begun.note(task.id)
            try await Task.sleep(for: .seconds(3_600))
            return RunOutcome()
        }
        let first = try await fixture.start()
        await begun.wait(for: first)
        let second = try await fixture.start()
        await #expect { _ = try await fixture.start() } throws: { Self.code($0) == .resourceExhausted }
        try await fixture.clusterer.cancel(second)
        #expect(try await fixture.end(of: second).phase == .cancelled)
        try await fixture.clusterer.cancel(first)
        #expect(try await fixture.end(of: first).phase == .cancelled)
        try await fixture.stop()
    }

    @Test func aRunThatFailsSaysWhy() async throws {
        let fixture = try await ClustererFixture { (_: RunTask) async throws -> RunOutcome in
            throw SwitchboardError(.unavailable, "no encoder is to be had")
        }
        let end = try await fixture.end(of: try await fixture.start())
        #expect(end.phase == .failed)
        #expect(end.note == "no encoder is to be had")
        try await fixture.stop()
    }

    @Test func aRunGoesOnAfterItsProcessEnded() async throws {
        let begun = Begun()
        let first = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            try await task.checkpoints.save("half", Array("way".utf8))
            begun.note(task.id)
            try await Task.sleep(for: .seconds(3_600))
            return RunOutcome()
        }
        let run = try await first.start()
        let waiting = try await first.start()
        await begun.wait(for: run)
        try await first.stop(keepingFolder: true)

        let seen = Seen()
        // What came meanwhile is not what the run looks at.
        let second = try await ClustererFixture(folder: first.folder, utterances: ["something else"]) {
            (task: RunTask) async throws -> RunOutcome in
            let half = try await task.checkpoints.load("half")
            seen.note(task.id, half, task.utterances.count)
            return try await ClustererFixture.proposing(ClustererFixture.said)(task)
        }
        #expect(try await second.end(of: run).phase == .finished)
        #expect(try await second.end(of: waiting).phase == .finished)
        #expect(seen.stages[run] == Array("way".utf8))
        #expect(seen.utterances[run] == 6)
        #expect(seen.stages[waiting] == nil)
        #expect(seen.utterances[waiting] == 7)
        try await second.stop()
    }

    @Test func aRunThatWasCancelledStaysSoWhereItsProcessIsKilled() async throws {
        let begun = Begun()
        let first = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            begun.note(task.id)
            try await Task.sleep(for: .seconds(3_600))
            return RunOutcome()
        }
        let run = try await first.start()
        await begun.wait(for: run)
        try await first.clusterer.cancel(run)
        #expect(try await first.end(of: run).phase == .cancelled)
        try await first.stop(keepingFolder: true)
        // As a process leaves it that was killed right after its answer.
        try FileManager.default.removeItem(atPath: "\(first.folder.path)/runs/\(run)/outcome")
        let second = try await ClustererFixture(folder: first.folder, utterances: [])
        #expect(try await second.end(of: run).phase == .cancelled)
        #expect(try await second.clusterer.list(DiscoveryListRequest()).proposals.isEmpty)
        try await second.stop()
    }

    @Test func aRunWhoseProposalsAreInTheBookIsNotCarriedOutAgain() async throws {
        let first = try await ClustererFixture()
        let run = Bits128(42)
        let request = DiscoveryStartRequest()
        let folder = RunFolder(run, in: "\(first.folder.path)/runs")
        try folder.make()
        try folder.write(RunSettings(request: request, author: "", startedMicroseconds: UpdateLog.systemTime()))
        var summary = RunSummary(
            run: run,
            settings: request.settings,
            startedMicroseconds: 1,
            progress: RunProgress(phase: .finished, fraction: 1)
        )
        summary.proposals = 1
        // As a process leaves it that was killed before it wrote the run's end.
        try await first.book.adopt(
            [try ClustererFixture.proposal(ClustererFixture.said, id: 77, run: run)],
            pool: PoolStore.live,
            of: run,
            outcome: try KeptOutcome(summary: summary).stored()
        )
        try await first.stop(keepingFolder: true)
        let second = try await ClustererFixture(folder: first.folder, utterances: []) {
            (_: RunTask) async throws -> RunOutcome in
            throw SwitchboardError(.internal, "it was carried out again")
        }
        #expect(try await second.end(of: run).phase == .finished)
        #expect(try await second.current(Bits128(77)).continuity == .new)
        #expect(try folder.readOutcome()?.summary.proposals == 1)
        while try await second.book.outcome(of: run) != nil { try await Task.sleep(for: .milliseconds(5)) }
        try await second.stop()
    }

    @Test func aRunThatTakesItsProcessDownIsGivenUp() async throws {
        var bounds = Clusterer.Bounds()
        bounds.attempts = 2
        let first = try await ClustererFixture(bounds: bounds)
        let run = Bits128(41)
        let folder = RunFolder(run, in: "\(first.folder.path)/runs")
        try folder.make()
        let started = UpdateLog.systemTime()
        try folder.write(RunSettings(request: DiscoveryStartRequest(), author: "", startedMicroseconds: started))
        // As two processes leave it that were killed.
        for _ in 0..<2 { _ = try folder.countAttempt() }
        try await first.stop(keepingFolder: true)
        let second = try await ClustererFixture(folder: first.folder, bounds: bounds)
        let end = try await second.end(of: run)
        #expect(end.phase == .failed)
        #expect(end.note.contains("2 times"))
        try await second.stop()
    }

    @Test(arguments: ["settings", "utterances", "outcome"])
    func aRunWithADamagedFileHasFailedAndTheOthersGoOn(name: String) async throws {
        let first = try await ClustererFixture()
        var run = try await first.start()
        _ = try await first.end(of: run)
        if name == "utterances" {
            // They are read of a run that is under way alone.
            run = Bits128(42)
            let folder = RunFolder(run, in: "\(first.folder.path)/runs")
            try folder.make()
            let started = UpdateLog.systemTime()
            try folder.write(RunSettings(request: DiscoveryStartRequest(), author: "", startedMicroseconds: started))
        }
        try await first.stop(keepingFolder: true)
        let path = "\(first.folder.path)/runs/\(run)"
        try Data("nothing of ours".utf8).write(to: URL(filePath: "\(path)/\(name)"))
        let second = try await ClustererFixture(folder: first.folder, utterances: [])
        #expect(try await second.end(of: run).phase == .failed)
        #expect(try await second.end(of: try await second.start()).phase == .finished)
        try await second.stop()
    }

    @Test func onlyTheNewestRunsAreKept() async throws {
        var bounds = Clusterer.Bounds()
        bounds.keptRuns = 1
        let fixture = try await ClustererFixture(bounds: bounds) { (task: RunTask) async throws -> RunOutcome in
            // The first run's proposal is 1, of which the second hears.
            let id: UInt128 = task.previous.isEmpty ? 1 : 2
            return try await ClustererFixture.proposing(ClustererFixture.said, id: id)(task)
        }
        let first = try await fixture.start()
        _ = try await fixture.end(of: first)
        let second = try await fixture.start()
        _ = try await fixture.end(of: second)
        while try await fixture.book.proposal(Bits128(1)) != nil { try await Task.sleep(for: .milliseconds(5)) }
        await #expect { _ = try await fixture.review(Bits128(1), .reject) } throws: { error in
            Self.code(error) == .notFound && "\(error)".contains("its run is gone")
                && "\(error)".contains("index undo accept-")
        }
        #expect(try await fixture.clusterer.list(DiscoveryListRequest()).runs.map(\.run) == [second])
        try await fixture.stop()
    }

    @Test func runsOverAFilePushOutNothingOfOtherPools() async throws {
        var bounds = Clusterer.Bounds()
        bounds.keptFileRuns = 1
        let fixture = try await ClustererFixture(bounds: bounds) { (task: RunTask) async throws -> RunOutcome in
            let id: UInt128 = task.utterances.count == ClustererFixture.said.count ? 1 : 2
            return try await ClustererFixture.proposing(ClustererFixture.said, id: id)(task)
        }
        let live = try await fixture.start()
        _ = try await fixture.end(of: live)
        try await fixture.fill("calls", with: ["where is my parcel"])
        var last = live
        for _ in 0..<3 {
            last = try await fixture.start(over: "calls")
            _ = try await fixture.end(of: last)
        }
        while await fixture.clusterer.runs.count > 2 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(Set(await fixture.clusterer.runs.keys) == [live, last])
        #expect(try await fixture.current(Bits128(1)).run == live)
        try await fixture.stop()
    }

    @Test func whatWasDecidedOutlivesItsRun() async throws {
        var bounds = Clusterer.Bounds()
        bounds.keptRuns = 1
        let said = ClustererFixture.said
        let body: RunBody = { (task: RunTask) async throws -> RunOutcome in
            guard task.previous.isEmpty else { return try await ClustererFixture.proposing(said, id: 9)(task) }
            return RunOutcome(proposals: [
                try ClustererFixture.proposal(Array(said[0..<2]), id: 1, run: task.id),
                try ClustererFixture.proposal(Array(said[2..<4]), id: 2, run: task.id),
                try ClustererFixture.proposal(Array(said[4..<6]), id: 3, run: task.id),
            ])
        }
        let first = try await ClustererFixture(bounds: bounds, body: body)
        _ = try await first.end(of: try await first.start())
        let (path, vertical) = (try IntentPath("heating"), try Vertical("shop"))
        _ = try await first.review(
            Bits128(1),
            .accept(path: path, vertical: vertical, texts: nil, attributes: [:])
        )
        _ = try await first.review(Bits128(2), .reject)
        _ = try await first.end(of: try await first.start())
        // What nobody decided about goes.
        while try await first.book.proposal(Bits128(3)) != nil { try await Task.sleep(for: .milliseconds(5)) }
        try await first.stop(keepingFolder: true)

        let second = try await ClustererFixture(folder: first.folder, utterances: [], bounds: bounds, body: body)
        _ = try await second.end(of: try await second.start())
        let listed = try await second.clusterer.list(DiscoveryListRequest(includesHidden: true)).proposals
        #expect(Set(listed.map(\.id)) == [Bits128(1), Bits128(2), Bits128(9)])
        #expect(try await second.book.undecided(in: PoolStore.live).map(\.id).contains(Bits128(2)))
        #expect(try await second.review(Bits128(1), .undo).proposal.state == .open)
        #expect(try await second.pool.counts().total == 6)
        try await second.stop()
    }

    @Test func aRunIsTheLatestAlsoWhereTheClockWasAheadBefore() async throws {
        let clock = CurrentValue(UpdateLog.systemTime() + 3_600_000_000)
        let fixture = try await ClustererFixture(clock: clock) { (task: RunTask) async throws -> RunOutcome in
            let id: UInt128 = task.previous.isEmpty ? 1 : 2
            return try await ClustererFixture.proposing(ClustererFixture.said, id: id)(task)
        }
        let first = try await fixture.start()
        _ = try await fixture.end(of: first)
        clock.set(clock.value - 7_200_000_000)
        let second = try await fixture.start()
        _ = try await fixture.end(of: second)
        #expect(try await fixture.clusterer.list(DiscoveryListRequest()).runs.map(\.run) == [second])
        // Nor is it kept longer for that.
        let started = await fixture.clusterer.runs.values.map(\.settings.startedMicroseconds)
        #expect(started.count == 2 && started.allSatisfy { $0 <= clock.value })
        try await fixture.stop()
    }

    @Test func aClockThatIsAheadForAWhileForgetsNoRun() async throws {
        let day: Int64 = 24 * 3_600 * 1_000_000
        let start = UpdateLog.systemTime()
        let (time, passed) = (CurrentValue(start), CurrentValue(Duration.zero))
        let fixture = try await ClustererFixture(clock: time, passed: passed)
        let run = try await fixture.start()
        _ = try await fixture.end(of: run)
        time.set(start + 200 * day)
        await fixture.clusterer.tidy()
        #expect(await fixture.clusterer.runs[run] != nil)
        time.set(start)
        await fixture.clusterer.tidy()
        #expect(await fixture.clusterer.runs[run] != nil)
        // What is old by both goes.
        passed.set(.seconds(91 * 24 * 3_600))
        time.set(start + 91 * day)
        await fixture.clusterer.tidy()
        #expect(await fixture.clusterer.runs.isEmpty)
        try await fixture.stop()
    }

    @Test func runsThatCameToNothingPushOutNoProposals() async throws {
        var bounds = Clusterer.Bounds()
        bounds.keptRuns = 1
        let fixture = try await ClustererFixture(bounds: bounds) { (task: RunTask) async throws -> RunOutcome in
            guard task.previous.isEmpty else { throw SwitchboardError(.unavailable, "no encoder is to be had") }
            return try await ClustererFixture.proposing(ClustererFixture.said)(task)
        }
        let first = try await fixture.start()
        _ = try await fixture.end(of: first)
        var last = first
        for _ in 0..<3 {
            last = try await fixture.start()
            #expect(try await fixture.end(of: last).phase == .failed)
        }
        while await fixture.clusterer.runs.count > 2 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(Set(await fixture.clusterer.runs.keys) == [first, last])
        #expect(try await fixture.clusterer.list(DiscoveryListRequest()).proposals.count == 1)
        try await fixture.stop()
    }

    @Test func whatIsErasedIsNowhereAndARunBeginsAnew() async throws {
        let begun = Begun()
        let fixture = try await ClustererFixture { (task: RunTask) async throws -> RunOutcome in
            let texts = task.utterances.map(\.text.value)
            begun.note(task.id)
            // The first time it is still at work when something is erased.
            if texts.count == 6 { try await Task.sleep(for: .seconds(3_600)) }
            return try await ClustererFixture.proposing(texts)(task)
        }
        let run = try await fixture.start()
        await begun.wait(for: run)
        let selection = PurgeSelection.origin(Array("caller-2".utf8), in: nil)
        #expect(try await fixture.clusterer.purge(DiscoveryPurgeRequest(selection, isDryRun: true)).entries == 1)
        #expect(try await fixture.clusterer.purge(DiscoveryPurgeRequest(selection)).entries == 1)
        #expect(try await fixture.end(of: run).phase == .finished)
        #expect(try await fixture.current(Bits128(77)).members.count == 5)
        let text = try UtteranceText(ClustererFixture.said[0])
        let id = ExemplarID(vertical: try Vertical("shop"), text: text)
        #expect(try await fixture.clusterer.purge(DiscoveryPurgeRequest(.exemplars([id]))).proposals == 1)
        let left = try await fixture.current(Bits128(77)).members.map(\.text)
        #expect(left.count == 4 && !left.contains(text))
        try await fixture.stop()
    }

    private static func code(_ error: any Error) -> StatusCode? { (error as? SwitchboardError)?.code }
}

/// What runs were given.
final class Seen: Sendable {
    private let state = Mutex<(stages: [Bits128: [UInt8]], utterances: [Bits128: Int])>(([:], [:]))

    var stages: [Bits128: [UInt8]] { state.withLock { $0.stages } }
    var utterances: [Bits128: Int] { state.withLock { $0.utterances } }

    func note(_ run: Bits128, _ stage: [UInt8]?, _ utterances: Int) {
        state.withLock { state in
            state.stages[run] = stage
            state.utterances[run] = utterances
        }
    }
}

/// Which runs have begun.
final class Begun: Sendable {
    private let runs = CurrentValue<[Bits128]>([])

    func note(_ run: Bits128) { runs.set(runs.value + [run]) }

    func wait(for run: Bits128) async {
        for await begun in runs.values() where begun.contains(run) { return }
    }
}

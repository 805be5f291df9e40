import Core
import Foundation
import Logging
import Testing
import UpdateStore
import Wire

@testable import Discovering

/// The values that the clusterer decides with, and the files of a run.
@Suite struct RunPartsOfClustererTests {
    @Test func oneRunHasItsTurnAndTheLineIsBounded() throws {
        var line = RunLine(maximumWaiting: 2)
        let runs = (1...4).map { Bits128(UInt128($0)) }
        try line.enter(runs[0])
        let turns = [line.next(), line.next()]
        #expect(turns == [runs[0], nil])
        try line.enter(runs[1])
        try line.enter(runs[2])
        let error = #expect(throws: SwitchboardError.self) { try line.enter(runs[3]) }
        #expect(error?.code == .resourceExhausted)
        let hasLeft = [line.leave(runs[1]), line.leave(runs[0])]
        #expect(hasLeft == [true, false])
        line.end(runs[0])
        let last = line.next()
        #expect(last == runs[2])
    }

    @Test func theTimeThatIsLeftFollowsThePace() throws {
        let start = ContinuousClock.now
        var left = TimeLeft(from: 0, at: start)
        let early = left.note(0.01, at: start + .seconds(1))
        #expect(early == nil)
        var estimate: Double?
        for step in 2...50 { estimate = left.note(Double(step) / 100, at: start + .seconds(step)) }
        let halfWay = try #require(estimate)
        #expect(abs(halfWay - 50) < 0.1)
        // Where nothing moves what has passed is taken off, and never more than all.
        let noted = left.note(0.5, at: start + .seconds(60))
        let later = try #require(noted)
        #expect(abs(later - 40) < 0.1)
        let late = left.note(0.5, at: start + .seconds(500))
        #expect(late == 0)
        // A run that goes on from the middle has its own pace.
        var resumed = TimeLeft(from: 0.5, at: start)
        let notedAfterwards = resumed.note(0.75, at: start + .seconds(10))
        let rest = try #require(notedAfterwards)
        #expect(abs(rest - 10) < 0.1)
        // One that finds its first steps done tells nothing by them.
        var found = TimeLeft(from: 0, at: start)
        let atOnce = found.note(0.4, at: start + .milliseconds(20))
        #expect(atOnce == nil)
        let soon = found.note(0.41, at: start + .seconds(2))
        #expect(soon == nil)
        let known = found.note(0.5, at: start + .seconds(20))
        let remaining = try #require(known)
        #expect(abs(remaining - 100) < 5)
    }

    private static func withFolder(_ body: (RunFolder) throws -> Void) throws {
        let runs = FileManager.default.temporaryDirectory.appending(path: "switchboard-runs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: runs) }
        let folder = RunFolder(Bits128(9), in: runs.path)
        try folder.make()
        try body(folder)
    }

    @Test func whatARunWritesIsReadAgain() throws {
        try Self.withFolder { folder in
            var settings = DiscoverySettings()
            settings.seed = 7
            let request = DiscoveryStartRequest(pool: "calls.csv", verticals: [.default], settings: settings)
            let asked = RunSettings(request: request, author: "ana", startedMicroseconds: 12)
            try folder.write(asked)
            #expect(try folder.readSettings() == asked)
            let utterances = [
                DiscoveryUtterance(
                    text: try UtteranceText("wo ist mein Päckchen"),
                    vertical: .default,
                    role: .agent,
                    calls: 3,
                    places: [.init(conversation: "c1", turn: 2)],
                    origin: [0, 255]
                ),
                DiscoveryUtterance(text: try UtteranceText("hello"), vertical: .default),
            ]
            try folder.write(utterances)
            #expect(try folder.readUtterances() == utterances)
            var summary = RunSummary(
                run: folder.id,
                settings: settings,
                startedMicroseconds: 12,
                progress: RunProgress(phase: .finished, fraction: 1)
            )
            summary.proposals = 4
            let step = TrajectoryCount.Step(proposal: Bits128(3), role: .caller, name: "cancel-order")
            let outcome = KeptOutcome(
                summary: summary,
                trajectories: [TrajectoryCount(vertical: .default, steps: [step], conversations: 2)],
                notes: ["nothing was tuned"]
            )
            try folder.write(outcome)
            #expect(try folder.readOutcome() == outcome)
            #expect(try folder.countAttempt() == 1)
            #expect(try folder.countAttempt() == 2)
            folder.removeWork()
            #expect(try folder.readUtterances() == nil)
            #expect(try folder.countAttempt() == 1)
            #expect(RunFolder.all(in: (folder.path as NSString).deletingLastPathComponent).map(\.id) == [folder.id])
        }
    }

    @Test func onlyEndsWithoutANewStageCountAgainstARun() async throws {
        let runs = FileManager.default.temporaryDirectory.appending(path: "switchboard-runs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: runs) }
        let folder = RunFolder(Bits128(9), in: runs.path)
        try folder.make()
        let checkpoints = FolderCheckpoints(folder, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        #expect(try folder.countAttempt() == 1)
        #expect(try folder.countAttempt() == 2)
        try await checkpoints.save("partition-0", [1])
        #expect(try folder.countAttempt() == 1)
        // The same again is no way forward.
        try await checkpoints.save("partition-0", [1])
        #expect(try folder.countAttempt() == 2)
    }

    @Test(arguments: ["settings", "utterances"])
    func aDamagedFileIsTold(name: String) throws {
        try Self.withFolder { folder in
            try folder.write(RunSettings(request: DiscoveryStartRequest(), author: "", startedMicroseconds: 1))
            try folder.write([DiscoveryUtterance(text: try UtteranceText("hello"), vertical: .default)])
            let path = "\(folder.path)/\(name)"
            var bytes = try #require(FileManager.default.contents(atPath: path))
            bytes[bytes.count - 2] ^= 1
            try bytes.write(to: URL(filePath: path))
            let error = #expect(throws: SwitchboardError.self) {
                if name == "settings" { _ = try folder.readSettings() } else { _ = try folder.readUtterances() }
            }
            #expect(error?.code == .dataLoss)
        }
    }
}

import Core
import Foundation
import Logging
import SwitchboardClient
import Testing
import UpdateStore
import Updating
import Wire

/// What a whole node is after a purge, and after a restore.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PurgeAndRestoreTests {
    private static let needle = "call me back on 0123 456789 please"

    @Test func whatIsErasedDecidesNothingAndIsInNoFile() async throws {
        let folder = NodeFixture.makeFolder()
        var fixture = try await NodeFixture(folder: folder)
        _ = try await fixture.add(NodeFixture.pairs + [(Self.needle, "account/call")])
        #expect(try await fixture.client.classify(Self.needle).decidedBy == .exact)
        let id = ExemplarID(vertical: try Vertical("shop"), text: try UtteranceText(Self.needle))
        let receipt = try await fixture.client.purge(.exemplars([id]), change: "purge-1", author: "tests")
        #expect(receipt.removed == 1 && receipt.blanked == 1)
        #expect(receipt.behind.isEmpty)
        let after = try await fixture.client.classify(Self.needle)
        #expect(after.decidedBy == .retrieval)
        #expect(after.seq == receipt.position.sequence.number)
        #expect(try await fixture.client.classify(NodeFixture.pairs[0].0).decidedBy == .exact)
        await fixture.stop(keepingFolder: true)

        let names = try #require(FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String])
        for name in names {
            let bytes = FileManager.default.contents(atPath: "\(folder.path)/\(name)")
            #expect(bytes?.range(of: Data(Self.needle.utf8)) == nil, "\(name)")
        }
        fixture = try await NodeFixture(folder: folder)
        let again = try await fixture.client.classify(Self.needle)
        #expect(again.candidates == after.candidates)
        #expect(again.seq == after.seq)
        await fixture.stop()
    }

    @Test func aTrimmedLogThatWasRestoredIsServed() async throws {
        let (folder, place) = (NodeFixture.makeFolder(), NodeFixture.makeFolder())
        defer { try? FileManager.default.removeItem(at: place) }
        var fixture = try await NodeFixture(folder: folder)
        let reply = try await fixture.add(NodeFixture.pairs)
        _ = try await fixture.add([(Self.needle, "account/call")])
        let second = reply.receipt.position.sequence.next
        #expect(try await fixture.client.trimLog(before: second) == second)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        _ = try await DataBackup(of: folder.path, to: place.path + "/backup").run()
        let before = try await fixture.client.classify(NodeFixture.pairs[0].0)
        await fixture.stop()

        let report = try await DataRestore(
            of: place.path + "/backup",
            to: place.path + "/data",
            renewSnapshots: SnapshotKeeper.renewal(logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        ).run()
        fixture = try await NodeFixture(folder: place.appending(path: "data"))
        let after = try await fixture.client.classify(NodeFixture.pairs[0].0)
        #expect(after.candidates == before.candidates)
        #expect(after.logID == report.head.log.description)
        #expect(try await fixture.client.classify(Self.needle).decidedBy == .exact)
        await fixture.stop()
    }

    @Test func aMinSeqFromBeforeARestoreIsRefused() async throws {
        let (folder, place) = (NodeFixture.makeFolder(), NodeFixture.makeFolder())
        defer { try? FileManager.default.removeItem(at: place) }
        var fixture = try await NodeFixture(folder: folder)
        let reply = try await fixture.add(NodeFixture.pairs)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        _ = try await DataBackup(of: folder.path, to: place.path + "/backup").run()
        let before = try await fixture.client.classify(NodeFixture.pairs[0].0)
        await fixture.stop()

        let report = try await DataRestore(of: place.path + "/backup", to: place.path + "/data").run()
        fixture = try await NodeFixture(folder: place.appending(path: "data"))
        var options = SwitchboardClient.ClassifyOptions()
        let after = try await fixture.client.classify(NodeFixture.pairs[0].0, options: options)
        #expect(after.intent == before.intent)
        #expect(after.logID == report.head.log.description)
        #expect(after.logID != before.logID)
        options.minSeq = reply.receipt.position.sequence.number
        options.minLogID = before.logID
        let asked = options
        await #expect {
            _ = try await fixture.client.classify(NodeFixture.pairs[0].0, options: asked)
        } throws: { ($0 as? ClientError)?.status == "FAILED_PRECONDITION" }
        await fixture.stop()
    }
}

import ArgumentParser
import Core
import Foundation
import SwitchboardClient
import Testing
import Wire

@testable import SwitchboardClient
@testable import switchboard

struct PurgeWordsTests {
    private static let receipt = PurgeReceipt(
        position: LogPosition(log: Bits128(7), sequence: LogSequence(2_401)),
        removed: 1,
        blanked: 1_200,
        feedback: 2,
        behind: ["b/retriever"]
    )

    @Test func saysWhatWouldGo() {
        let words = IndexPurgeCommand.Report(Self.receipt, changeID: "purge-1", isDryRun: true).words
        #expect(words == "would erase 1 exemplar, 1,200 records of the log and 2 words of feedback")
    }

    @Test func addsUpSeveralCalls() {
        var report = IndexPurgeCommand.Report(Self.receipt, changeID: "purge-1", isDryRun: false)
        report.add(Self.receipt)
        #expect(report.words.contains("erased 2 exemplars, 2,400 records of the log and 4 words of feedback"))
        #expect(report.words.contains("change purge-1, record 2,401"))
        #expect(report.words.contains("not yet applied by b/retriever"))
    }

    @Test func whatTakesLongerThanACallIsAskedAboutByTheSameID() async throws {
        var operations: Set<[UInt8]> = []
        var calls = 0
        var said: [String] = []
        let receipt = try await IndexPurgeCommand.patiently(saying: { said.append($0) }) {
            (operation) async throws(ClientError) in
            operations.insert(operation)
            calls += 1
            if calls < 3 { throw ClientErrors.late }
            return Self.receipt
        }
        #expect(receipt == Self.receipt)
        #expect(calls == 3 && operations.count == 1 && said.count == 1)
        await #expect(throws: ClientError.self) {
            _ = try await IndexPurgeCommand.patiently(saying: { _ in }) { (_) async throws(ClientError) in
                throw ClientErrors.unavailable
            }
        }
    }

    @Test func saysWhereThereIsNothing() {
        let receipt = PurgeReceipt(position: LogPosition(log: Bits128(7), sequence: LogSequence(3)))
        let report = IndexPurgeCommand.Report(receipt, changeID: "purge-1", isDryRun: false)
        #expect(!report.isSomething)
        #expect(report.words == "there is nothing to erase")
    }

    @Test func aReportHasTheNamesOfTheContract() throws {
        let line = try JSONLine.encode(IndexPurgeCommand.Report(Self.receipt, changeID: "purge-1", isDryRun: false))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "exemplars", "records", "feedback", "dry_run", "change_id", "log_id", "seq", "behind",
            ]
        )
    }

    @Test func withAClustererItSaysWhatGoesThereToo() throws {
        var report = IndexPurgeCommand.Report(Self.receipt, changeID: "purge-1", isDryRun: true)
        report.add(DiscoveryPurgeResponse(entries: 3, proposals: 1))
        #expect(report.words.hasSuffix("2 words of feedback, 3 utterances of the pool and parts of 1 proposal"))
        let object = try JSONSerialization.jsonObject(with: Data(try JSONLine.encode(report).utf8)) as? [String: Any]
        #expect(object?["pool_entries"] as? Int == 3 && object?["proposals"] as? Int == 1)
        let nothing = PurgeReceipt(position: LogPosition(log: Bits128(7), sequence: LogSequence(3)))
        var pool = IndexPurgeCommand.Report(nothing, changeID: "purge-1", isDryRun: true)
        pool.add(DiscoveryPurgeResponse(entries: 1, proposals: 0))
        #expect(pool.isSomething)
    }

    @Test func onlyWhereNobodyIsThereThePoolIsPassedOver() {
        let noAnswer = SwitchboardError(.unavailable, "no node answers at tcp://h:1: the connection was refused")
        #expect(PoolErasure.saysNobodyIsThere(ClientError(noAnswer)))
        #expect(PoolErasure.saysNobodyIsThere(ClientError(SwitchboardError(.unimplemented, "no such method"))))
        #expect(!PoolErasure.saysNobodyIsThere(ClientError(SwitchboardError(.unavailable, "the disk is full"))))
        #expect(!PoolErasure.saysNobodyIsThere(ClientError(SwitchboardError(.permissionDenied, "no"))))
    }

    @Test func aPoolThatWasNotLookedAtIsToldWithTheNextStep() throws {
        let place = try NodePlace(connect: ["tcp://h:7700"], updater: nil, environment: [:])
        let words = IndexPurgeCommand.missingPool(at: place)
        #expect(words.hasPrefix("no clusterer answers at tcp://h:7703, so no pool was looked at"))
        #expect(words.contains("--discovery ADDRESS") && words.contains("--no-pool"))
        #expect(PoolErasure(place).isThere && !PoolErasure(place, isLeftOut: true).isThere)
        let nowhere = try NodePlace(connect: ["ipc:///run/s"], updater: nil, environment: [:])
        #expect(IndexPurgeCommand.missingPool(at: nowhere).contains("no address of one is known"))
        #expect(try IndexPurgeCommand.parse(["--text", "a", "--no-pool"]).noPool)
    }

    @Test func namesWhatIsToBeErased() throws {
        let text = try UtteranceText("one")
        let shop = try Vertical("shop")
        func selection(text: String? = nil, id: String? = nil, origin: String? = nil, vertical: String? = nil) throws
            -> PurgeSelection
        {
            try IndexPurgeCommand.selection(text: text, id: id, origin: origin, vertical: vertical)
        }
        let ofDefault = ExemplarID(vertical: .default, text: text)
        #expect(try selection(text: " one ") == .exemplars([ofDefault]))
        #expect(try selection(text: "one", vertical: "shop") == .exemplars([ExemplarID(vertical: shop, text: text)]))
        #expect(try selection(id: ofDefault.description) == .exemplars([ofDefault]))
        #expect(try selection(origin: "ann") == .origin(Array("ann".utf8), in: nil))
        #expect(try selection(origin: "ann", vertical: "shop") == .origin(Array("ann".utf8), in: shop))
        #expect(try selection(vertical: "shop") == .vertical(shop))
        #expect { try selection(id: "12") } throws: { ($0 as? SwitchboardError)?.code == .invalidArgument }
    }

    @Test(arguments: [
        [], ["--text", "a", "--id", "b"], ["--text", "a", "--origin", "b"], ["--id", "a", "--vertical", "b"],
        ["--text", "a", "--no-pool", "--discovery", "tcp://h:7703"],
    ])
    func refusesWhatDoesNotSayWhat(words: [String]) {
        #expect(throws: (any Error).self) { _ = try IndexPurgeCommand.parse(words) }
    }

    @Test func findsTheDataDirectory() {
        #expect(DataPlace.path(nil, environment: ["HOME": "/home/a"]) == "/home/a/.local/share/switchboard")
        #expect(DataPlace.path(nil, environment: ["HOME": "/home/a", "SWITCHBOARD_DATA": "/data"]) == "/data")
        #expect(DataPlace.path("/flag", environment: ["SWITCHBOARD_DATA": "/data"]) == "/flag")
    }
}

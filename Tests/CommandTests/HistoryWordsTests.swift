import ArgumentParser
import Core
import Foundation
import Testing
import Wire

@testable import SwitchboardClient
@testable import switchboard

/// What history, rename, merge, undo and rollback say.
struct HistoryWordsTests {
    private let undo = NameReport.Deed(planned: "undo a", done: "undone a")

    private func receipt(_ change: (inout AppendReceipt) -> Void) -> PublishReceipt {
        var receipt = AppendReceipt(
            operation: [1],
            change: Array("undo-7-1a2b3c4d".utf8),
            position: LogPosition(log: LogID(7), sequence: LogSequence(1_234))
        )
        change(&receipt)
        return PublishReceipt(AppendReply(receipt: receipt), numbers: [])
    }

    @Test func sayWhatChangedAndWhatWasLeft() throws {
        let done = receipt { receipt in
            receipt.added = 1
            receipt.removed = 2
            receipt.merged = 1
            receipt.policies = 2
            receipt.left = [LeftThing(.policy(.everywhere), "set anew since by change x")]
            receipt.leftCount = 12
        }
        let words = NameReport(done, isDryRun: false).words(undo)
        #expect(
            words.hasPrefix(
                "undone a: 1 exemplar added, 2 exemplars removed, 1 intent merged, 2 policies set (change "
                    + "undo-7-1a2b3c4d, record 1,234)"
            )
        )
        #expect(words.contains("left as it is: policy *, set anew since by change x"))
        #expect(words.contains("and 2 more"))
    }

    @Test func aDryRunSaysThatNothingWasDone() throws {
        let nothing = NameReport(receipt { _ in }, isDryRun: true)
        #expect(nothing.words(undo) == "would undo a: nothing changes")
        let json = try JSONLine.encode(nothing)
        #expect(json.contains("\"dry_run\":true") && json.contains("\"seq\":1234"))
    }

    @Test func aLineOfHistoryNamesItsChange() throws {
        let entry = HistoryEntry(
            stamp: OperationStamp(
                operation: [0xFF],
                change: Array("load-1".utf8),
                source: "index load",
                author: "ana",
                timeMicroseconds: 1_700_000_000_000_000
            ),
            first: LogSequence(3),
            last: LogSequence(9),
            counts: [KindCount(kind: .exemplarUpserted, count: 6), KindCount(kind: .intentSet, count: 1)],
            verticals: [try Vertical("shop")]
        )
        let line = HistoryLine(entry)
        #expect(line.operationID == "0xff")
        #expect(
            HistoryText.words(line)
                == "2023-11-14T22:13:20Z  3-9  6 upsert, 1 set_intent  in shop  index load by ana  change load-1"
        )
    }

    @Test func whoWritesALogWritesNoLinesOfItsHistory() throws {
        let stamp = OperationStamp(
            operation: [1],
            change: [2],
            source: "index\u{1B}[2Jload",
            author: "ana\n2024 ben",
            timeMicroseconds: 1_700_000_000_000_000
        )
        let place = LogSequence(3)
        let entry = HistoryEntry(stamp: stamp, first: place, last: place, counts: [], verticals: [])
        let words = HistoryText.words(HistoryLine(entry))
        #expect(words.contains("index?[2Jload by ana?2024 ben"))
    }

    @Test(arguments: [[0x61, 0x62], [0xFF, 0x00], [0x0A], Array("0x61".utf8), Array("K\u{E4}fer".utf8)] as [[UInt8]])
    func changeIDsThatAreNoTextGoThereAndBack(_ bytes: [UInt8]) throws {
        #expect(try ChangeName.bytes(ChangeName.text(bytes)) == bytes)
    }

    @Test(arguments: ["", "0x", "0xf", "0xzz", String(repeating: "x", count: 65)])
    func whatIsNoChangeIDIsRefused(_ text: String) {
        #expect(throws: SwitchboardError.self) { try ChangeName.bytes(text) }
    }

    @Test func theCommandsTakeTheirArguments() throws {
        let rollback = try IndexRollbackCommand.parse(["--to", "12", "--vertical", "shop", "--yes"])
        #expect(rollback.to == 12 && rollback.vertical == "shop" && rollback.consent.yes)
        let merge = try IndexMergeCommand.parse(["a/b", "c", "--dry-run"])
        #expect(merge.path == "a/b" && merge.target == "c" && merge.consent.dryRun)
        let history = try IndexHistoryCommand.parse(["--limit", "0", "--oldest-first"])
        #expect(history.limit == 0 && history.oldestFirst)
        #expect(throws: (any Error).self) { try IndexMergeCommand.parse(["a", "b", "--dry-run", "--yes"]) }
        #expect(throws: (any Error).self) { try IndexHistoryCommand.parse(["--limit", "-1"]) }
        #expect(throws: (any Error).self) { try IndexRollbackCommand.parse([]) }
    }
}

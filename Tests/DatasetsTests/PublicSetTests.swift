import Core
import Foundation
import Testing

@testable import Datasets

/// Where the public sets are, if somebody has them: `SWITCHBOARD_DATASETS`.
private let publicSets = ProcessInfo.processInfo.environment["SWITCHBOARD_DATASETS"].flatMap { $0.isEmpty ? nil : $0 }

/// The readers against the published files, by counts that their authors give.
@Suite(.enabled(if: publicSets != nil, "SWITCHBOARD_DATASETS is not set: nothing is read of the public sets"))
struct PublicSetTests {
    private func reader(_ path: String, requiresIntent: Bool = true) throws -> DatasetReader {
        try DatasetReader(
            DatasetLocation(try #require(publicSets) + "/" + path),
            requiresIntent: requiresIntent
        )
    }

    @Test(arguments: [
        ("banking77/train.csv", DatasetFormat.csv, 10_003, 77),
        ("banking77/test.csv", .csv, 3_080, 77),
        ("clinc150/data_full.json#train", .clinc150, 15_000, 150),
        ("clinc150/data_full.json#val", .clinc150, 3_000, 150),
        ("clinc150/data_full.json#test", .clinc150, 4_500, 150),
        ("clinc150/data_full.json#oos_test", .clinc150, 1_000, 1),
        ("few-shot-splits/BANKING77/train", .linesDirectory, 8_622, 77),
        ("few-shot-splits/CLINC150/test", .linesDirectory, 4_500, 150),
        ("few-shot-splits/CLINC150/oos/test", .linesDirectory, 1_000, 1),
        ("few-shot-splits/HWU64/valid", .linesDirectory, 1_076, 64),
        ("hwu64/kfold1/train", .hwu, 9_960, 64),
        ("hwu64/kfold1/test", .hwu, 1_076, 64),
        ("dstc11/development/test-utterances.jsonl", .jsonl, 913, 22),
        ("dstc11/test-banking/test-utterances.jsonl", .jsonl, 407, 18),
        ("dstc11/test-banking/task1-turns-with-gold-and-baseline.jsonl", .jsonl, 1_503, 29),
        ("clusterllm-benchmarks/banking77/small.jsonl", .jsonl, 3_080, 77),
        ("clusterllm-benchmarks/clinc/large.jsonl", .jsonl, 15_000, 150),
    ])
    func countsRowsAndIntents(path: String, format: DatasetFormat, rows: Int, intents: Int) throws {
        let reader = try reader(path)
        #expect(reader.format == format)
        let read = try reader.rest()
        #expect(read.count == rows)
        #expect(Set(read.compactMap(\.path)).count == intents)
        #expect(read.allSatisfy { $0.isOutOfScope == (intents == 1) })
    }

    @Test func agreesAcrossFormats() throws {
        let table = try reader("banking77/test.csv").rest()
        let lines = try reader("few-shot-splits/BANKING77/test").rest()
        #expect(table.map(\.path) == lines.map(\.path))
        let document = try reader("clinc150/data_full.json#test").rest()
        let split = try reader("few-shot-splits/CLINC150/test").rest()
        #expect(Set(document.map(\.text.value)) == Set(split.map(\.text.value)))
    }

    @Test(arguments: [("finance", 21_741, 2_406), ("insurance", 19_732, 2_321), ("media", 17_033, 2_420)])
    func readsMultiDoGO(domain: String, turns: Int, conversations: Int) throws {
        var rows: [LabelledUtterance] = []
        var skipped = 0
        for split in ["train", "dev", "test"] {
            let reader = try reader("multidogo/turn/\(domain)/\(split).tsv")
            #expect(reader.format == .multidogo)
            rows += try reader.rest()
            skipped += reader.tally.skippedEmpty
        }
        // As Python's csv module counts the same files; an empty utterance is a record there.
        #expect(rows.count + skipped == turns)
        #expect(Set(rows.map(\.conversation)).count == conversations)
        #expect(rows.allSatisfy { $0.role == .caller && $0.path != nil })
    }

    @Test func readsSTAR() throws {
        let reader = try reader("star-bank/dialogues", requiresIntent: false)
        #expect(reader.format == .star)
        let rows = try reader.rest()
        #expect(rows.count { $0.role == .caller } == 3_605)
        #expect(rows.count { $0.role == .agent } == 3_586)
        // Of the 519 dialogues 40 were broken off before anybody spoke.
        #expect(Dialogue.gather(rows).count == 479)
        let tasks = Dictionary(grouping: rows.filter { $0.role == .caller }.compactMap(\.path), by: \.description)
        #expect(tasks.mapValues(\.count) == ["bank/bank_fraud_report": 413, "bank/bank_balance": 66])
    }

    @Test func countsSeveralIntents() throws {
        let reader = try reader("dstc11/development/intended_utterances.jsonl")
        #expect(try reader.rest().count == 1_205)
        #expect(reader.tally.severalIntents == 25)
    }

    @Test func exportsWhatLoadsAgain() throws {
        let rows = try reader("banking77/train.csv").rest()
        let written = rows.map(JSONLinesWriter.line).joined()
        let scratch = try Scratch()
        let file = try scratch.file("export.jsonl", written)
        #expect(try DatasetReader.readAll(file).map(JSONLinesWriter.line).joined() == written)
    }
}

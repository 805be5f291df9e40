import Core
import Foundation
import Testing
import Wire

@testable import SwitchboardClient

/// How pairs become batches.
struct BatchAssemblyTests {
    private func command(_ text: String, vector: [Float] = []) throws -> LogCommand {
        .upsert(
            UpsertCommand(
                vertical: .default,
                text: try UtteranceText(text),
                path: try IntentPath("a/b"),
                vector: vector,
                encoder: vector.isEmpty ? nil : ModelID(bytes: [UInt8](repeating: 1, count: 32))
            )
        )
    }

    @Test func batchesHaveConsecutiveOperationsOfOneChange() throws {
        var options = PublishOptions()
        options.batchPairs = 2
        options.source = "tests"
        options.onConflict = .reject
        options.createsIntents = false
        var assembly = try BatchAssembly(options, change: "c")
        #expect(assembly.isEmpty)
        assembly.add(try command("one"), number: 11)
        #expect(!assembly.isFull)
        assembly.add(try command("two"), number: 13)
        #expect(assembly.isFull)
        #expect(assembly.firstNumber == 11)
        let first = assembly.take()
        #expect(first.numbers == [11, 13])
        #expect(first.batch.operation == Array("c/1".utf8))
        #expect(first.batch.change == Array("c".utf8))
        #expect(first.batch.source == "tests")
        #expect(first.batch.onConflict == .reject)
        #expect(first.batch.refusesNewIntents)
        assembly.add(try command("three"), number: 14)
        #expect(assembly.take().batch.operation == Array("c/2".utf8))
    }

    @Test func neverMoreThanANodeAccepts() throws {
        var options = PublishOptions()
        options.batchPairs = 100_000
        var assembly = try BatchAssembly(options, change: "c")
        let long = String(repeating: "x", count: 8_000)
        var batches: [AppendBatch] = []
        for number in 0..<3_000 {
            // 384 figures each are yet to be made of these.
            let command = try command("\(number) " + (number.isMultiple(of: 3) ? long : "short"))
            if !assembly.hasRoom(for: command) { batches.append(assembly.take().batch) }
            assembly.add(command, number: number)
            if assembly.isFull { batches.append(assembly.take().batch) }
        }
        if !assembly.isEmpty { batches.append(assembly.take().batch) }
        #expect(batches.reduce(0) { $0 + $1.commands.count } == 3_000)
        for batch in batches {
            #expect(batch.commands.count <= AppendBatch.maximumCommands)
            var whole = batch
            for place in whole.commands.indices {
                guard case .upsert(var upsert) = whole.commands[place] else { continue }
                upsert.vector = [Float](repeating: 0.05, count: 384)
                upsert.encoder = ModelID(bytes: [UInt8](repeating: 1, count: 32))
                whole.commands[place] = .upsert(upsert)
            }
            #expect(AppendRequest(batch: whole).encoded().count <= AppendBatch.maximumBytes)
        }
        #expect(batches.count < 12, "batches are filled")
    }

    @Test(arguments: ["", String(repeating: "x", count: 49)])
    func changeIDsHaveALength(change: String) {
        #expect(throws: SwitchboardError.self) { try BatchAssembly(PublishOptions(), change: change) }
    }

    @Test func changeIDsSayWhatAndWhen() {
        let id = ChangeID.make("load", at: Date(timeIntervalSince1970: 1_795_260_615), random: 0x1a2b)
        #expect(id == "load-20261121T113015Z-00001a2b")
        #expect(ChangeID.make("load") != ChangeID.make("load"))
        #expect(ChangeID.make("set-intent").utf8.count <= BatchAssembly.maximumChangeBytes)
    }
}

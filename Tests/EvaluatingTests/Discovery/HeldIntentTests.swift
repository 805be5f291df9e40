import Core
import Datasets
import Foundation
import Testing

@testable import Evaluating

struct HeldIntentTests {
    private static func data(sizes: [String: Int]) throws -> DemoData {
        let rows = sizes.sorted { $0.key < $1.key }.flatMap { intent, size in
            (0..<size).map { #"{"text": "\#(intent) number \#($0)", "intent": "\#(intent)"}"# }
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("held-\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(rows.joined(separator: "\n").utf8).write(to: file)
        return try DemoData(file: file.path, format: .jsonl, seed: 1)
    }

    @Test func theHeldIntentIsNeitherStreamedNorAskedAndItsCallersAreApart() throws {
        let data = try Self.data(sizes: ["a": 20, "b": 20, "c": 20, "d": 20])
        let known = try #require(data.train.first?.gold)
        let all = data.train + data.test
        let held = try data.holdingBack(known.path, seed: 1)
        #expect(!(held.train + held.test).contains { $0.gold == known })
        #expect(held.train.count + held.test.count == all.count - 20)
        #expect(held.newIntent.count == 15 && held.newQuestions.count == 5)
        let callers = held.newIntent + held.newQuestions
        #expect(Set(callers) == Set(all.filter { $0.gold == known }))
    }

    @Test func withoutANameTheLargestIntentIsHeldBack() throws {
        // One is held back by the reading already, so that two large ones leave one.
        let data = try Self.data(sizes: ["a": 4, "b": 40, "c": 41, "d": 5])
        let held = try data.holdingBack(seed: 1)
        #expect(held.newIntent.count >= 35)
    }

    @Test func anIntentOfFewUtterancesCannotBeDiscovered() throws {
        let data = try Self.data(sizes: ["a": 6, "b": 6, "c": 6])
        let known = try #require(data.train.first?.gold)
        #expect(throws: SwitchboardError.self) { try data.holdingBack(known.path, seed: 1) }
        let unknown = try IntentPath("nobody/knows")
        #expect(throws: SwitchboardError.self) { try data.holdingBack(unknown, seed: 1) }
    }
}

import Core
import Foundation
import Testing

@testable import UpdateStore

/// Random operations against a model of the log, with restarts in between.
///
/// `SWITCHBOARD_MODEL_OPERATIONS` sets how many (default 5,000), `SWITCHBOARD_MODEL_SEED` repeats a run.
@Suite struct LogModelTests {
    @Test(.timeLimit(.minutes(30))) func randomOperationsDoWhatTheModelSays() async throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SWITCHBOARD_MODEL_OPERATIONS"].flatMap { Int($0) } ?? 5_000
        let seed = environment["SWITCHBOARD_MODEL_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        print("log model: \(count) operations, seed \(seed)")
        var batches = RandomBatches(seed: seed)
        let folder = try TemporaryFolder()
        var log = try UpdateLog(in: DataDirectory(folder.path), recentBytes: 100_000)
        var model = ModelLog(log: log.id)
        var epoch = log.epoch
        for step in 0..<count {
            let batch = batches.next()
            let expected = model.append(batch)
            let answer = await answer(log, batch)
            guard answer == expected else {
                Issue.record("step \(step), seed \(seed): the log answers \(answer), the model \(expected) to \(batch)")
                return
            }
            try #require(log.head.position.sequence.number == model.head, "step \(step), seed \(seed)")
            if step % 97 == 0 { try #require(log.head.digest == model.digest, "step \(step), seed \(seed)") }
            if step % 499 == 498 {
                try await log.close()
                log = try UpdateLog(in: DataDirectory(folder.path), recentBytes: 100_000)
                try #require(log.epoch == epoch + 1)
                epoch = log.epoch
                try await compare(log, model, "step \(step), seed \(seed)")
            }
        }
        try await compare(log, model, "the end, seed \(seed)")
    }

    /// The log's answer, without the words of its refusals.
    private func answer(_ log: UpdateLog, _ batch: AppendBatch) async -> ModelLog.Answer {
        do {
            var receipt = try await log.append(batch)
            receipt.refusals = receipt.refusals.map { Refusal(command: $0.command, reason: "") }
            return .receipt(receipt)
        } catch {
            return .refused(error.code)
        }
    }

    private func compare(_ log: UpdateLog, _ model: ModelLog, _ place: String) async throws {
        #expect(log.head.digest == model.digest, "\(place)")
        #expect(log.taxonomy.all == model.intents.sorted { $0.id < $1.id }, "\(place)")
        #expect(log.policies.mapValues(\.policy) == model.policies, "\(place)")
        var facts: [LogFact] = []
        var end = LogSequence.start
        while true {
            let operations = try await log.operations(after: end, limit: ReadLimit(records: 300))
            guard let last = operations.last else { break }
            for record in operations.flatMap(\.records) {
                try #require(record.sequence == end.next, "\(place)")
                end = record.sequence
                facts.append(record.fact)
            }
            #expect(end == last.last)
        }
        try #require(facts == model.facts, "\(place)")
        let export = try await log.export()
        let exported = try await export.page(after: .start, limit: 100_000).exemplars
        let expected = model.live.sorted { $0.value.since < $1.value.since }
        #expect(exported.map(\.text) == expected.map(\.key.text), "\(place)")
        #expect(exported.map(\.path) == expected.map(\.value.path), "\(place)")
        #expect(exported.map(\.vector) == expected.map(\.value.vector), "\(place)")
        #expect(exported.map(\.sequence.number) == expected.map(\.value.record), "\(place)")
        for count in log.statistics().verticals {
            #expect(count.exemplars == model.live.keys.count { $0.vertical == count.vertical }, "\(place)")
            #expect(count.intents == model.intents.count { $0.vertical == count.vertical }, "\(place)")
        }
        let check = try await log.check()
        #expect(check.isWhole, "\(place): \(check.fault ?? "")")
    }
}

/// Batches over few texts and paths, so that conflicts, removals and repeats are frequent.
private struct RandomBatches {
    private var random: SeededGenerator
    private var sent: [AppendBatch] = []
    private var number = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func next() -> AppendBatch {
        number += 1
        if number == 1, let first = try? Samples.upsert("first", "level 0") {
            // The first exemplar fixes the encoder.
            return Samples.batch("first", [first])
        }
        if !sent.isEmpty, Int.random(in: 0..<12, using: &random) == 0 {
            var again = sent[Int.random(in: 0..<sent.count, using: &random)]
            if Bool.random(using: &random) { again.commands = commands() }
            return again
        }
        let batch = Samples.batch(
            "operation \(number)",
            onConflict: ConflictRule.allCases.randomElement(using: &random) ?? .relabel,
            refusesNewIntents: Int.random(in: 0..<4, using: &random) == 0,
            commands()
        )
        sent.append(batch)
        return batch
    }

    private mutating func commands() -> [LogCommand] {
        (0..<Int.random(in: 1...6, using: &random)).map { _ in command() }
    }

    private mutating func command() -> LogCommand {
        do {
            let vertical = ["default", "devices"].randomElement(using: &random) ?? "default"
            let text = "text \(Int.random(in: 0..<40, using: &random))"
            switch Int.random(in: 0..<20, using: &random) {
            case 0...11:
                let isBare = Int.random(in: 0..<8, using: &random) == 0
                let isForeign = Int.random(in: 0..<60, using: &random) == 0
                return try Samples.upsert(
                    text,
                    path(),
                    vertical: vertical,
                    vector: isBare ? [] : Samples.vector(Int.random(in: 0..<1000, using: &random)),
                    encoder: isForeign ? Samples.otherEncoder : Samples.encoder
                )
            case 12...15:
                return try Samples.remove(text, vertical: vertical)
            case 16...17:
                return try Samples.set(
                    path(),
                    vertical: vertical,
                    description: word(),
                    phrase: word(),
                    attributes: Bool.random(using: &random) ? [:] : ["queue": word() ?? "", "skill": word() ?? ""],
                    isEnabled: [nil, true, false].randomElement(using: &random) ?? nil
                )
            default:
                let scope: PolicyScope =
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: .everywhere
                    case 1: .builtin
                    default: .vertical(try Vertical(vertical))
                    }
                let k = Int.random(in: 0..<4, using: &random)
                return .setPolicy(PolicySet(scope: scope, policy: k == 0 ? nil : Samples.policy(k: k)))
            }
        } catch {
            preconditionFailure("the names above are valid: \(error)")
        }
    }

    private mutating func path() -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            "level \(Int.random(in: 0..<3, using: &random))"
        }.joined(separator: "/")
    }

    private mutating func word() -> String? {
        [nil, "", "one", "two"].randomElement(using: &random) ?? nil
    }
}

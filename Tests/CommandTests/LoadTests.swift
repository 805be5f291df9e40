import Calls
import Core
import Datasets
import Foundation
import Node
import SwitchboardClient
import Testing
import Wire

@testable import switchboard

/// Loading, rehearsing and exporting against a node with the real encoder.
@Suite(.timeLimit(.minutes(5)))
struct LoadTests {
    private static let pairs = [
        ("my parcel never showed up", "delivery/lost"), ("the courier lost my package", "delivery/lost"),
        ("where is the box you shipped last week", "delivery/track"), ("when does my order arrive", "delivery/track"),
        ("i want my money back", "refund/ask"), ("please refund the broken kettle", "refund/ask"),
        ("i forgot my password", "account/password"), ("cannot log in any more", "account/password"),
    ]

    private static func jsonl(_ pairs: [(String, String)]) -> String {
        pairs.map { "{\"text\": \"\($0.0)\", \"intent\": \"\($0.1)\", \"vertical\": \"shop\"}\n" }.joined()
    }

    private func source(_ path: String, fromLine: Int = 1) -> PairSource {
        PairSource(
            location: DatasetLocation(path: path),
            format: nil,
            fromLine: fromLine,
            vertical: .default,
            takesOutOfScope: false
        )
    }

    private func load(
        _ path: String,
        _ client: SwitchboardClient,
        fromLine: Int = 1,
        batchPairs: Int = 3,
    ) async throws -> (LoadReport, CommandFailure?) {
        var options = PublishOptions()
        options.batchPairs = batchPairs
        let run = LoadRun(
            source: source(path, fromLine: fromLine),
            options: options,
            advice: ResumeAdvice(arguments: ["switchboard", "index", "load", path])
        )
        return try await run.run(client, Interrupt())
    }

    private func exported(_ client: SwitchboardClient, withVectors: Bool = false) async throws -> String {
        let stream = try await client.exported(ExportRequest(withVectors: withVectors))
        let encoder = withVectors ? try await client.statistics().encoder : nil
        var text = ""
        while let response = try await stream.next() {
            for exemplar in response.exemplars { text += ExportLine.text(exemplar, encoder: encoder) }
        }
        return text
    }

    @Test func whatIsLoadedIsExportedAndLoadedAgainToTheSameBytes() async throws {
        let scratch = try Scratch()
        let file = try scratch.write(Self.jsonl(Self.pairs), to: "pairs.jsonl")
        let first = try await NodeFixture.with { fixture in
            let (report, failure) = try await load(file, fixture.client)
            #expect(failure == nil)
            #expect(report.added == 8 && report.pairs == 8)
            #expect(report.intentsCreated == 7)
            #expect(report.seq == 8)
            let answer = try await fixture.client.classify("the courier lost my package")
            #expect(answer.intent == "delivery/lost")
            #expect(answer.seq == 8, "the load returned when the replica had it")
            let (again, _) = try await load(file, fixture.client)
            #expect(again.unchanged == 8 && again.added == 0 && again.intentsCreated == 0)
            return try await exported(fixture.client)
        }
        #expect(first == Self.jsonl(Self.pairs))
        let second = try scratch.write(first, to: "export.jsonl")
        let secondExport = try await NodeFixture.with { fixture in
            _ = try await load(second, fixture.client)
            return try await exported(fixture.client)
        }
        #expect(secondExport == first)
    }

    /// Text, intent, origin and the vectors' bits, also after names have changed: by a file and nothing else.
    @Test func anExportWithVectorsIsLoadedToTheSameBytes() async throws {
        let scratch = try Scratch()
        let file = try scratch.write(Self.jsonl(Self.pairs), to: "pairs.jsonl")
        let first = try await NodeFixture.with { fixture in
            _ = try await load(file, fixture.client)
            _ = try await fixture.client.add(
                try Exemplar(text: "nobody answers", intent: "phone", vertical: "shop", origin: "call-7")
            )
            _ = try await fixture.client.rename("delivery", to: "parcels/delivery", vertical: "shop")
            _ = try await fixture.client.merge("phone", into: "parcels", vertical: "shop")
            return try await exported(fixture.client, withVectors: true)
        }
        #expect(first.contains("\"call-7\"") && first.contains("\"parcels/delivery/lost\""))
        #expect(!first.contains("\"phone\"") && !first.contains("\"delivery/lost\""))
        let second = try scratch.write(first, to: "export.jsonl")
        let again = try await NodeFixture.with { fixture in
            let (report, failure) = try await load(second, fixture.client)
            #expect(failure == nil && report.added == 9)
            return try await exported(fixture.client, withVectors: true)
        }
        #expect(again == first)
    }

    @Test func aBadRowEndsTheLoadAfterWhatWasGoodBeforeIt() async throws {
        let scratch = try Scratch()
        let good = Self.jsonl(Self.pairs)
        let lines = good.split(separator: "\n").map(String.init)
        let bad = lines[..<4] + ["{\"text\": \"no intent here\"}"] + lines[4...]
        let file = try scratch.write(bad.joined(separator: "\n") + "\n", to: "bad.jsonl")
        try await NodeFixture.with { fixture in
            let (report, failure) = try await load(file, fixture.client)
            #expect(report.added == 4)
            #expect(try await fixture.client.statistics().exemplars == 4)
            #expect(failure?.exitCode == CommandFailure.failed)
            let message = try #require(failure?.message)
            #expect(message.contains("\(file):5: there is no intent; accepted names for it are 'intent'"))
            #expect(message.contains("4 pairs were sent: 4 added, 0 re-labelled, 0 unchanged, 0 refused"))
            #expect(message.contains("switchboard index load \(file) --from-line 5\nor leave it out:\n"))
            #expect(message.hasSuffix("switchboard index load \(file) --from-line 6"))
            let (rest, end) = try await load(file, fixture.client, fromLine: 6)
            #expect(rest.added == 4 && end == nil)
        }
    }

    @Test func aBadLastLineMayBeLeftOutToo() async throws {
        let scratch = try Scratch()
        let file = try scratch.write(Self.jsonl(Self.pairs) + "{\"text\": \"no intent here\"}\n", to: "bad.jsonl")
        try await NodeFixture.with { fixture in
            let (report, failure) = try await load(file, fixture.client)
            #expect(report.added == 8)
            #expect(failure?.message.contains("--from-line 9\nor leave it out: it is the last line") == true)
        }
    }

    @Test func refusedPairsAreNamedByTheirLine() async throws {
        let scratch = try Scratch()
        try await NodeFixture.with { fixture in
            _ = try await load(try scratch.write(Self.jsonl(Self.pairs), to: "pairs.jsonl"), fixture.client)
            var options = PublishOptions()
            options.onConflict = .reject
            options.createsIntents = false
            let rows = Self.jsonl([
                ("my parcel never showed up", "delivery/lost"), ("i want my money back", "account/password"),
                ("something new", "new/intent"), ("another new one", "refund/ask"),
            ])
            let file = try scratch.write(rows, to: "more.jsonl")
            let run = LoadRun(source: source(file), options: options, advice: ResumeAdvice(arguments: []))
            let (report, _) = try await run.run(fixture.client, Interrupt())
            #expect(report.added == 1 && report.unchanged == 1 && report.refused == 2)
            #expect(report.refusals.map(\.line) == [2, 3])
            #expect(report.refusals.first?.reason.contains("'refund/ask'") == true)
            #expect(report.words.hasPrefix("4 pairs were sent: 1 added, 0 re-labelled, 1 unchanged, 2 refused\n"))
        }
    }

    @Test func withoutANodeItSaysSoAtOnceAndHowToGoOn() async throws {
        let scratch = try Scratch()
        let client = SwitchboardClient(.init(gateway: "tcp://127.0.0.1:1", updater: "tcp://127.0.0.1:1"))
        let file = try scratch.write(Self.jsonl(Self.pairs), to: "pairs.jsonl")
        let start = ContinuousClock.now
        let (report, failure) = try await load(file, client)
        await client.close()
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(failure?.exitCode == CommandFailure.unavailable)
        #expect(failure?.message.contains("tcp://127.0.0.1:1") == true)
        #expect(failure?.message.hasSuffix("--from-line 1") == true)
        #expect(report.pairs == 0 && report.logID == nil)
    }

    @Test func whatAKeyMayNotDoIsNotToBeGoneOnWith() {
        #expect(LoadRun.concernsTheKey(ClientErrors.denied))
        #expect(!LoadRun.concernsTheKey(ClientErrors.unavailable))
    }

    @Test func aDryRunSaysWhatALoadThenDoes() async throws {
        let scratch = try Scratch()
        try await NodeFixture.with { fixture in
            _ = try await load(try scratch.write(Self.jsonl(Self.pairs), to: "pairs.jsonl"), fixture.client)
            let before = try await fixture.client.statistics()
            let file = try scratch.write(
                Self.jsonl([
                    ("my parcel never showed up", "delivery/lost"),  // unchanged
                    ("i want my money back", "refund/again"),  // another label than the index has
                    ("Please refund the broken kettle!", "complaint/kettle"),  // close to one of the index
                    ("do you sell gift cards", "gifts/cards"),
                    ("do you sell gift cards?", "gifts/vouchers"),  // close to the row before
                    ("do you sell gift cards", "gifts/vouchers"),  // two labels
                ]),
                to: "next.jsonl"
            )
            for textLimit in [1_000, 2] {
                var findings: [RehearsalFinding] = []
                let source = source(file)
                let rehearsal = LoadRehearsal(
                    client: fixture.client,
                    options: PublishOptions(),
                    textLimit: textLimit,
                    open: {
                        let file = try source.open()
                        return { try file.next() }
                    },
                    onFinding: { findings.append($0) },
                    onProgress: { _ in }
                )
                let summary = try await rehearsal.run()
                #expect(summary.rows == 6)
                #expect(summary.added == 3 && summary.unchanged == 1 && summary.relabelled == 2)
                #expect(
                    summary.created.map(\.path.description) == [
                        "complaint", "complaint/kettle", "gifts", "gifts/cards", "gifts/vouchers", "refund/again",
                    ]
                )
                #expect(summary.twoLabels == 1)
                #expect(summary.nearInIndex >= 1)
                #expect(summary.nearInFile >= 1)
                let near = findings.compactMap { finding -> String? in
                    guard case .nearInIndex(let row, let text, _, let similarity) = finding else { return nil }
                    #expect(similarity >= 0.95)
                    return "\(row.number) \(text)"
                }
                #expect(near.contains("3 please refund the broken kettle"))
            }
            #expect(try await fixture.client.statistics() == before, "a dry run changes nothing")
            let (report, _) = try await load(file, fixture.client)
            #expect(report.added == 3 && report.unchanged == 1 && report.relabelled == 2)
            #expect(report.intentsCreated == 6)
        }
    }

    @Test(arguments: [false, true])
    func aDryRunTakesAVerticalThatTheIndexDoesNotKnowForEmpty(hasOtherPairs: Bool) async throws {
        let scratch = try Scratch()
        try await NodeFixture.with { fixture in
            if hasOtherPairs {
                let exemplar = try Exemplar(text: "my parcel never showed up", intent: "a/b", vertical: "other")
                _ = try await fixture.client.add(exemplar)
            }
            let source = source(try scratch.write(Self.jsonl(Self.pairs), to: "pairs.jsonl"))
            let rehearsal = LoadRehearsal(
                client: fixture.client,
                options: PublishOptions(),
                open: {
                    let file = try source.open()
                    return { try file.next() }
                },
                onFinding: { _ in },
                onProgress: { _ in }
            )
            let summary = try await rehearsal.run()
            #expect(summary.added == 8 && summary.created.count == 7)
            #expect(summary.nearInIndex == 0)
        }
    }

    @Test func vectorsOfAnExportGoIntoAnotherNodeUnchanged() async throws {
        let scratch = try Scratch()
        let text = try await NodeFixture.with { fixture in
            _ = try await load(try scratch.write(Self.jsonl(Self.pairs), to: "pairs.jsonl"), fixture.client)
            return try await exported(fixture.client, withVectors: true)
        }
        struct Row: Decodable {
            let text: String
            let intent: String
            let vertical: String
            let encoder: String
            let vector: [Float]
        }
        try await NodeFixture.with { fixture in
            let publisher = try fixture.client.publisher()
            for line in text.split(separator: "\n") {
                let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
                _ = try await publisher.send(
                    Exemplar(
                        text: row.text,
                        intent: row.intent,
                        vertical: row.vertical,
                        vector: row.vector,
                        encoder: row.encoder
                    )
                )
            }
            _ = try await publisher.finish()
            #expect(publisher.totals.added == 8)
            #expect(try await exported(fixture.client, withVectors: true) == text)
        }
    }

    @Test func aClientOfABodyHandsOnWhatBecomesOfIt() async throws {
        struct Unlucky: Error {}
        try await NodeFixture.with { fixture in
            let addresses = SwitchboardClient.Addresses(
                gateway: fixture.node.bound.router[0],
                updater: fixture.node.bound.index[0]
            )
            let exemplars = try await SwitchboardClient.with(addresses) { try await $0.statistics().exemplars }
            #expect(exemplars == 0)
            await #expect(throws: Unlucky.self) {
                try await SwitchboardClient.with(addresses) { _ in throw Unlucky() }
            }
        }
    }

    @Test func changesOfASingleThing() async throws {
        try await NodeFixture.with { fixture in
            let client = fixture.client
            let exemplar = try Exemplar(text: "my parcel never showed up", intent: "delivery/lost", vertical: "shop")
            #expect(try await client.add(exemplar).added == 1)
            #expect(try await client.add(exemplar).unchanged == 1)
            var change = SwitchboardClient.IntentChange()
            change.phrase = "about your parcel"
            change.attributes = ["queue": "logistics"]
            _ = try await client.setIntent("delivery", vertical: "shop", to: change)
            let answer = try await client.classify("my parcel never showed up")
            #expect(answer.attributes == ["queue": "logistics"])
            #expect(answer.phrase == "about your parcel")
            var word = AnswerFeedback(on: answer, verdict: .corrected, source: .agent)
            word.right = "delivery/late"
            #expect(try await client.feedback(word) == false)
            #expect(try await client.feedback(word) == true)
            var words: [AnswerFeedback] = []
            try await client.listFeedback { words.append($0) }
            #expect(words == [word])
            #expect(try await client.remove(text: "something else", vertical: "shop").refusals.count == 1)
            #expect(try await client.remove(text: "my parcel never showed up", vertical: "shop").removed == 1)
            #expect(try await client.statistics().exemplars == 0)
            var paths: [String] = []
            try await client.intents { paths += $0.intents.map(\.intent) }
            #expect(paths == ["delivery", "delivery/lost"])
        }
    }
}

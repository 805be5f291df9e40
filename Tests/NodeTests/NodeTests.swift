import Calls
import Core
import Foundation
import Node
import SwitchboardClient
import Testing
import Wire

@Suite(.serialized, .timeLimit(.minutes(5))) struct NodeTests {
    @Test func aPairIsFoundTheMomentItsReceiptComes() async throws {
        let fixture = try await NodeFixture()
        let reply = try await fixture.add(NodeFixture.pairs)
        #expect(reply.receipt.added == 8)
        #expect(reply.appliedBy == 1)
        #expect(reply.behind.isEmpty)
        let answer = try await fixture.client.classify("my package got lost by the courier")
        #expect(answer.candidates.first?.intent == "delivery/lost")
        #expect(answer.seq == reply.receipt.position.sequence.number)
        #expect(answer.decidedBy == .retrieval)
        _ = try await fixture.add([("the drone dropped it into the pond", "delivery/drone")])
        let new = try await fixture.client.classify("the drone dropped it into the pond")
        #expect(new.intent == "delivery/drone")
        #expect(new.decidedBy == .exact)
        await fixture.stop()
    }

    @Test func aNodeNeedsNoModelAtAll() async throws {
        let fixture = try await NodeFixture { $0.models = ModelPaths(encoder: "words", scorer: nil) }
        _ = try await fixture.add(NodeFixture.pairs)
        let answer = try await fixture.client.classify("the courier has lost my parcel")
        #expect(answer.candidates.first?.intent == "delivery/lost")
        #expect(answer.decidedBy == .retrieval)
        await fixture.stop()
    }

    @Test func aScorerByItselfNeedsALanguageModel() async {
        var configuration = NodeFixture.configuration(NodeFixture.makeFolder())
        configuration.roles = [.scorer]
        configuration.dataPath = nil
        configuration.gateways = ["tcp://127.0.0.1:1"]
        let scorer = configuration
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await RunningNode.start(scorer, logger: NodeFixture.logger)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("--scorer FILE") == true)
    }

    @Test func anAnswerSurvivesARestart() async throws {
        let folder = NodeFixture.makeFolder()
        let first = try await NodeFixture(folder: folder)
        let reply = try await first.add(NodeFixture.pairs)
        let before = try await first.client.classify("refund me for the kettle")
        await first.stop(keepingFolder: true)
        let second = try await NodeFixture(folder: folder)
        let after = try await second.client.classify("refund me for the kettle")
        #expect(after.candidates == before.candidates)
        #expect(after.seq == reply.receipt.position.sequence.number)
        #expect(after.logID == before.logID)
        await second.stop()
    }

    @Test func aSecondNodeOnTheSameFolderIsRefused() async throws {
        let fixture = try await NodeFixture()
        await #expect {
            _ = try await RunningNode.start(NodeFixture.configuration(fixture.folder), logger: NodeFixture.logger)
        } throws: { error in
            let error = error as? SwitchboardError
            return error?.code == .failedPrecondition && error?.message.contains(fixture.folder.path) == true
        }
        await fixture.stop()
    }

    @Test func aTextMayBeRemovedAndAddedInOneBatch() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        let text = try UtteranceText(NodeFixture.pairs[0].0)
        let vertical = try Vertical("shop")
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            source: "tests",
            author: "tests",
            commands: [
                .remove(RemoveCommand(vertical: vertical, exemplar: ExemplarID(vertical: vertical, text: text))),
                .upsert(UpsertCommand(vertical: vertical, text: text, path: try IntentPath("delivery/new"))),
            ]
        )
        let reply = try await fixture.client.updater.call(Methods.append, AppendRequest(batch: batch, wait: .applied))
        #expect(reply.receipt.removed == 1)
        #expect(try #require(reply.appliedAfter) > .zero)
        #expect(reply.receipt.added == 1)
        #expect(try await fixture.client.classify(NodeFixture.pairs[0].0).intent == "delivery/new")
        await fixture.stop()
    }

    @Test(arguments: [1, 384]) func aFirstVectorOfAnotherEncoderIsRefused(figures: Int) async throws {
        let fixture = try await NodeFixture()
        var vector = [Float](repeating: 0, count: figures)
        vector[0] = 1
        let upsert = UpsertCommand(
            vertical: try Vertical("shop"),
            text: try UtteranceText("hello"),
            path: try IntentPath("a"),
            vector: vector,
            encoder: ModelID(bytes: [UInt8](repeating: 7, count: ModelID.byteCount)),
        )
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            source: "tests",
            author: "tests",
            commands: [.upsert(upsert)]
        )
        await #expect(throws: SwitchboardError.self) {
            _ = try await fixture.client.updater.call(Methods.append, AppendRequest(batch: batch))
        }
        // The log is as free as before.
        #expect(try await fixture.add(NodeFixture.pairs).receipt.added == NodeFixture.pairs.count)
        await fixture.stop()
    }

    @Test func startsAndStopsTwoHundredTimes() async throws {
        let folder = NodeFixture.makeFolder()
        var configuration = NodeFixture.configuration(folder)
        configuration.addresses.http = nil
        let before = try Self.descriptors()
        let mappings = try Self.modelMappings()
        for _ in 0..<200 {
            let node = try await RunningNode.start(configuration, logger: NodeFixture.logger)
            await node.stop()
        }
        // libzmq closes some of its own descriptors in the background.
        #expect(try Self.descriptors() <= before + 8)
        // The last task of a node may end a moment after it.
        let patience = ContinuousClock.now + .seconds(5)
        while try Self.modelMappings() > mappings, .now < patience { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try Self.modelMappings() <= mappings, "a stopped node keeps its models")
        try? FileManager.default.removeItem(at: folder)
    }

    @Test func stopsCleanlyUnderLoad() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        let client = fixture.client
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0..<16 {
                group.addTask {
                    var count = 0
                    do {
                        while true {
                            _ = try await client.classify("where is my order number \(caller) \(count)")
                            count += 1
                        }
                    } catch let error as ClientError {
                        // Every call ends, with an answer or with a clear status.
                        #expect(["UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"].contains(error.status))
                        return count
                    }
                }
            }
            group.addTask {
                while true {
                    do {
                        _ = try await client.classify("warm up")
                        break
                    } catch {}
                }
                await fixture.node.stop()
                return 0
            }
            return try await group.reduce(0, +)
        }
        #expect(answered >= 0)
        await fixture.stop()
    }

    @Test func aReplicaHasTheLogsDigest() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        _ = try await fixture.add([("i want my money back", "refund/complain")])
        let stats = try await fixture.client.updater.call(Methods.stats, StatsRequest())
        #expect(stats.verticals.first?.exemplars == 8)
        #expect(stats.followers.count == 2)
        let answer = try await fixture.client.classify("i want my money back")
        #expect(answer.intent == "refund/complain")
        await fixture.stop()
    }

    @Test func moreVerticalsThanAReplyNamesAreSearched() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        for part in 0..<2 {
            var commands: [LogCommand] = []
            for number in 0..<600 {
                let vertical = try Vertical("v\(part)-\(number)")
                commands.append(.setIntent(SetIntentCommand(vertical: vertical, path: try IntentPath("a"))))
            }
            let batch = AppendBatch(
                operation: Bits128.random().bytes,
                source: "tests",
                author: "tests",
                commands: commands
            )
            _ = try await fixture.client.updater.call(Methods.append, AppendRequest(batch: batch, wait: .applied))
        }
        let answer = try await fixture.client.classify("my package got lost by the courier")
        #expect(answer.candidates.first?.intent == "delivery/lost")
        await fixture.stop()
    }

    @Test func aFollowerThatIsAheadStopsTheUpdaterAndNothingElse() async throws {
        let fixture = try await NodeFixture()
        let reply = try await fixture.add(NodeFixture.pairs)
        let ahead = LogPosition(log: reply.receipt.position.log, sequence: LogSequence(1 << 40))
        let stream = try await fixture.client.updater.open(Methods.follow)
        try await stream.send(.start(FollowStart(name: "ahead", position: ahead)))
        await #expect { _ = try await stream.next() } throws: { ($0 as? SwitchboardError)?.code == .dataLoss }
        await #expect {
            _ = try await fixture.add([("the drone dropped it into the pond", "delivery/drone")])
        } throws: {
            ($0 as? SwitchboardError)?.code == .dataLoss
        }
        let answer = try await fixture.client.classify("the courier lost my package")
        #expect(answer.intent == "delivery/lost")
        await fixture.stop()
    }

    @Test func aFollowerCannotHaveAppliedWhatIsNotThere() async throws {
        let fixture = try await NodeFixture()
        let stream = try await fixture.client.updater.open(Methods.follow)
        try await stream.send(.start(FollowStart(name: "hasty")))
        try await stream.send(.applied(FollowApplied(sequence: LogSequence(1 << 40))))
        await #expect {
            while try await stream.next() != nil {}
        } throws: {
            ($0 as? SwitchboardError)?.code == .invalidArgument
        }
        await fixture.stop()
    }

    @Test func aDamagedLogIsServedUpToTheDamage() async throws {
        let folder = NodeFixture.makeFolder()
        let first = try await NodeFixture(folder: folder)
        let reply = try await first.add(NodeFixture.pairs)
        _ = try await first.add([("the drone dropped it into the pond", "delivery/drone")])
        await first.stop(keepingFolder: true)
        try Self.damage(folder, at: "the drone dropped it into the pond")
        let second = try await NodeFixture(folder: folder)
        let answer = try await second.client.classify("i forgot my password")
        #expect(answer.intent == "account/password")
        #expect(answer.seq == reply.receipt.position.sequence.number)
        await #expect {
            _ = try await second.add([("the van broke down", "delivery/late")])
        } throws: {
            ($0 as? SwitchboardError)?.code == .dataLoss
        }
        await second.stop()
    }

    /// Changes a letter of a text wherever the log's file holds it.
    private static func damage(_ folder: URL, at text: String) throws {
        let file = folder.appending(path: "log.sqlite")
        var bytes = try Data(contentsOf: file)
        var count = 0
        while let place = bytes.range(of: Data(text.utf8)) {
            bytes[place.lowerBound] ^= 0x20
            count += 1
        }
        #expect(count > 0, "the log's file does not hold the text")
        try bytes.write(to: file)
    }

    private static func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    /// How often a model file is mapped into this process.
    private static func modelMappings() throws -> Int {
        try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n")
            .count { $0.hasSuffix(".gguf") }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct LanguageModelTests {
    @Test func alwaysReportsItsScoreBesideTheVote() async throws {
        let fixture = try await NodeFixture(withScorer: true)
        _ = try await fixture.add(NodeFixture.pairs)
        try await fixture.node.waitUntilScoring()
        var options = SwitchboardClient.ClassifyOptions()
        options.llm = .always
        options.deadline = .seconds(30)
        let answer = try await fixture.client.classify("where is my money", options: options)
        #expect(answer.candidates.count > 1)
        #expect(answer.candidates.allSatisfy { ($0.llmLogprob ?? 1) < 0 })
        #expect(answer.timingsMs.score > 0)
        // No policy is fitted for this model, so the vote decides.
        #expect(answer.decidedBy == .retrieval)
        await fixture.stop()
    }

    @Test func anAnswerIsDegradedWhereThereIsNoScorer() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        var options = SwitchboardClient.ClassifyOptions()
        options.llm = .always
        let answer = try await fixture.client.classify("where is my money", options: options)
        #expect(answer.decidedBy == .degraded)
        await fixture.stop()
    }
}

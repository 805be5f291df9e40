import Calls
import Core
import Foundation
import Node
import SwitchboardClient
import Testing
import Wire

/// The change to another encoder on a node with real models: two quantisations of one encoder are two encoders.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ReencodeTests {
    private static let models = ModelPaths.cache(environment: ProcessInfo.processInfo.environment) + "/models/"
    private static let other = models + "all-MiniLM-L6-v2.F16.gguf"

    /// All that the node says until the work has ended.
    private static func reencode(
        _ fixture: NodeFixture,
        with path: String = other
    ) async throws -> [ReencodeResponse] {
        let stream = try await fixture.client.updater.open(Methods.reencode, ReencodeRequest(.file(path)))
        var responses: [ReencodeResponse] = []
        while let response = try await stream.next() { responses.append(response) }
        return responses
    }

    private static func encoder(_ fixture: NodeFixture) async throws -> ModelID? {
        try await fixture.client.updater.call(Methods.stats, StatsRequest()).encoder
    }

    /// Classifies until told that it is enough; not one call may fail.
    private static func classify(_ client: SwitchboardClient, until isEnough: CurrentValue<Bool>) async throws -> Int {
        var count = 0
        // However slow the machine is.
        var options = SwitchboardClient.ClassifyOptions()
        options.deadline = .seconds(60)
        while !isEnough.value {
            let answer = try await client.classify("my package got lost by the courier", options: options)
            #expect(answer.candidates.first?.intent == "delivery/lost")
            count += 1
        }
        return count
    }

    @Test func answersAndAppendsGoOnWhileTheEncoderIsChanged() async throws {
        let folder = NodeFixture.makeFolder()
        let fixture = try await NodeFixture(folder: folder)
        _ = try await fixture.add(NodeFixture.pairs)
        let before = try #require(try await Self.encoder(fixture))
        let policy = Policy(retrieval: RetrievalPolicy(encoder: before, k: 3))
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            source: "tests",
            author: "tests",
            commands: [.setPolicy(PolicySet(scope: .everywhere, policy: policy))]
        )
        _ = try await fixture.client.updater.call(Methods.append, AppendRequest(batch: batch, wait: .applied))

        let isEnough = CurrentValue(false)
        let client = fixture.client
        let callers = (0..<3).map { _ in Task { try await Self.classify(client, until: isEnough) } }
        let appender = Task {
            for number in 0..<20 {
                _ = try await fixture.add([("please play some jazz, number \(number)", "music/play")])
            }
        }
        let responses = try await Self.reencode(fixture)
        try await appender.value
        _ = try await client.classify("where is my order")
        isEnough.set(true)
        for caller in callers { #expect(try await caller.value > 0) }

        let last = try #require(responses.last)
        #expect(last.isSwitched)
        #expect(last.done == last.total && last.total >= NodeFixture.pairs.count)
        #expect(last.lapsedPolicies.contains("*"))
        #expect(last.behind.isEmpty)
        #expect(responses.dropLast().allSatisfy { $0.position == nil })
        #expect(last.encoder != before)
        #expect(try await Self.encoder(fixture) == last.encoder)
        let kept = folder.appending(path: "models/\(last.encoder).gguf").path
        #expect(FileManager.default.contentsEqual(atPath: kept, andPath: Self.other))

        // Each exemplar has its vector by the new encoder, the ones that came meanwhile too.
        let statistics = try await fixture.client.updater.call(Methods.stats, StatsRequest())
        #expect(statistics.verticals.map(\.exemplars) == [NodeFixture.pairs.count + 20])
        let answer = try await client.classify("where is the box you shipped last week")
        #expect(answer.decidedBy == .exact)
        #expect(try await fixture.add([("the van broke down", "delivery/late")]).receipt.added == 1)
        #expect(try await client.classify("the van broke down").intent == "delivery/late")
        await fixture.stop(keepingFolder: true)

        // Started as before, the node takes the encoder that its index was made with.
        let second = try await NodeFixture(folder: folder)
        let again = try await second.client.classify("my package got lost by the courier")
        #expect(again.candidates.first?.intent == "delivery/lost")
        #expect(try await second.add([("my bike was never delivered", "delivery/lost")]).receipt.added == 1)
        #expect(try await Self.encoder(second) == last.encoder)
        let repeated = try #require(try await Self.reencode(second).last)
        #expect(!repeated.isSwitched)
        #expect(repeated.encoder == last.encoder)
        // And back again.
        let own = try #require(NodeFixture.configuration(folder).models.encoder)
        let back = try #require(try await Self.reencode(second, with: own).last)
        #expect(back.isSwitched && back.encoder == before)
        #expect(!back.lapsedPolicies.contains("*"))
        #expect(try await second.client.classify("the van broke down").intent == "delivery/late")
        // The file of the one before is still there, and is not loaded for whoever asks once it was let go of.
        let request = EncodeRequest(texts: [try UtteranceText("hello")], encoder: last.encoder)
        var refusal: SwitchboardError?
        while refusal == nil {
            do throws(SwitchboardError) {
                _ = try await second.client.gateway.call(Methods.encode, request)
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .failedPrecondition)
        #expect(refusal?.message.contains("neither serves here nor is to serve next") == true)
        await second.stop()
    }

    @Test func whatWasInterruptedGoesOnFromThere() async throws {
        let folder = NodeFixture.makeFolder()
        let first = try await NodeFixture(folder: folder)
        let words = ["box", "parcel", "kettle", "order", "bike", "lamp", "chair", "phone", "card", "shoe"]
        let pairs = (0..<30).flatMap { number in words.map { ("my \($0) number \(number) is lost", "lost/\($0)") } }
        _ = try await first.add(pairs)
        let before = try await Self.encoder(first)
        let stream = try await first.client.updater.open(Methods.reencode, ReencodeRequest(.file(Self.other)))
        while let response = try await stream.next(), response.done == 0 {}
        await stream.cancel()
        #expect(try await Self.encoder(first) == before)
        await first.stop(keepingFolder: true)

        let second = try await NodeFixture(folder: folder)
        #expect(try await second.client.classify("my kettle is lost").candidates.first?.intent == "lost/kettle")
        let responses = try await Self.reencode(second)
        #expect(try #require(responses.first).done > 0)
        #expect(responses.last?.isSwitched == true)
        #expect(responses.last?.total == 300)
        #expect(try await second.client.classify("my kettle is lost").candidates.first?.intent == "lost/kettle")
        await second.stop()
    }

    @Test func aFileThatCannotServeIsRefusedAndChangesNothing() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        let before = try await Self.encoder(fixture)
        let words = FileManager.default.temporaryDirectory.appending(path: "words-\(UUID().uuidString).gguf")
        try Data("not a model at all".utf8).write(to: words)
        defer { try? FileManager.default.removeItem(at: words) }
        let inner = fixture.folder.appending(path: "folder.gguf")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
        let wrong: [(path: String, code: StatusCode, says: String)] = [
            (words.path, .failedPrecondition, "not a GGUF file"),
            (words.path + "-gone.gguf", .failedPrecondition, "cannot be opened"),
            (inner.path, .failedPrecondition, "no ordinary file"),
            ("model.gguf", .invalidArgument, "slash"),
            ("/etc/hostname", .invalidArgument, ".gguf"),
        ]
        for wrong in wrong {
            do {
                _ = try await Self.reencode(fixture, with: wrong.path)
                Issue.record("\(wrong.path) was taken")
            } catch {
                let error = try #require(error as? SwitchboardError)
                #expect(error.code == wrong.code, "\(error)")
                #expect(error.message.contains(wrong.says), "\(error)")
            }
        }
        let unknown = try #require(ModelID(bytes: [UInt8](repeating: 5, count: ModelID.byteCount)))
        let stream = try await fixture.client.updater.open(Methods.reencode, ReencodeRequest(.encoder(unknown)))
        await #expect {
            _ = try await stream.next()
        } throws: { error in
            let error = error as? SwitchboardError
            return error?.code == .failedPrecondition && error?.message.contains("models/\(unknown).gguf") == true
        }
        #expect(try await Self.encoder(fixture) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path + "/models").isEmpty)
        #expect(try await fixture.client.classify("i forgot my password").decidedBy == .exact)
        await fixture.stop()
    }
}

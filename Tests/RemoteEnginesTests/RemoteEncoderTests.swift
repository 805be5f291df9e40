import Core
import Logging
import Models
import TestEngines
import Testing

@testable import RemoteEngines

@Suite(.timeLimit(.minutes(2))) struct RemoteEncoderTests {
    /// Runs `body` with an encoder that knows its server; both end afterwards.
    private func withEncoder(
        _ settings: EngineDouble.Settings = .init(),
        _ body: (RemoteEncoder, RemoteEncoder.Identity, EngineDouble) async throws -> Void,
    ) async throws {
        let double = try await EngineDouble.start(settings)
        let encoder = RemoteEncoder(
            try EngineAddress("openai:\(double.url)"),
            key: nil,
            logger: RemoteScorerTests.logger
        )
        do {
            try await body(encoder, encoder.connect(), double)
        } catch {
            await encoder.close()
            await double.stop()
            throw error
        }
        await encoder.close()
        await double.stop()
    }

    private static var soon: ComputeOrder { ComputeOrder(.live, deadline: ContinuousClock.now + .seconds(30)) }

    @Test func vectorsComeInTheOrderOfTheTexts() async throws {
        try await withEncoder { encoder, identity, _ in
            #expect(identity.model == "toy")
            #expect(identity.dimension == 16)
            #expect(identity.id == EngineIdentity.encoder("toy", dimension: 16))
            let texts = ["where is my parcel", "refund the kettle", "where is my parcel"]
            let encoded = try await encoder.encode(texts, Self.soon).value
            for (text, found) in zip(texts, encoded) {
                let raw = ToyModels.vector(of: text, 16)
                let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
                #expect(zip(found.vector, raw).allSatisfy { abs(Double($0) - $1 / length) < 1e-6 })
                #expect(!found.isTruncated)
            }
            #expect(encoded[0] == encoded[2])
        }
    }

    @Test func manyTextsGoInRequestsThatServersTake() async throws {
        try await withEncoder { encoder, _, double in
            let before = double.count(of: "/v1/embeddings")
            let texts = (0..<70).map { "utterance number \($0)" }
            let encoded = try await encoder.encode(texts, Self.soon).value
            #expect(encoded.count == 70)
            #expect(double.count(of: "/v1/embeddings") == before + 3)
        }
    }

    @Test func aLongTextIsCutAndSaysSo() async throws {
        try await withEncoder { encoder, _, double in
            let text = String(repeating: "parcel ", count: 1_000)
            let encoded = try await encoder.encode([text], Self.soon).value
            #expect(encoded[0].isTruncated)
            let sent = try #require(double.seen.last)
            #expect(sent.body.utf8.count < 2_000)
        }
    }

    @Test func noTextIsRefused() async throws {
        try await withEncoder { encoder, _, _ in
            let error = await #expect(throws: SwitchboardError.self) { try await encoder.encode([], Self.soon) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test(arguments: [EngineDouble.Behaviour.leavesOneOut, .says("[]"), .refuses(500), .refuses(413)])
    func nonsenseIsToldAndPasses(behaviour: EngineDouble.Behaviour) async throws {
        try await withEncoder { encoder, _, double in
            double.next(behaviour)
            await #expect(throws: SwitchboardError.self) { try await encoder.encode(["hello"], Self.soon) }
            let again = try await encoder.encode(["hello"], Self.soon).value
            #expect(again.count == 1)
        }
    }

    @Test func aTextThatTheServerDoesNotTakeIsNamedAndFailsAlone() async throws {
        try await withEncoder { encoder, _, double in
            let texts = (0..<40).map { "utterance number \($0)" }
            double.change { $0.refusedWord = "number 37" }
            let error = await #expect(throws: SwitchboardError.self) { try await encoder.encode(texts, Self.soon) }
            #expect(error?.code == .invalidArgument)
            #expect(
                error?.message.hasPrefix("texts[37]: the model server \(double.url)/v1 answered with status 400")
                    == true
            )
            #expect(error?.message.contains("has a word that is not taken") == true)
            let others = try await encoder.encode(texts.filter { !$0.hasSuffix("37") }, Self.soon).value
            #expect(others.count == 39)
            // It says something of the text and nothing of the server.
            for _ in 0..<2 * FailureWindow.leastOutcomes {
                await #expect(throws: SwitchboardError.self) { try await encoder.encode([texts[37]], Self.soon) }
            }
            #expect(encoder.state.value == .able)
        }
    }

    @Test func textsThatAreTooManyTogetherGoInParts() async throws {
        try await withEncoder { encoder, _, double in
            double.next(.refuses(413), .refuses(413))
            let texts = (0..<20).map { "utterance number \($0)" }
            let encoded = try await encoder.encode(texts, Self.soon).value
            let together = try await encoder.encode(texts, Self.soon).value
            #expect(encoded == together)
        }
    }

    @Test func aServerThatServesAnotherModelIsNotAskedAnyMore() async throws {
        try await withEncoder { encoder, _, double in
            double.change { $0.dimension = 8 }
            let watch = Task { await encoder.watch() }
            for _ in 0..<FailureWindow.leastOutcomes {
                await #expect(throws: SwitchboardError.self) { try await encoder.encode(["hello"], Self.soon) }
            }
            for await state in encoder.state.values() where state.reason?.contains("8 figures now") == true { break }
            let error = await #expect(throws: SwitchboardError.self) { try await encoder.encode(["hello"], Self.soon) }
            #expect(error?.code == .unavailable)
            watch.cancel()
            await watch.value
        }
    }

    @Test func vectorsOfAnotherModelAreNotTakenForTheSame() async throws {
        try await withEncoder { encoder, _, double in
            double.change { $0.models = ["other"] }
            let watch = Task { await encoder.watch() }
            for _ in 0..<FailureWindow.leastOutcomes {
                await #expect(throws: SwitchboardError.self) { try await encoder.encode(["hello"], Self.soon) }
            }
            for await state in encoder.state.values() where state.reason?.contains("started with toy") == true { break }
            watch.cancel()
            await watch.value
        }
    }

    @Test func aNameThatIsNoneStandsInNoMessage() async throws {
        var settings = EngineDouble.Settings()
        settings.models = [String(repeating: "long", count: 100_000)]
        let double = try await EngineDouble.start(settings)
        for names in [settings.models, ["two\nlines"], [""]] {
            double.change { $0.models = names }
            let encoder = RemoteEncoder(
                try EngineAddress("openai:\(double.url)"),
                key: nil,
                logger: RemoteScorerTests.logger
            )
            let error = await #expect(throws: SwitchboardError.self) { try await encoder.connect(within: .zero) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("names a model") == true)
            #expect(error?.message.utf8.count ?? 0 < 500)
            await encoder.close()
        }
        await double.stop()
    }

    @Test(arguments: [0, 5_000]) func vectorsOfAnOddWidthAreRefused(dimension: Int) async throws {
        var settings = EngineDouble.Settings()
        settings.dimension = max(dimension, 1)
        let double = try await EngineDouble.start(settings)
        if dimension == 0 { double.behave(.says(#"{"data": [{"id": "toy", "embedding": []}]}"#)) }
        let encoder = RemoteEncoder(
            try EngineAddress("openai:\(double.url)"),
            key: nil,
            logger: RemoteScorerTests.logger
        )
        let error = await #expect(throws: SwitchboardError.self) { try await encoder.connect(within: .zero) }
        #expect(error?.message.contains("\(dimension) figures") == true)
        await encoder.close()
        await double.stop()
    }

    @Test func searchesGoOnWithItsVectorsOnTheComputeThreads() async throws {
        try await withEncoder { encoder, identity, _ in
            let queue = ComputeQueue(encoder: nil, scorer: nil, limits: .init(threads: 1))
            try await queue.start()
            let encoding = RemoteEncoding(encoder, identity, on: queue)
            let computed = try await encoding.encode("hello", Self.soon) { encoded throws(SwitchboardError) in
                encoded.vector.count
            }
            #expect(computed.value == 16)
            let error = await #expect(throws: SwitchboardError.self) { try await queue.encode(["hello"], Self.soon) }
            #expect(error?.code == .failedPrecondition)
            await queue.shutDown()
        }
    }
}

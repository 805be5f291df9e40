import Calls
import Core
import Foundation
import Node
import SwitchboardClient
import TestEngines
import Testing
import Wire

/// Nodes whose models are on a server.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RemoteEngineTests {
    private static var asking: SwitchboardClient.ClassifyOptions {
        var options = SwitchboardClient.ClassifyOptions()
        options.llm = .always
        options.deadline = .seconds(30)
        return options
    }

    /// Runs `body` beside a node that is told of the server by `change`; all end afterwards.
    private func withNode(
        _ double: EngineDouble,
        _ change: (inout ModelPaths) -> Void,
        _ body: (NodeFixture) async throws -> Void,
    ) async throws {
        let fixture = try await NodeFixture { change(&$0.models) }
        do {
            try await body(fixture)
        } catch {
            await fixture.stop()
            await double.stop()
            throw error
        }
        await fixture.stop()
        await double.stop()
    }

    @Test func aServersFiguresStandInTheReply() async throws {
        let double = try await EngineDouble.start()
        try await withNode(double) {
            $0.scorer = "openai:\(double.url)"
        } _: { fixture in
            _ = try await fixture.add(NodeFixture.pairs)
            try await fixture.node.waitUntilScoring()
            let answer = try await fixture.client.classify("where is my money", options: Self.asking)
            #expect(answer.candidates.count > 1)
            for candidate in answer.candidates {
                let spoken = try IntentPath(candidate.intent).spoken
                #expect(candidate.llmLogprob == ToyModels.mean(of: " \(spoken)\n"))
            }
        }
    }

    @Test func aPartOfAPolicyForOtherModelsLeavesTheWordToTheNextScope() async throws {
        let double = try await EngineDouble.start()
        try await withNode(double) {
            $0.scorer = "openai:\(double.url)"
        } _: { fixture in
            _ = try await fixture.add(NodeFixture.pairs)
            try await fixture.node.waitUntilScoring()
            let path = try IntentPath("delivery/lost")
            let text = try UtteranceText("give me my money back")
            let models = try await fixture.client.gateway.call(
                Methods.score,
                ScoreRequest(text: text, candidates: [path, try IntentPath("refund/ask")])
            )
            func part(_ base: ModelID) -> LLMPolicy {
                LLMPolicy(
                    baseModel: base,
                    adapter: models.adapter,
                    prompt: models.prompt,
                    evidenceWeight: 1,
                    llmWeight: 1,
                    skipShare: 10
                )
            }
            let other = try #require(ModelID(bytes: [UInt8](repeating: 9, count: ModelID.byteCount)))
            let shop = PolicyScope.vertical(try Vertical("shop"))
            _ = try await fixture.client.set([
                (shop, Policy(retrieval: RetrievalPolicy(llmMode: .auto), llm: part(other))),
                (.everywhere, Policy(retrieval: nil, llm: part(models.baseModel))),
            ])
            var options = Self.asking
            options.llm = nil
            let answer = try await fixture.client.classify(text.value, options: options)
            #expect(answer.decidedBy == .llm)
            // Where no part is for the model it is not asked, as AUTO has nothing to be unsure by.
            _ = try await fixture.client.set([(.everywhere, Policy(retrieval: nil, llm: part(other)))])
            let asked = double.count(of: "/v1/completions")
            let without = try await fixture.client.classify(text.value, options: options)
            #expect(without.decidedBy == .retrieval)
            #expect(double.count(of: "/v1/completions") == asked)
        }
    }

    @Test(arguments: [EngineDouble.Behaviour.says("nonsense"), .refuses(500), .hangsUp, .isSilent])
    func retrievalAnswersWhereTheServerDoesNot(behaviour: EngineDouble.Behaviour) async throws {
        let double = try await EngineDouble.start()
        try await withNode(double) {
            $0.scorer = "openai:\(double.url)"
        } _: { fixture in
            _ = try await fixture.add(NodeFixture.pairs)
            try await fixture.node.waitUntilScoring()
            double.behave(behaviour)
            var options = Self.asking
            if behaviour == .isSilent { options.deadline = .seconds(1) }
            let before = double.count(of: "/v1/completions")
            let answer = try await fixture.client.classify("the courier lost it", options: options)
            #expect(answer.decidedBy == .degraded)
            #expect(answer.candidates.first?.intent == "delivery/lost")
            #expect(double.count(of: "/v1/completions") > before)
        }
    }

    @Test func aServerThatWasNeverThereDegradesAnswersToo() async throws {
        let double = try await EngineDouble.start()
        let url = double.url
        await double.stop()
        try await withNode(double) {
            $0.scorer = "openai:\(url)"
        } _: { fixture in
            _ = try await fixture.add(NodeFixture.pairs)
            let answer = try await fixture.client.classify("the courier lost it", options: Self.asking)
            #expect(answer.decidedBy == .degraded)
            #expect(await fixture.node.scorerTrouble?.contains(url) == true)
        }
    }

    @Test func pairsAreFoundByVectorsOfAServer() async throws {
        var settings = EngineDouble.Settings()
        settings.dimension = 64
        let double = try await EngineDouble.start(settings)
        try await withNode(double) {
            $0.encoder = "openai:\(double.url)"
        } _: { fixture in
            #expect(try await fixture.add(NodeFixture.pairs).receipt.added == NodeFixture.pairs.count)
            let answer = try await fixture.client.classify("the courier lost my parcel")
            #expect(answer.candidates.first?.intent == "delivery/lost")
            double.behave(.refuses(500))
            let error = await #expect(throws: ClientError.self) {
                _ = try await fixture.client.classify("when does it arrive")
            }
            #expect(error?.message.contains(double.url) == true)
            double.behave(.answers)
            #expect(try await fixture.client.classify("my parcel never showed up").intent == "delivery/lost")
        }
    }

    @Test func aTextThatTheServerDoesNotTakeFailsItsOwnAppendAlone() async throws {
        let double = try await EngineDouble.start()
        try await withNode(double) {
            $0.encoder = "openai:\(double.url)"
        } _: { fixture in
            double.change { $0.refusedWord = "kettle" }
            let error = await #expect(throws: SwitchboardError.self) { _ = try await fixture.add(NodeFixture.pairs) }
            #expect(error?.code == .invalidArgument)
            let place = try #require(NodeFixture.pairs.firstIndex { $0.0.contains("kettle") })
            #expect(error?.message.hasPrefix("command \(place): nothing was appended") == true)
            #expect(error?.message.contains("status 400: the input has a word that is not taken") == true)
            #expect(error?.message.contains("kettle") == false)
            let others = NodeFixture.pairs.filter { !$0.0.contains("kettle") }
            #expect(try await fixture.add(others).receipt.added == others.count)
            let asked = await #expect(throws: ClientError.self) {
                _ = try await fixture.client.classify("the kettle again")
            }
            #expect(asked?.message.contains("is not taken") == true)
        }
    }

    @Test(arguments: ["openai:gpu-1", "openai:http://user:secret@gpu-1"])
    func anAddressThatCannotBeReadIsRefusedBeforeTheStart(address: String) {
        var configuration = NodeFixture.configuration(NodeFixture.makeFolder())
        configuration.models.scorer = address
        let error = #expect(throws: SwitchboardError.self) { try configuration.validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func anAdapterBelongsToALanguageModelInTheProcess() {
        var configuration = NodeFixture.configuration(NodeFixture.makeFolder())
        configuration.models.scorer = "openai:http://gpu-1:8000"
        configuration.models.adapter = "adapter.gguf"
        #expect(throws: SwitchboardError.self) { try configuration.validate() }
    }

    @Test func doctorAsksTheServers() async throws {
        let double = try await EngineDouble.start()
        var configuration = NodeFixture.configuration(NodeFixture.makeFolder())
        configuration.roles = [.retriever, .scorer]
        configuration.addresses = .none
        configuration.models = ModelPaths(encoder: "openai:\(double.url)", scorer: "openai:\(double.url)")
        let well = await Self.checks(configuration)
        #expect(well["encoder"]?.state == .ok)
        #expect(well["encoder"]?.detail.contains("toy") == true)
        #expect(well["language model"]?.state == .ok)
        double.behave(.refuses(500))
        let ill = await Self.checks(configuration)
        #expect(ill["encoder"]?.state == .problem)
        #expect(ill["language model"]?.state == .warning)
        await double.stop()
    }

    private static func checks(_ configuration: NodeConfiguration) async -> [String: DoctorCheck] {
        var checks: [String: DoctorCheck] = [:]
        _ = await Doctor(configuration).run { checks[$0.name] = $0 }
        return checks
    }
}

import Core
import Foundation
import Testing
import UpdateStore

@testable import Node

@Suite struct ShippedPolicyTests {
    private static let ones = String(repeating: "11", count: 32)
    private static let twos = String(repeating: "22", count: 32)
    private static let threes = String(repeating: "33", count: 32)
    private static let written = """
        {"retrieval": {"encoder_id": "\(ones)", "llm_mode": "auto", "k": 20},
         "llm": {"base_model_id": "\(twos)", "adapter_id": "\(threes)", "prompt_id": "\(ones)",
                 "vote_weight": 0.5, "llm_weight": 3, "skip_share": 0.9}}
        """

    @Test func readsWhatIsThereAndLeavesTheRestAtItsDefaults() throws {
        let policy = try ShippedPolicy(Data(Self.written.utf8)).policy
        let encoder = try #require(ModelID(hex: Self.ones))
        #expect(policy.retrieval == RetrievalPolicy(encoder: encoder, k: 20, llmMode: .auto))
        var llm = LLMPolicy(
            baseModel: try #require(ModelID(hex: Self.twos)),
            adapter: ModelID(hex: Self.threes),
            prompt: encoder,
            evidenceWeight: 0.5,
            llmWeight: 3
        )
        llm.skipShare = 0.9
        #expect(policy.llm == llm)
    }

    @Test func readsTheFieldsOfAFittedPolicy() throws {
        let written = """
            {"retrieval": {"encoder_id": "\(Self.ones)", "ignore_exact": true, "calibration_temperature": 1.5,
                           "class_weights": {"density": 0.1, "cosine": 3, "words": 0.3, "temperature": 2},
                           "widening": {"k": 30, "below_share": 0.5}},
             "llm": {"base_model_id": "\(Self.twos)", "prompt_id": "\(Self.ones)", "vote_weight": 1, "llm_weight": 3,
                     "calibration_temperature": 0.5, "least_share": 0.05, "stops_early": true}}
            """
        let policy = try ShippedPolicy(Data(written.utf8)).policy
        #expect(policy.retrieval?.trustsExact == false)
        #expect(policy.retrieval?.calibrationTemperature == 1.5)
        #expect(policy.retrieval?.classWeights == ClassWeights(density: 0.1, cosine: 3, words: 0.3, temperature: 2))
        #expect(policy.llm?.calibrationTemperature == 0.5)
        #expect(policy.retrieval?.widening == Widening(k: 30, belowShare: 0.5))
        #expect(policy.llm?.leastShare == 0.05)
        #expect(policy.llm?.stopsEarly == true)
    }

    @Test(arguments: [
        ("{", "no policy"), ("{\"retrieval\": {\"encoder_id\": \"11\"}}", "64 hexadecimal digits"),
        ("{\"retrieval\": {\"encoder_id\": \"\(ones)\", \"llm_mode\": \"often\"}}", "off, auto or always"),
        ("{\"retrieval\": {\"encoder_id\": \"\(ones)\", \"vote_temperature\": 0}}", "vote_temperature"),
        ("{\"retrieval\": {\"encoder_id\": \"\(ones)\", \"k\": 0}}", "policy's retrieval.k is 0"),
        ("{\"retrieval\": {\"encoder_id\": \"\(ones)\", \"k\": 1001}}", "1.0 to 1000.0 is accepted"),
        ("{\"retrieval\": {\"encoder_id\": \"\(ones)\", \"min_familarity\": 1}}", "'min_familarity' is no field"),
        (
            "{\"retrieval\": {\"encoder_id\": \"\(ones)\", \"class_weights\": {\"cosines\": 1}}}",
            "'cosines' is no field"
        ),
        ("{\"retreival\": {}}", "retrieval, llm are accepted"), ("[]", "is no policy"),
    ])
    func saysWhatIsWrong(_ written: String, _ expected: String) throws {
        let folder = NodeFixture.makeFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "policy.json")
        try Data(written.utf8).write(to: file)
        let error = #expect(throws: SwitchboardError.self) { try ShippedPolicy(path: file.path) }
        #expect(try #require(error).message.contains(expected))
        #expect(try #require(error).message.contains(file.path))
    }

    @Test func isAppendedOnceAndAnewWhereItHasChanged() async throws {
        let folder = NodeFixture.makeFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "policy.json")
        let data = folder.appending(path: "data")
        func headAfterAStart(_ written: String) async throws -> (LogSequence, Policy?) {
            try Data(written.utf8).write(to: file)
            var configuration = NodeFixture.configuration(data)
            configuration.models.policy = file.path
            let node = try await RunningNode.start(configuration, logger: NodeFixture.logger)
            await node.stop()
            let log = try UpdateLog(in: DataDirectory(data.path))
            let state = (log.head.position.sequence, log.policies[.builtin]?.policy)
            try await log.close()
            return state
        }
        #expect(try await headAfterAStart(Self.written).0 == LogSequence(1))
        #expect(try await headAfterAStart(Self.written).0 == LogSequence(1))
        let changed = Self.written.replacing("\"k\": 20", with: "\"k\": 12")
        let (head, policy) = try await headAfterAStart(changed)
        #expect(head == LogSequence(2))
        #expect(policy?.retrieval?.k == 12)
    }
}

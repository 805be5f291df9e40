internal import Core
internal import Foundation

/// The policy that ships beside encoder and adapter and names their ids: a JSON object with `retrieval` and `llm`, the
/// fields as in Protos/switchboard/v1/common.proto, ids in hexadecimal digits. What is left out has its default.
struct ShippedPolicy: Equatable {
    let policy: Policy

    /// - Throws: `.invalidArgument` with the file's path, where it cannot be read, is no such object, or a figure is out
    ///   of bounds.
    init(path: String) throws(SwitchboardError) {
        do {
            self = try ShippedPolicy(Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            let reason = (error as? SwitchboardError)?.message ?? "\(error)"
            throw .invalid("\(path) is no policy: \(reason)")
        }
    }

    init(_ json: Data) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        policy = try decoder.decode(Written.self, from: json).policy
        try policy.check()
    }

    fileprivate struct Written: Decodable {
        struct Retrieval: Decodable {
            var encoderId: String
            var k: Int?
            var voteTemperature: Double?
            var minFamiliarity: Double?
            var distanceWeight: Double?
            var routeScore: Double?
            var clarifyMargin: Double?
            var llmMode: String?
        }

        struct LLM: Decodable {
            var baseModelId: String
            var adapterId: String?
            var promptId: String
            var voteWeight: Double
            var llmWeight: Double
            var skipShare: Double?
            var routeScore: Double?
            var clarifyMargin: Double?
            var candidates: Int?
            var exemplarsEach: Int?
        }

        var retrieval: Retrieval?
        var llm: LLM?

        var policy: Policy {
            get throws { Policy(retrieval: try retrieval?.policy, llm: try llm?.policy) }
        }
    }

    fileprivate static func modelID(_ digits: String, _ field: String) throws(SwitchboardError) -> ModelID {
        guard let id = ModelID(hex: digits) else {
            throw .invalid("\(field) has \(digits.count) characters; 64 hexadecimal digits are accepted", field: field)
        }
        return id
    }
}

extension ShippedPolicy.Written.Retrieval {
    fileprivate var policy: RetrievalPolicy {
        get throws {
            var policy = RetrievalPolicy(encoder: try ShippedPolicy.modelID(encoderId, "encoder_id"))
            policy.k = k ?? policy.k
            policy.voteTemperature = voteTemperature ?? policy.voteTemperature
            policy.minimumFamiliarity = minFamiliarity ?? policy.minimumFamiliarity
            policy.distanceWeight = distanceWeight ?? policy.distanceWeight
            policy.routeScore = routeScore ?? policy.routeScore
            policy.clarifyMargin = clarifyMargin ?? policy.clarifyMargin
            if let llmMode {
                guard let mode = LLMMode(rawValue: llmMode) else {
                    throw SwitchboardError.invalid("llm_mode is '\(llmMode)'; off, auto or always is accepted")
                }
                policy.llmMode = mode
            }
            return policy
        }
    }
}

extension ShippedPolicy.Written.LLM {
    fileprivate var policy: LLMPolicy {
        get throws {
            var policy = LLMPolicy(
                baseModel: try ShippedPolicy.modelID(baseModelId, "base_model_id"),
                adapter: try adapterId.map { digits in try ShippedPolicy.modelID(digits, "adapter_id") },
                prompt: try ShippedPolicy.modelID(promptId, "prompt_id"),
                evidenceWeight: voteWeight,
                llmWeight: llmWeight
            )
            policy.skipShare = skipShare ?? policy.skipShare
            policy.routeScore = routeScore ?? policy.routeScore
            policy.clarifyMargin = clarifyMargin ?? policy.clarifyMargin
            policy.candidates = candidates ?? policy.candidates
            policy.exemplarsEach = exemplarsEach ?? policy.exemplarsEach
            return policy
        }
    }
}

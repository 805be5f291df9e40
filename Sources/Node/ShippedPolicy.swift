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
        try Self.refuseUnknown(in: json)
        policy = try JSONDecoder().decode(Written.self, from: json).policy
        try policy.check()
    }

    /// What is not read would be passed over in silence, and answers decided otherwise than the file says.
    private static func refuseUnknown(in json: Data) throws {
        let written = try JSONSerialization.jsonObject(with: json) as? [String: Any] ?? [:]
        try refuse(written, beside: Written.CodingKeys.allCases.map(\.rawValue))
        let retrieval = written["retrieval"] as? [String: Any] ?? [:]
        try refuse(retrieval, beside: Written.Retrieval.CodingKeys.allCases.map(\.rawValue))
        let weights = retrieval["class_weights"] as? [String: Any] ?? [:]
        try refuse(weights, beside: Written.Weights.CodingKeys.allCases.map(\.rawValue))
        let widening = retrieval["widening"] as? [String: Any] ?? [:]
        try refuse(widening, beside: Written.Wider.CodingKeys.allCases.map(\.rawValue))
        let llm = written["llm"] as? [String: Any] ?? [:]
        try refuse(llm, beside: Written.LLM.CodingKeys.allCases.map(\.rawValue))
    }

    private static func refuse(_ written: [String: Any], beside known: [String]) throws(SwitchboardError) {
        guard let field = Set(written.keys).subtracting(known).min() else { return }
        throw .invalid("'\(field)' is no field of it; \(known.joined(separator: ", ")) are accepted", field: field)
    }

    fileprivate struct Written: Decodable {
        enum CodingKeys: String, CodingKey, CaseIterable { case retrieval, llm }

        struct Retrieval: Decodable {
            enum CodingKeys: String, CodingKey, CaseIterable {
                case encoderID = "encoder_id"
                case k
                case voteTemperature = "vote_temperature"
                case ignoresExact = "ignore_exact"
                case calibrationTemperature = "calibration_temperature"
                case minimumFamiliarity = "min_familiarity"
                case distanceWeight = "distance_weight"
                case meanWeight = "mean_weight"
                case wordWeight = "word_weight"
                case routeScore = "route_score"
                case clarifyMargin = "clarify_margin"
                case llmMode = "llm_mode"
                case classWeights = "class_weights"
                case widening
            }

            var encoderID: String
            var k: Int?
            var voteTemperature: Double?
            var ignoresExact: Bool?
            var calibrationTemperature: Double?
            var minimumFamiliarity: Double?
            var distanceWeight: Double?
            var meanWeight: Double?
            var wordWeight: Double?
            var routeScore: Double?
            var clarifyMargin: Double?
            var llmMode: String?
            var classWeights: Weights?
            var widening: Wider?
        }

        struct Wider: Decodable {
            enum CodingKeys: String, CodingKey, CaseIterable {
                case k
                case belowShare = "below_share"
                case fewerIntents = "fewer_intents"
            }

            var k: Int
            var belowShare: Double?
            var fewerIntents: Int?
        }

        struct Weights: Decodable {
            enum CodingKeys: String, CodingKey, CaseIterable { case density, cosine, words, temperature }

            var density: Double
            var cosine: Double
            var words: Double?
            var temperature: Double
        }

        struct LLM: Decodable {
            enum CodingKeys: String, CodingKey, CaseIterable {
                case baseModelID = "base_model_id"
                case adapterID = "adapter_id"
                case promptID = "prompt_id"
                case evidenceWeight = "vote_weight"
                case llmWeight = "llm_weight"
                case calibrationTemperature = "calibration_temperature"
                case skipShare = "skip_share"
                case routeScore = "route_score"
                case clarifyMargin = "clarify_margin"
                case candidates
                case exemplarsEach = "exemplars_each"
                case leastShare = "least_share"
                case stopsEarly = "stops_early"
            }

            var baseModelID: String
            var adapterID: String?
            var promptID: String
            var evidenceWeight: Double
            var llmWeight: Double
            var calibrationTemperature: Double?
            var skipShare: Double?
            var routeScore: Double?
            var clarifyMargin: Double?
            var candidates: Int?
            var exemplarsEach: Int?
            var leastShare: Double?
            var stopsEarly: Bool?
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
            var policy = RetrievalPolicy(encoder: try ShippedPolicy.modelID(encoderID, "encoder_id"))
            policy.k = k ?? policy.k
            policy.voteTemperature = voteTemperature ?? policy.voteTemperature
            policy.trustsExact = ignoresExact.map { !$0 } ?? policy.trustsExact
            policy.calibrationTemperature = calibrationTemperature
            policy.minimumFamiliarity = minimumFamiliarity ?? policy.minimumFamiliarity
            policy.distanceWeight = distanceWeight ?? policy.distanceWeight
            policy.meanWeight = meanWeight ?? policy.meanWeight
            policy.wordWeight = wordWeight ?? policy.wordWeight
            policy.routeScore = routeScore ?? policy.routeScore
            policy.clarifyMargin = clarifyMargin ?? policy.clarifyMargin
            policy.classWeights = classWeights.map {
                ClassWeights(
                    density: $0.density,
                    cosine: $0.cosine,
                    words: $0.words ?? 0,
                    temperature: $0.temperature
                )
            }
            policy.widening = widening.map {
                Widening(k: $0.k, belowShare: $0.belowShare ?? 0, fewerIntents: $0.fewerIntents ?? 0)
            }
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
                baseModel: try ShippedPolicy.modelID(baseModelID, "base_model_id"),
                adapter: try adapterID.map { digits in try ShippedPolicy.modelID(digits, "adapter_id") },
                prompt: try ShippedPolicy.modelID(promptID, "prompt_id"),
                evidenceWeight: evidenceWeight,
                llmWeight: llmWeight
            )
            policy.calibrationTemperature = calibrationTemperature
            policy.skipShare = skipShare ?? policy.skipShare
            policy.routeScore = routeScore ?? policy.routeScore
            policy.clarifyMargin = clarifyMargin ?? policy.clarifyMargin
            policy.candidates = candidates ?? policy.candidates
            policy.exemplarsEach = exemplarsEach ?? policy.exemplarsEach
            policy.leastShare = leastShare ?? policy.leastShare
            policy.stopsEarly = stopsEarly ?? policy.stopsEarly
            return policy
        }
    }
}

internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension Policy: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Policy>) {
        switchboard__v1__policy__init(message)
    }

    init(_ message: Switchboard__V1__Policy) throws(FieldError) {
        self.init(
            retrieval: try Read.optional(message.retrieval, "retrieval"),
            llm: try Read.optional(message.llm, "llm")
        )
    }

    func fill(_ message: inout Switchboard__V1__Policy, _ arena: inout Arena) {
        message.retrieval = arena.message(ofAny: retrieval)
        message.llm = arena.message(ofAny: llm)
    }
}

extension RetrievalPolicy: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RetrievalPolicy>) {
        switchboard__v1__retrieval_policy__init(message)
    }

    /// The mode has no policy above it to fall back on, so that a mode that is not set is OFF.
    init(_ message: Switchboard__V1__RetrievalPolicy) throws(FieldError) {
        guard message.k > 0 else { throw FieldError("k", "at least one exemplar has to vote") }
        let familiarity = try FamiliarityFields(message)
        self.init(
            encoder: try message.encoder_id.optionalModel("encoder_id"),
            k: try Read.count(message.k, "k", atMost: UInt32(RetrieveRequest.maximumNeighbours)),
            voteTemperature: try Read.positive(message.vote_temperature, "vote_temperature"),
            trustsExact: message.ignore_exact == 0,
            calibrationTemperature: try Read.optionalPositive(
                message.calibration_temperature,
                "calibration_temperature"
            ),
            minimumFamiliarity: familiarity.least ?? RetrievalPolicy.builtin.minimumFamiliarity,
            distanceWeight: familiarity.distanceWeight ?? RetrievalPolicy.builtin.distanceWeight,
            meanWeight: familiarity.meanWeight ?? RetrievalPolicy.builtin.meanWeight,
            wordWeight: familiarity.wordWeight ?? RetrievalPolicy.builtin.wordWeight,
            superseded: familiarity.superseded,
            routeScore: try Read.finite(message.route_score, "route_score"),
            clarifyMargin: try Read.finite(message.clarify_margin, "clarify_margin"),
            llmMode: try LLMMode.optional(message.llm_mode, "llm_mode") ?? .off,
            classWeights: try Read.optional(message.class_weights, "class_weights"),
            widening: try Read.optional(message.widening, "widening")
        )
    }

    func fill(_ message: inout Switchboard__V1__RetrievalPolicy, _ arena: inout Arena) {
        if let encoder { message.encoder_id = arena.data(encoder.bytes) }
        message.k = UInt32(clamping: k)
        message.vote_temperature = voteTemperature
        message.ignore_exact = boolean(!trustsExact)
        message.calibration_temperature = calibrationTemperature ?? 0
        if let superseded = standingSuperseded {
            message.superseded_min_familiarity = superseded.minimumFamiliarity
            message.superseded_distance_weight = superseded.distanceWeight
        } else {
            message.min_familiarity = minimumFamiliarity
            message.min_familiarity_value_case =
                SWITCHBOARD__V1__RETRIEVAL_POLICY__MIN_FAMILIARITY_VALUE_MIN_FAMILIARITY
            message.distance_weight = distanceWeight
            message.distance_weight_value_case =
                SWITCHBOARD__V1__RETRIEVAL_POLICY__DISTANCE_WEIGHT_VALUE_DISTANCE_WEIGHT
            message.mean_weight = meanWeight
            message.mean_weight_value_case = SWITCHBOARD__V1__RETRIEVAL_POLICY__MEAN_WEIGHT_VALUE_MEAN_WEIGHT
            message.word_weight = wordWeight
        }
        message.route_score = routeScore
        message.clarify_margin = clarifyMargin
        message.llm_mode = llmMode.number
        message.class_weights = arena.message(ofAny: classWeights)
        message.widening = arena.message(ofAny: widening)
    }
}

/// What a message says of familiarity; nothing of it, or what was meant before, where it has none of the present fields.
private struct FamiliarityFields {
    var least: Double?
    var distanceWeight: Double?
    var meanWeight: Double?
    var wordWeight: Double?
    var superseded: SupersededFamiliarity?

    init(_ message: Switchboard__V1__RetrievalPolicy) throws(FieldError) {
        if message.min_familiarity_value_case
            == SWITCHBOARD__V1__RETRIEVAL_POLICY__MIN_FAMILIARITY_VALUE_MIN_FAMILIARITY
        {
            least = try Read.finite(message.min_familiarity, "min_familiarity")
        }
        if message.distance_weight_value_case
            == SWITCHBOARD__V1__RETRIEVAL_POLICY__DISTANCE_WEIGHT_VALUE_DISTANCE_WEIGHT
        {
            distanceWeight = try Read.finite(message.distance_weight, "distance_weight")
        }
        if message.mean_weight_value_case == SWITCHBOARD__V1__RETRIEVAL_POLICY__MEAN_WEIGHT_VALUE_MEAN_WEIGHT {
            meanWeight = try Read.finite(message.mean_weight, "mean_weight")
        }
        guard least == nil, distanceWeight == nil, meanWeight == nil, message.word_weight == 0 else {
            // Thresholds from before words counted are of a familiarity without them.
            wordWeight = try Read.finite(message.word_weight, "word_weight")
            return
        }
        superseded = SupersededFamiliarity(
            minimumFamiliarity: try Read.finite(message.superseded_min_familiarity, "superseded_min_familiarity"),
            distanceWeight: try Read.finite(message.superseded_distance_weight, "superseded_distance_weight")
        )
    }
}

extension Widening: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Widening>) {
        switchboard__v1__widening__init(message)
    }

    init(_ message: Switchboard__V1__Widening) throws(FieldError) {
        guard message.k > 0 else { throw FieldError("k", "at least one exemplar has to vote") }
        self.init(
            k: try Read.count(message.k, "k", atMost: UInt32(RetrieveRequest.maximumNeighbours)),
            belowShare: try Read.finite(message.below_share, "below_share"),
            fewerIntents: try Read.count(
                message.fewer_intents,
                "fewer_intents",
                atMost: UInt32(RetrieveRequest.maximumNeighbours)
            )
        )
    }

    func fill(_ message: inout Switchboard__V1__Widening, _ arena: inout Arena) {
        message.k = UInt32(clamping: k)
        message.below_share = belowShare
        message.fewer_intents = UInt32(clamping: fewerIntents)
    }
}

extension ClassWeights: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ClassWeights>) {
        switchboard__v1__class_weights__init(message)
    }

    init(_ message: Switchboard__V1__ClassWeights) throws(FieldError) {
        self.init(
            density: try Read.finite(message.density, "density"),
            cosine: try Read.finite(message.cosine, "cosine"),
            words: try Read.finite(message.words, "words"),
            temperature: try Read.positive(message.temperature, "temperature")
        )
    }

    func fill(_ message: inout Switchboard__V1__ClassWeights, _ arena: inout Arena) {
        message.density = density
        message.cosine = cosine
        message.words = words
        message.temperature = temperature
    }
}

extension LLMPolicy: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__LlmPolicy>) {
        switchboard__v1__llm_policy__init(message)
    }

    init(_ message: Switchboard__V1__LlmPolicy) throws(FieldError) {
        self.init(
            baseModel: try message.base_model_id.model("base_model_id"),
            adapter: try message.adapter_id.optionalModel("adapter_id"),
            prompt: try message.prompt_id.model("prompt_id"),
            evidenceWeight: try Read.finite(message.vote_weight, "vote_weight"),
            llmWeight: try Read.finite(message.llm_weight, "llm_weight"),
            calibrationTemperature: try Read.optionalPositive(
                message.calibration_temperature,
                "calibration_temperature"
            ),
            skipShare: try Read.finite(message.skip_share, "skip_share"),
            routeScore: try Read.finite(message.route_score, "route_score"),
            clarifyMargin: try Read.finite(message.clarify_margin, "clarify_margin"),
            candidates: message.candidates == 0
                ? LLMPolicy.defaultCandidates
                : try Read.count(
                    message.candidates,
                    "candidates",
                    atMost: UInt32(RetrieveRequest.maximumCandidates)
                ),
            exemplarsEach: message.exemplars_each == 0
                ? LLMPolicy.defaultExemplarsEach
                : try Read.count(
                    message.exemplars_each,
                    "exemplars_each",
                    atMost: UInt32(RetrieveRequest.maximumExemplars)
                ),
            leastShare: message.least_share == 0
                ? LLMPolicy.defaultLeastShare : try Read.finite(message.least_share, "least_share"),
            stopsEarly: message.stops_early != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__LlmPolicy, _ arena: inout Arena) {
        message.base_model_id = arena.data(baseModel.bytes)
        if let adapter { message.adapter_id = arena.data(adapter.bytes) }
        message.prompt_id = arena.data(prompt.bytes)
        message.vote_weight = evidenceWeight
        message.llm_weight = llmWeight
        message.calibration_temperature = calibrationTemperature ?? 0
        message.skip_share = skipShare
        message.route_score = routeScore
        message.clarify_margin = clarifyMargin
        message.candidates = UInt32(clamping: candidates)
        message.exemplars_each = UInt32(clamping: exemplarsEach)
        // Left away, so that programs from before there was a choice write the same.
        message.least_share = leastShare == LLMPolicy.defaultLeastShare ? 0 : leastShare
        message.stops_early = boolean(stopsEarly)
    }
}

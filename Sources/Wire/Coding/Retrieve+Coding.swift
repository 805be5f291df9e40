internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension RetrieveRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.RetrieveRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RetrieveRequest>) {
        switchboard__v1__retrieve_request__init(message)
    }

    init(_ message: Switchboard__V1__RetrieveRequest) throws(FieldError) {
        self.init(
            text: message.text.isEmpty ? nil : try message.text.utterance("text"),
            vector: try Read.vector(message.vector, message.n_vector, "vector"),
            encoder: try message.encoder_id.optionalModel("encoder_id"),
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            k: message.k == 0 ? nil : try Read.count(message.k, "k", atMost: UInt32(Self.maximumNeighbours)),
            within: try Read.paths(message.within, message.n_within, "within"),
            exclude: try Read.exemplars(message.exclude, message.n_exclude, "exclude"),
            isExact: message.exact != 0,
            minPosition: try Read.optional(message.min_position, "min_position"),
            priority: try Priority.optional(message.priority, "priority") ?? .live,
            llm: try LLMMode.optional(message.llm, "llm"),
            candidates: message.candidates == 0
                ? nil : try Read.count(message.candidates, "candidates", atMost: UInt32(Self.maximumCandidates)),
            exemplarsEach: message.exemplars_each == 0
                ? nil : try Read.count(message.exemplars_each, "exemplars_each", atMost: UInt32(Self.maximumExemplars)),
            classFigures: message.class_figures == 0
                ? nil
                : try Read.count(message.class_figures, "class_figures", atMost: UInt32(Self.maximumClassFigures)),
            scorers: try Read.messages(message.scorers, message.n_scorers, "scorers", atMost: Self.maximumScorers)
        )
        guard text != nil || !vector.isEmpty else {
            throw FieldError("text", "a text or a vector is needed")
        }
        guard vector.isEmpty || encoder != nil else {
            throw FieldError("encoder_id", "a vector comes with the id of its encoder")
        }
    }

    func fill(_ message: inout Switchboard__V1__RetrieveRequest, _ arena: inout Arena) {
        if let text { message.text = arena.data(text.value) }
        message.n_vector = vector.count
        message.vector = arena.numbers(vector)
        if let encoder { message.encoder_id = arena.data(encoder.bytes) }
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.k = UInt32(clamping: k ?? 0)
        message.n_within = within.count
        message.within = arena.datas(within)
        message.n_exclude = exclude.count
        message.exclude = arena.datas(exclude)
        message.exact = boolean(isExact)
        message.min_position = arena.message(ofAny: minPosition)
        message.priority = priority.number
        message.llm = LLMMode.number(of: llm)
        message.candidates = UInt32(clamping: candidates ?? 0)
        message.exemplars_each = UInt32(clamping: exemplarsEach ?? 0)
        message.class_figures = UInt32(clamping: classFigures ?? 0)
        message.n_scorers = scorers.count
        message.scorers = arena.messages(of: scorers)
    }
}

extension RetrieveResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.RetrieveResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RetrieveResponse>) {
        switchboard__v1__retrieve_response__init(message)
    }

    init(_ message: Switchboard__V1__RetrieveResponse) throws(FieldError) {
        self.init(
            neighbours: try Read.messages(message.neighbours, message.n_neighbours, "neighbours"),
            equal: try Read.messages(message.equal, message.n_equal, "equal"),
            intents: try Read.messages(message.intents, message.n_intents, "intents"),
            policy: try Read.optional(message.policy, "policy"),
            policySequence: Read.optionalSequence(message.policy_seq),
            position: try Read.needed(message.position, "position"),
            isTruncated: message.truncated != 0,
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            queue: Read.duration(message.queue_us),
            encode: Read.duration(message.encode_us),
            search: Read.duration(message.search_us),
            encoder: try message.encoder_id.optionalModel("encoder_id"),
            classes: try Read.optional(message.classes, "classes"),
            shown: try Read.messages(message.shown, message.n_shown, "shown"),
            ignoredPolicies: try Read.list(
                message.ignored_policy_seqs,
                message.n_ignored_policy_seqs,
                "ignored_policy_seqs",
                atMost: Limits.maximumItems
            ) { number throws(FieldError) in LogSequence(number) },
            isShortened: message.shortened != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__RetrieveResponse, _ arena: inout Arena) {
        message.n_neighbours = neighbours.count
        message.neighbours = arena.messages(of: neighbours)
        message.n_equal = equal.count
        message.equal = arena.messages(of: equal)
        message.n_intents = intents.count
        message.intents = arena.messages(of: intents)
        message.policy = arena.message(ofAny: policy)
        message.policy_seq = policySequence?.number ?? 0
        message.position = arena.message(of: position)
        message.truncated = boolean(isTruncated)
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.queue_us = microseconds(queue)
        message.encode_us = microseconds(encode)
        message.search_us = microseconds(search)
        if let encoder { message.encoder_id = arena.data(encoder.bytes) }
        message.classes = arena.message(ofAny: classes)
        message.n_shown = shown.count
        message.shown = arena.messages(of: shown)
        message.n_ignored_policy_seqs = ignoredPolicies.count
        message.ignored_policy_seqs = arena.numbers(ignoredPolicies.map(\.number))
        message.shortened = boolean(isShortened)
    }
}

extension ScoringModels: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ScoringModels>) {
        switchboard__v1__scoring_models__init(message)
    }

    init(_ message: Switchboard__V1__ScoringModels) throws(FieldError) {
        self.init(
            base: try message.base_model_id.model("base_model_id"),
            adapter: try message.adapter_id.optionalModel("adapter_id"),
            prompt: try message.prompt_id.model("prompt_id")
        )
    }

    func fill(_ message: inout Switchboard__V1__ScoringModels, _ arena: inout Arena) {
        message.base_model_id = arena.data(base.bytes)
        if let adapter { message.adapter_id = arena.data(adapter.bytes) }
        message.prompt_id = arena.data(prompt.bytes)
    }
}

extension ClassEvidence: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ClassEvidence>) {
        switchboard__v1__class_evidence__init(message)
    }

    init(_ message: Switchboard__V1__ClassEvidence) throws(FieldError) {
        let hasNearest =
            message.nearest_mean_value_case == SWITCHBOARD__V1__CLASS_EVIDENCE__NEAREST_MEAN_VALUE_NEAREST_MEAN
        let hasDistance =
            message.relative_distance_value_case
            == SWITCHBOARD__V1__CLASS_EVIDENCE__RELATIVE_DISTANCE_VALUE_RELATIVE_DISTANCE
        let hasLift = message.word_lift_value_case == SWITCHBOARD__V1__CLASS_EVIDENCE__WORD_LIFT_VALUE_WORD_LIFT
        let hasOthers = message.others_value_case == SWITCHBOARD__V1__CLASS_EVIDENCE__OTHERS_VALUE_OTHERS
        self.init(
            figures: try Read.messages(message.figures, message.n_figures, "figures"),
            weights: try Read.needed(message.weights, "weights"),
            others: hasOthers ? try Read.finite(message.others, "others") : -.infinity,
            nearestMean: hasNearest ? try Read.finite(message.nearest_mean, "nearest_mean") : nil,
            relativeDistance: hasDistance ? try Read.finite(message.relative_distance, "relative_distance") : nil,
            wordLift: hasLift ? try Read.finite(message.word_lift, "word_lift") : nil
        )
    }

    func fill(_ message: inout Switchboard__V1__ClassEvidence, _ arena: inout Arena) {
        message.n_figures = figures.count
        message.figures = arena.messages(of: figures)
        message.weights = arena.message(of: weights)
        if let nearestMean {
            message.nearest_mean = nearestMean
            message.nearest_mean_value_case = SWITCHBOARD__V1__CLASS_EVIDENCE__NEAREST_MEAN_VALUE_NEAREST_MEAN
        }
        if let relativeDistance {
            message.relative_distance = relativeDistance
            message.relative_distance_value_case =
                SWITCHBOARD__V1__CLASS_EVIDENCE__RELATIVE_DISTANCE_VALUE_RELATIVE_DISTANCE
        }
        if let wordLift {
            message.word_lift = wordLift
            message.word_lift_value_case = SWITCHBOARD__V1__CLASS_EVIDENCE__WORD_LIFT_VALUE_WORD_LIFT
        }
        if others > -.infinity {
            message.others = others
            message.others_value_case = SWITCHBOARD__V1__CLASS_EVIDENCE__OTHERS_VALUE_OTHERS
        }
    }
}

extension ClassFigure: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ClassFigure>) {
        switchboard__v1__class_figure__init(message)
    }

    init(_ message: Switchboard__V1__ClassFigure) throws(FieldError) {
        let hasDensity = message.log_density_value_case == SWITCHBOARD__V1__CLASS_FIGURE__LOG_DENSITY_VALUE_LOG_DENSITY
        self.init(
            intent: try Read.intentID(message.intent_id, "intent_id"),
            cosine: try Read.finite(message.cosine, "cosine"),
            logDensity: hasDensity ? try Read.finite(message.log_density, "log_density") : nil,
            words: try Read.finite(message.words, "words"),
        )
    }

    func fill(_ message: inout Switchboard__V1__ClassFigure, _ arena: inout Arena) {
        message.intent_id = intent.number
        message.cosine = cosine
        message.words = words
        if let logDensity {
            message.log_density = logDensity
            message.log_density_value_case = SWITCHBOARD__V1__CLASS_FIGURE__LOG_DENSITY_VALUE_LOG_DENSITY
        }
    }
}

internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension ExemplarUpserted: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ExemplarUpserted>) {
        switchboard__v1__exemplar_upserted__init(message)
    }

    init(_ message: Switchboard__V1__ExemplarUpserted) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            text: message.text.isEmpty ? nil : try message.text.utterance("text"),
            path: try message.intent.path("intent"),
            vector: try Read.vector(message.vector, message.n_vector, "vector"),
            encoder: try message.encoder_id.model("encoder_id"),
            origin: try message.origin.opaque("origin"),
            intent: message.intent_id == 0 ? nil : IntentID(message.intent_id)
        )
    }

    func fill(_ message: inout Switchboard__V1__ExemplarUpserted, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        if let text { message.text = arena.data(text.value) }
        message.intent = arena.data(path.description)
        message.n_vector = vector.count
        message.vector = arena.numbers(vector)
        message.encoder_id = arena.data(encoder.bytes)
        message.origin = arena.data(origin)
        message.intent_id = intent?.number ?? 0
    }
}

extension ExemplarRemoved: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ExemplarRemoved>) {
        switchboard__v1__exemplar_removed__init(message)
    }

    init(_ message: Switchboard__V1__ExemplarRemoved) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            exemplar: ExemplarID(try message.exemplar_id.bits("exemplar_id"))
        )
    }

    func fill(_ message: inout Switchboard__V1__ExemplarRemoved, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.exemplar_id = arena.data(exemplar.bits)
    }
}

extension IntentSet: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__IntentSet>) {
        switchboard__v1__intent_set__init(message)
    }

    init(_ message: Switchboard__V1__IntentSet) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            path: try message.intent.path("intent"),
            description: try message.description.optionalProse("description"),
            phrase: try message.phrase.optionalProse("phrase"),
            attributes: try Read.attributes(message.attributes, message.n_attributes),
            isEnabled: message.disabled == 0
        )
    }

    func fill(_ message: inout Switchboard__V1__IntentSet, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.intent = arena.data(path.description)
        if let description { message.description = arena.data(description) }
        if let phrase { message.phrase = arena.data(phrase) }
        message.n_attributes = attributes.count
        message.attributes = arena.attributes(attributes)
        message.disabled = boolean(!isEnabled)
    }
}

extension IntentRenamed: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__IntentRenamed>) {
        switchboard__v1__intent_renamed__init(message)
    }

    init(_ message: Switchboard__V1__IntentRenamed) throws(FieldError) {
        self.init(
            intent: try Read.intentID(message.intent_id, "intent_id"),
            newPath: try message.new_path.path("new_path")
        )
    }

    func fill(_ message: inout Switchboard__V1__IntentRenamed, _ arena: inout Arena) {
        message.intent_id = intent.number
        message.new_path = arena.data(newPath.description)
    }
}

extension IntentsMerged: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__IntentsMerged>) {
        switchboard__v1__intents_merged__init(message)
    }

    init(_ message: Switchboard__V1__IntentsMerged) throws(FieldError) {
        self.init(
            from: try Read.intentID(message.from_intent_id, "from_intent_id"),
            into: try Read.intentID(message.into_intent_id, "into_intent_id")
        )
    }

    func fill(_ message: inout Switchboard__V1__IntentsMerged, _ arena: inout Arena) {
        message.from_intent_id = from.number
        message.into_intent_id = into.number
    }
}

extension IntentRestored: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__IntentRestored>) {
        switchboard__v1__intent_restored__init(message)
    }

    init(_ message: Switchboard__V1__IntentRestored) throws(FieldError) {
        self.init(
            intent: try Read.intentID(message.intent_id, "intent_id"),
            path: try message.path.path("path"),
            aliasOf: message.alias_of == 0 ? nil : IntentID(message.alias_of)
        )
    }

    func fill(_ message: inout Switchboard__V1__IntentRestored, _ arena: inout Arena) {
        message.intent_id = intent.number
        message.path = arena.data(path.description)
        message.alias_of = aliasOf?.number ?? 0
    }
}

extension PolicySet: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__PolicySet>) {
        switchboard__v1__policy_set__init(message)
    }

    init(_ message: Switchboard__V1__PolicySet) throws(FieldError) {
        self.init(
            scope: try message.scope.scope("scope"),
            policy: try Read.optional(message.policy, "policy")
        )
    }

    func fill(_ message: inout Switchboard__V1__PolicySet, _ arena: inout Arena) {
        message.scope = arena.characters(scope.description)
        message.policy = arena.message(ofAny: policy)
    }
}

extension VectorSet: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__VectorSet>) {
        switchboard__v1__vector_set__init(message)
    }

    init(_ message: Switchboard__V1__VectorSet) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            exemplar: ExemplarID(try message.exemplar_id.bits("exemplar_id")),
            vector: try Read.vector(message.vector, message.n_vector, "vector"),
            encoder: try message.encoder_id.model("encoder_id")
        )
    }

    func fill(_ message: inout Switchboard__V1__VectorSet, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.exemplar_id = arena.data(exemplar.bits)
        message.n_vector = vector.count
        message.vector = arena.numbers(vector)
        message.encoder_id = arena.data(encoder.bytes)
    }
}

extension ModelsSwitched: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ModelsSwitched>) {
        switchboard__v1__models_switched__init(message)
    }

    init(_ message: Switchboard__V1__ModelsSwitched) throws(FieldError) {
        // Whoever passed over them would answer otherwise than the log says.
        guard message.base_model_id.isEmpty, message.adapter_id.isEmpty, message.prompt_id.isEmpty else {
            throw FieldError(
                "base_model_id",
                "the record switches models that this code takes from its node's settings",
                code: .unimplemented
            )
        }
        self.init(encoder: try message.encoder_id.model("encoder_id"))
    }

    func fill(_ message: inout Switchboard__V1__ModelsSwitched, _ arena: inout Arena) {
        message.encoder_id = arena.data(encoder.bytes)
    }
}

internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension LogCommand: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__LogCommand>) {
        switchboard__v1__log_command__init(message)
    }

    init(_ message: Switchboard__V1__LogCommand) throws(FieldError) {
        switch message.kind_case {
        case SWITCHBOARD__V1__LOG_COMMAND__KIND_UPSERT: self = .upsert(try Read.needed(message.upsert, "upsert"))
        case SWITCHBOARD__V1__LOG_COMMAND__KIND_REMOVE: self = .remove(try Read.needed(message.remove, "remove"))
        case SWITCHBOARD__V1__LOG_COMMAND__KIND_SET_INTENT:
            self = .setIntent(try Read.needed(message.set_intent, "set_intent"))
        case SWITCHBOARD__V1__LOG_COMMAND__KIND_SET_POLICY: self = try SetPolicy.needed(message.set_policy)
        case SWITCHBOARD__V1__LOG_COMMAND__KIND_RENAME: self = .rename(try Read.needed(message.rename, "rename"))
        case SWITCHBOARD__V1__LOG_COMMAND__KIND_MERGE: self = .merge(try Read.needed(message.merge, "merge"))
        case SWITCHBOARD__V1__LOG_COMMAND__KIND_SET_KEY: self = .setKey(try Read.needed(message.set_key, "set_key"))
        default: throw FieldError("kind", "none of the kinds that are accepted is set")
        }
    }

    func fill(_ message: inout Switchboard__V1__LogCommand, _ arena: inout Arena) {
        switch self {
        case .upsert(let upsert):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_UPSERT
            message.upsert = arena.message(of: upsert)
        case .remove(let remove):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_REMOVE
            message.remove = arena.message(of: remove)
        case .setIntent(let setIntent):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_SET_INTENT
            message.set_intent = arena.message(of: setIntent)
        case .setPolicy(let setPolicy):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_SET_POLICY
            message.set_policy = arena.message(
                of: SetPolicy(scope: setPolicy.scope, policy: setPolicy.policy, amends: false)
            )
        case .amendPolicy(let scope, let parts):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_SET_POLICY
            message.set_policy = arena.message(of: SetPolicy(scope: scope, policy: parts, amends: true))
        case .rename(let rename):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_RENAME
            message.rename = arena.message(of: rename)
        case .merge(let merge):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_MERGE
            message.merge = arena.message(of: merge)
        case .setKey(let command):
            message.kind_case = SWITCHBOARD__V1__LOG_COMMAND__KIND_SET_KEY
            message.set_key = arena.message(of: command)
        }
    }
}

extension UpsertCommand: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Upsert>) {
        switchboard__v1__upsert__init(message)
    }

    init(_ message: Switchboard__V1__Upsert) throws(FieldError) {
        self.init(
            vertical: try message.vertical.optionalVertical("vertical") ?? .default,
            text: try message.text.utterance("text"),
            path: try message.intent.path("intent"),
            vector: try Read.vector(message.vector, message.n_vector, "vector"),
            encoder: try message.encoder_id.optionalModel("encoder_id"),
            origin: try message.origin.opaque("origin")
        )
        guard vector.isEmpty || encoder != nil else {
            throw FieldError("encoder_id", "a vector comes with the id of its encoder")
        }
    }

    func fill(_ message: inout Switchboard__V1__Upsert, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.text = arena.data(text.value)
        message.intent = arena.data(path.description)
        message.n_vector = vector.count
        message.vector = arena.numbers(vector)
        if let encoder { message.encoder_id = arena.data(encoder.bytes) }
        message.origin = arena.data(origin)
    }
}

extension RemoveCommand: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Remove>) {
        switchboard__v1__remove__init(message)
    }

    init(_ message: Switchboard__V1__Remove) throws(FieldError) {
        let vertical = try message.vertical.optionalVertical("vertical") ?? .default
        guard message.text.isEmpty != message.exemplar_id.isEmpty else {
            throw FieldError("text", "either a text or an exemplar_id is needed")
        }
        let exemplar =
            message.text.isEmpty
            ? ExemplarID(try message.exemplar_id.bits("exemplar_id"))
            : ExemplarID(vertical: vertical, text: try message.text.utterance("text"))
        self.init(vertical: vertical, exemplar: exemplar)
    }

    func fill(_ message: inout Switchboard__V1__Remove, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.exemplar_id = arena.data(exemplar.bits)
    }
}

extension SetIntentCommand: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__SetIntent>) {
        switchboard__v1__set_intent__init(message)
    }

    init(_ message: Switchboard__V1__SetIntent) throws(FieldError) {
        let hasDescription =
            message.description_value_case == SWITCHBOARD__V1__SET_INTENT__DESCRIPTION_VALUE_DESCRIPTION
        let hasPhrase = message.phrase_value_case == SWITCHBOARD__V1__SET_INTENT__PHRASE_VALUE_PHRASE
        let hasDisabled = message.disabled_value_case == SWITCHBOARD__V1__SET_INTENT__DISABLED_VALUE_DISABLED
        self.init(
            vertical: try message.vertical.optionalVertical("vertical") ?? .default,
            path: try message.intent.path("intent"),
            description: hasDescription ? try message.description.prose("description") : nil,
            phrase: hasPhrase ? try message.phrase.prose("phrase") : nil,
            attributes: try Read.attributes(message.attributes, message.n_attributes),
            isEnabled: hasDisabled ? message.disabled == 0 : nil
        )
    }

    func fill(_ message: inout Switchboard__V1__SetIntent, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.intent = arena.data(path.description)
        if let description {
            message.description_value_case = SWITCHBOARD__V1__SET_INTENT__DESCRIPTION_VALUE_DESCRIPTION
            message.description = arena.data(description)
        }
        if let phrase {
            message.phrase_value_case = SWITCHBOARD__V1__SET_INTENT__PHRASE_VALUE_PHRASE
            message.phrase = arena.data(phrase)
        }
        message.n_attributes = attributes.count
        message.attributes = arena.attributes(attributes)
        if let isEnabled {
            message.disabled_value_case = SWITCHBOARD__V1__SET_INTENT__DISABLED_VALUE_DISABLED
            message.disabled = boolean(!isEnabled)
        }
    }
}

/// `PolicySet` as a command; as a fact it is another message.
struct SetPolicy {
    let scope: PolicyScope
    let policy: Policy?
    let amends: Bool

    init(scope: PolicyScope, policy: Policy?, amends: Bool) {
        self.scope = scope
        self.policy = policy
        self.amends = amends
    }

    static func needed(
        _ message: UnsafeMutablePointer<Switchboard__V1__SetPolicy>?
    ) throws(FieldError) -> LogCommand {
        let command: SetPolicy = try Read.needed(message, "set_policy")
        guard command.amends else { return .setPolicy(PolicySet(scope: command.scope, policy: command.policy)) }
        guard let parts = command.policy, parts.retrieval != nil || parts.llm != nil else {
            throw FieldError("set_policy.policy", "a part of it is needed to amend what is set")
        }
        return .amendPolicy(command.scope, parts)
    }
}

extension SetPolicy: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__SetPolicy>) {
        switchboard__v1__set_policy__init(message)
    }

    init(_ message: Switchboard__V1__SetPolicy) throws(FieldError) {
        self.init(
            scope: try message.scope.scope("scope"),
            policy: try Read.optional(message.policy, "policy"),
            amends: message.amend != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__SetPolicy, _ arena: inout Arena) {
        message.scope = arena.characters(scope.description)
        message.policy = arena.message(ofAny: policy)
        message.amend = boolean(amends)
    }
}

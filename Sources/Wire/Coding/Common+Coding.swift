internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension Turn: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Turn>) {
        switchboard__v1__turn__init(message)
    }

    init(_ message: Switchboard__V1__Turn) throws(FieldError) {
        self.init(role: try Role(message.role, "role"), text: try message.text.utterance("text"))
    }

    func fill(_ message: inout Switchboard__V1__Turn, _ arena: inout Arena) {
        message.role = role.number
        message.text = arena.data(text.value)
    }
}

extension LogPosition: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Position>) {
        switchboard__v1__position__init(message)
    }

    init(_ message: Switchboard__V1__Position) throws(FieldError) {
        self.init(log: try message.log_id.bits("log_id"), sequence: LogSequence(message.seq))
    }

    func fill(_ message: inout Switchboard__V1__Position, _ arena: inout Arena) {
        message.log_id = arena.data(log)
        message.seq = sequence.number
    }
}

extension Neighbour: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Neighbour>) {
        switchboard__v1__neighbour__init(message)
    }

    init(_ message: Switchboard__V1__Neighbour) throws(FieldError) {
        self.init(
            exemplar: ExemplarID(try message.exemplar_id.bits("exemplar_id")),
            text: try message.text.prose("text"),
            intent: try Read.intentID(message.intent_id, "intent_id"),
            similarity: try Read.finite(message.similarity, "similarity")
        )
    }

    func fill(_ message: inout Switchboard__V1__Neighbour, _ arena: inout Arena) {
        message.exemplar_id = arena.data(exemplar.bits)
        message.text = arena.data(text)
        message.intent_id = intent.number
        message.similarity = similarity
    }
}

extension Intent: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__IntentEntry>) {
        switchboard__v1__intent_entry__init(message)
    }

    init(_ message: Switchboard__V1__IntentEntry) throws(FieldError) {
        self.init(
            id: try Read.intentID(message.intent_id, "intent_id"),
            vertical: try message.vertical.vertical("vertical"),
            path: try message.path.path("path"),
            description: try message.description.optionalProse("description"),
            phrase: try message.phrase.optionalProse("phrase"),
            attributes: try Read.attributes(message.attributes, message.n_attributes),
            isEnabled: message.disabled == 0,
            aliasOf: message.alias_of == 0 ? nil : IntentID(message.alias_of)
        )
    }

    func fill(_ message: inout Switchboard__V1__IntentEntry, _ arena: inout Arena) {
        message.intent_id = id.number
        message.vertical = arena.characters(vertical.name)
        message.path = arena.data(path.description)
        message.disabled = boolean(!isEnabled)
        if let description { message.description = arena.data(description) }
        if let phrase { message.phrase = arena.data(phrase) }
        message.n_attributes = attributes.count
        message.attributes = arena.attributes(attributes)
        message.alias_of = aliasOf?.number ?? 0
    }
}

/// One pair of an intent's attributes.
struct Attribute: Coded {
    let key: String
    let value: String

    init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Attribute>) {
        switchboard__v1__attribute__init(message)
    }

    init(_ message: Switchboard__V1__Attribute) throws(FieldError) {
        guard !message.key.isEmpty else { throw FieldError("key", "a key is needed") }
        key = try message.key.prose("key", atMost: Limits.maximumReferenceBytes)
        value = try message.value.prose("value")
    }

    func fill(_ message: inout Switchboard__V1__Attribute, _ arena: inout Arena) {
        message.key = arena.data(key)
        message.value = arena.data(value)
    }
}

extension Read {
    /// Reads attributes; of a key that comes twice the last counts.
    static func attributes(
        _ start: UnsafeMutablePointer<UnsafeMutablePointer<Switchboard__V1__Attribute>?>?,
        _ count: Int,
    ) throws(FieldError) -> [String: String] {
        guard count > 0 else { return [:] }
        let pairs: [Attribute] = try messages(start, count, "attributes", atMost: Limits.maximumAttributes)
        return Dictionary(pairs.map { ($0.key, $0.value) }) { _, last in last }
    }
}

extension Arena {
    /// In the order of their keys, so that equal values have equal bytes.
    mutating func attributes(
        _ attributes: [String: String]
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<Switchboard__V1__Attribute>?>? {
        guard !attributes.isEmpty else { return nil }
        return messages(of: attributes.keys.sorted().map { Attribute(key: $0, value: attributes[$0] ?? "") })
    }
}

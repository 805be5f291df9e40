internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension ReviewState: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ReviewState>) {
        switchboard__v1__review_state__init(message)
    }

    init(_ message: Switchboard__V1__ReviewState) throws(FieldError) {
        let into = try Read.bits(message.into, message.n_into, "into")
        switch message.kind {
        case SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_OPEN: self = .open
        case SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_ACCEPTED:
            self = .accepted(
                path: try message.path.path("path"),
                change: try message.change_id.bits("change_id"),
                at: try Read.needed(message.position, "position")
            )
        case SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_REJECTED:
            self = .rejected(size: try Read.count(message.size, "size"))
        case SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_MERGED: self = .merged(into: try into.single("into"))
        case SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_SPLIT: self = .split(into: into)
        default: throw FieldError("kind", "\(message.kind.rawValue) is not accepted; 1, 2, 3, 4, 5 are")
        }
    }

    func fill(_ message: inout Switchboard__V1__ReviewState, _ arena: inout Arena) {
        switch self {
        case .open: message.kind = SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_OPEN
        case .accepted(let path, let change, let position):
            message.kind = SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_ACCEPTED
            message.path = arena.data(path.description)
            message.change_id = arena.data(change)
            message.position = arena.message(of: position)
        case .rejected(let size):
            message.kind = SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_REJECTED
            message.size = UInt64(clamping: size)
        case .merged(let into):
            message.kind = SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_MERGED
            message.n_into = 1
            message.into = arena.datas([into])
        case .split(let into):
            message.kind = SWITCHBOARD__V1__REVIEW_STATE_KIND__REVIEW_STATE_KIND_SPLIT
            message.n_into = into.count
            message.into = arena.datas(into)
        }
    }
}

extension ReviewAction: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ReviewAction>) {
        switchboard__v1__review_action__init(message)
    }

    init(_ message: Switchboard__V1__ReviewAction) throws(FieldError) {
        switch message.kind {
        case SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_ACCEPT:
            let texts = try Read.utterances(message.texts, message.n_texts, "texts", atMost: Self.maximumTexts)
            self = .accept(
                path: try message.path.path("path"),
                vertical: try message.vertical.vertical("vertical"),
                texts: texts.isEmpty ? nil : texts,
                attributes: try Read.attributes(message.attributes, message.n_attributes)
            )
        case SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_REJECT: self = .reject
        case SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_RENAME:
            guard !message.name.isEmpty else { throw FieldError("name", "a name is needed") }
            self = .rename(try message.name.prose("name", atMost: Limits.maximumReferenceBytes))
        case SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_MERGE:
            self = .merge(into: try message.into.bits("into"))
        case SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_SPLIT: self = .split
        case SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_UNDO: self = .undo
        default: throw FieldError("kind", "\(message.kind.rawValue) is not accepted; 1, 2, 3, 4, 5, 6 are")
        }
    }

    func fill(_ message: inout Switchboard__V1__ReviewAction, _ arena: inout Arena) {
        switch self {
        case .accept(let path, let vertical, let texts, let attributes):
            message.kind = SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_ACCEPT
            message.path = arena.data(path.description)
            message.vertical = arena.characters(vertical.name)
            if let texts {
                message.n_texts = texts.count
                message.texts = arena.datas(texts)
            }
            message.n_attributes = attributes.count
            message.attributes = arena.attributes(attributes)
        case .reject: message.kind = SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_REJECT
        case .rename(let name):
            message.kind = SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_RENAME
            message.name = arena.data(name)
        case .merge(let into):
            message.kind = SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_MERGE
            message.into = arena.data(into)
        case .split: message.kind = SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_SPLIT
        case .undo: message.kind = SWITCHBOARD__V1__REVIEW_ACTION_KIND__REVIEW_ACTION_KIND_UNDO
        }
    }
}

extension ReviewEntry: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ReviewEntry>) {
        switchboard__v1__review_entry__init(message)
    }

    init(_ message: Switchboard__V1__ReviewEntry) throws(FieldError) {
        self.init(
            proposal: try message.proposal_id.bits("proposal_id"),
            operation: try message.operation_id.bits("operation_id"),
            action: try Read.needed(message.action, "action"),
            reviewer: try message.reviewer.prose("reviewer", atMost: Limits.maximumReferenceBytes),
            timeMicroseconds: message.time_us,
            position: try Read.optional(message.position, "position")
        )
    }

    func fill(_ message: inout Switchboard__V1__ReviewEntry, _ arena: inout Arena) {
        message.proposal_id = arena.data(proposal)
        message.operation_id = arena.data(operation)
        message.action = arena.message(of: action)
        message.reviewer = arena.data(reviewer)
        message.time_us = timeMicroseconds
        message.position = arena.message(ofAny: position)
    }
}

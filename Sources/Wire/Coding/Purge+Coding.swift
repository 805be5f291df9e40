internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension PurgeRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.PurgeRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__PurgeRequest>) {
        switchboard__v1__purge_request__init(message)
    }

    init(_ message: Switchboard__V1__PurgeRequest) throws(FieldError) {
        let selection = try PurgeSelection(
            exemplars: try Read.exemplars(message.exemplar_ids, message.n_exemplar_ids, "exemplar_ids"),
            origin: try message.origin.opaque("origin"),
            vertical: try message.vertical.optionalVertical("vertical")
        )
        self.init(
            selection,
            isDryRun: message.dry_run != 0,
            change: try message.change_id.opaque("change_id", atMost: AppendBatch.maximumOperationBytes),
            author: try message.author.prose("author", atMost: Limits.maximumReferenceBytes),
            operation: try message.operation_id.opaque("operation_id", atMost: AppendBatch.maximumOperationBytes)
        )
    }

    func fill(_ message: inout Switchboard__V1__PurgeRequest, _ arena: inout Arena) {
        let (exemplars, origin, vertical) = selection.parts
        message.n_exemplar_ids = exemplars.count
        message.exemplar_ids = arena.datas(exemplars)
        message.origin = arena.data(origin)
        if let vertical { message.vertical = arena.characters(vertical.name) }
        message.dry_run = boolean(isDryRun)
        message.change_id = arena.data(change)
        message.author = arena.data(author)
        message.operation_id = arena.data(operation)
    }
}

extension PurgeSelection {
    /// What the fields of a request for a purge select together.
    init(exemplars: [ExemplarID], origin: [UInt8], vertical: Vertical?) throws(FieldError) {
        if !exemplars.isEmpty {
            guard origin.isEmpty, vertical == nil else {
                throw FieldError("exemplar_ids", "exemplars are named by ids alone, without origin and vertical")
            }
            self = .exemplars(exemplars)
        } else if !origin.isEmpty {
            self = .origin(origin, in: vertical)
        } else if let vertical {
            self = .vertical(vertical)
        } else {
            throw FieldError("exemplar_ids", "what is to be erased is needed: exemplar_ids, origin or vertical")
        }
    }

    /// The other way round.
    var parts: (exemplars: [ExemplarID], origin: [UInt8], vertical: Vertical?) {
        switch self {
        case .exemplars(let ids): (ids, [], nil)
        case .origin(let origin, let vertical): ([], origin, vertical)
        case .vertical(let vertical): ([], [], vertical)
        }
    }
}

extension PurgeReceipt: WireMessage, Coded {
    package static let name = "switchboard.v1.PurgeReceipt"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__PurgeReceipt>) {
        switchboard__v1__purge_receipt__init(message)
    }

    init(_ message: Switchboard__V1__PurgeReceipt) throws(FieldError) {
        self.init(
            position: try Read.needed(message.position, "position"),
            removed: try Read.count(message.removed, "removed"),
            blanked: try Read.count(message.blanked, "blanked"),
            feedback: try Read.count(message.feedback, "feedback"),
            isMore: message.more != 0,
            behind: try Read.strings(message.behind, message.n_behind, "behind")
        )
    }

    func fill(_ message: inout Switchboard__V1__PurgeReceipt, _ arena: inout Arena) {
        message.position = arena.message(of: position)
        message.removed = UInt64(clamping: removed)
        message.blanked = UInt64(clamping: blanked)
        message.feedback = UInt64(clamping: feedback)
        message.more = boolean(isMore)
        message.n_behind = behind.count
        message.behind = arena.strings(behind)
    }
}

extension Purged: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Purged>) {
        switchboard__v1__purged__init(message)
    }

    init(_ message: Switchboard__V1__Purged) throws(FieldError) {
        self.init(
            blanked: try Read.list(
                message.blanked_seqs,
                message.n_blanked_seqs,
                "blanked_seqs",
                atMost: Self.maximumSequences
            ) { number throws(FieldError) in LogSequence(number) },
            verticals: try Read.verticals(message.verticals, message.n_verticals)
        )
    }

    func fill(_ message: inout Switchboard__V1__Purged, _ arena: inout Arena) {
        message.n_blanked_seqs = blanked.count
        message.blanked_seqs = arena.numbers(blanked.map(\.number))
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
    }
}

extension ExemplarBlanked: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ExemplarBlanked>) {
        switchboard__v1__exemplar_blanked__init(message)
    }

    init(_ message: Switchboard__V1__ExemplarBlanked) throws(FieldError) {
        let kind: Kind
        switch message.kind {
        case SWITCHBOARD__V1__BLANKED_KIND__BLANKED_KIND_UPSERTED:
            kind = .upserted(try message.intent.path("intent"), encoder: try message.encoder_id.model("encoder_id"))
        case SWITCHBOARD__V1__BLANKED_KIND__BLANKED_KIND_REMOVED: kind = .removed
        case SWITCHBOARD__V1__BLANKED_KIND__BLANKED_KIND_VECTOR_SET:
            kind = .vectorSet(encoder: try message.encoder_id.model("encoder_id"))
        default:
            // Whoever passed over it would number intents otherwise than the log does.
            throw FieldError(
                "kind",
                "the record was blanked from a kind that this code does not read",
                code: .unimplemented
            )
        }
        self.init(vertical: try message.vertical.vertical("vertical"), kind: kind)
    }

    func fill(_ message: inout Switchboard__V1__ExemplarBlanked, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        switch kind {
        case .upserted(let path, let encoder):
            message.kind = SWITCHBOARD__V1__BLANKED_KIND__BLANKED_KIND_UPSERTED
            message.intent = arena.data(path.description)
            message.encoder_id = arena.data(encoder.bytes)
        case .removed:
            message.kind = SWITCHBOARD__V1__BLANKED_KIND__BLANKED_KIND_REMOVED
        case .vectorSet(let encoder):
            message.kind = SWITCHBOARD__V1__BLANKED_KIND__BLANKED_KIND_VECTOR_SET
            message.encoder_id = arena.data(encoder.bytes)
        }
    }
}

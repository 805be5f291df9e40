internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension HistoryRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.HistoryRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__HistoryRequest>) {
        switchboard__v1__history_request__init(message)
    }

    init(_ message: Switchboard__V1__HistoryRequest) throws(FieldError) {
        self.init(
            vertical: try message.vertical.optionalVertical("vertical"),
            after: LogSequence(message.after_seq),
            isNewestFirst: message.newest_first != 0,
            limit: Int(message.limit),
            change: try message.change_id.opaque("change_id", atMost: AppendBatch.maximumOperationBytes)
        )
    }

    func fill(_ message: inout Switchboard__V1__HistoryRequest, _ arena: inout Arena) {
        if let vertical { message.vertical = arena.characters(vertical.name) }
        message.after_seq = after.number
        message.newest_first = boolean(isNewestFirst)
        message.limit = UInt32(clamping: limit)
        message.change_id = arena.data(change)
    }
}

extension KindCount: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__KindCount>) {
        switchboard__v1__kind_count__init(message)
    }

    init(_ message: Switchboard__V1__KindCount) throws(FieldError) {
        guard let kind = RecordKind(rawValue: message.kind) else {
            throw FieldError("kind", "\(message.kind) is no kind of record that this code knows", code: .unimplemented)
        }
        self.init(kind: kind, count: Int(message.count))
    }

    func fill(_ message: inout Switchboard__V1__KindCount, _ arena: inout Arena) {
        message.kind = kind.rawValue
        message.count = UInt32(clamping: count)
    }
}

extension HistoryEntry: WireMessage, Coded {
    package static let name = "switchboard.v1.HistoryResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__HistoryResponse>) {
        switchboard__v1__history_response__init(message)
    }

    init(_ message: Switchboard__V1__HistoryResponse) throws(FieldError) {
        self.init(
            stamp: OperationStamp(
                operation: try message.operation_id.opaque("operation_id", atMost: AppendBatch.maximumOperationBytes),
                change: try message.change_id.opaque("change_id", atMost: AppendBatch.maximumOperationBytes),
                source: message.source.mended,
                author: message.author.mended,
                timeMicroseconds: message.time_us
            ),
            first: LogSequence(message.first_seq),
            last: LogSequence(message.last_seq),
            counts: try Read.messages(message.counts, message.n_counts, "counts"),
            verticals: try Read.verticals(message.verticals, message.n_verticals)
        )
    }

    func fill(_ message: inout Switchboard__V1__HistoryResponse, _ arena: inout Arena) {
        message.operation_id = arena.data(stamp.operation)
        message.change_id = arena.data(stamp.change)
        message.source = arena.data(stamp.source)
        message.author = arena.data(stamp.author)
        message.time_us = stamp.timeMicroseconds
        message.first_seq = first.number
        message.last_seq = last.number
        message.n_counts = counts.count
        message.counts = arena.messages(of: counts)
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
    }
}

extension RollbackRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.RollbackRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RollbackRequest>) {
        switchboard__v1__rollback_request__init(message)
    }

    init(_ message: Switchboard__V1__RollbackRequest) throws(FieldError) {
        // An empty message is not to undo everything.
        guard message.to_seq_value_case == SWITCHBOARD__V1__ROLLBACK_REQUEST__TO_SEQ_VALUE_TO_SEQ else {
            throw FieldError(
                "to_seq",
                "it is missing; the end of an operation is accepted, or 0, written out, for the beginning of the log"
            )
        }
        self.init(
            to: LogSequence(message.to_seq),
            vertical: try message.vertical.optionalVertical("vertical"),
            way: ReversalWay(
                source: try message.source.prose("source", atMost: Limits.maximumReferenceBytes),
                author: try message.author.prose("author", atMost: Limits.maximumReferenceBytes),
                isDryRun: message.dry_run != 0,
                wait: try Wait.optional(message.wait, "wait") ?? .durable
            )
        )
    }

    func fill(_ message: inout Switchboard__V1__RollbackRequest, _ arena: inout Arena) {
        message.to_seq_value_case = SWITCHBOARD__V1__ROLLBACK_REQUEST__TO_SEQ_VALUE_TO_SEQ
        message.to_seq = to.number
        if let vertical { message.vertical = arena.characters(vertical.name) }
        message.source = arena.data(way.source)
        message.author = arena.data(way.author)
        message.dry_run = boolean(way.isDryRun)
        message.wait = way.wait.number
    }
}

extension UndoRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.UndoRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__UndoRequest>) {
        switchboard__v1__undo_request__init(message)
    }

    init(_ message: Switchboard__V1__UndoRequest) throws(FieldError) {
        self.init(
            change: try message.change_id.opaque(
                "change_id",
                atLeast: 1,
                atMost: AppendBatch.maximumOperationBytes
            ),
            way: ReversalWay(
                source: try message.source.prose("source", atMost: Limits.maximumReferenceBytes),
                author: try message.author.prose("author", atMost: Limits.maximumReferenceBytes),
                isDryRun: message.dry_run != 0,
                wait: try Wait.optional(message.wait, "wait") ?? .durable
            )
        )
    }

    func fill(_ message: inout Switchboard__V1__UndoRequest, _ arena: inout Arena) {
        message.change_id = arena.data(change)
        message.source = arena.data(way.source)
        message.author = arena.data(way.author)
        message.dry_run = boolean(way.isDryRun)
        message.wait = way.wait.number
    }
}

internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension AppendRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.AppendRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        guard bytes.count <= AppendBatch.maximumBytes else {
            throw .invalid(
                "AppendRequest: the operation has \(bytes.count) bytes; at most \(AppendBatch.maximumBytes) are accepted"
            )
        }
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__AppendRequest>) {
        switchboard__v1__append_request__init(message)
    }

    init(_ message: Switchboard__V1__AppendRequest) throws(FieldError) {
        let batch = AppendBatch(
            operation: try message.operation_id.opaque(
                "operation_id",
                atLeast: 1,
                atMost: AppendBatch.maximumOperationBytes
            ),
            change: try message.change_id.opaque("change_id", atMost: AppendBatch.maximumOperationBytes),
            source: try message.source.prose("source", atMost: Limits.maximumReferenceBytes),
            author: try message.author.prose("author", atMost: Limits.maximumReferenceBytes),
            onConflict: try ConflictRule.optional(message.on_conflict, "on_conflict") ?? .relabel,
            refusesNewIntents: message.refuse_new_intents != 0,
            commands: try Read.messages(
                message.commands,
                message.n_commands,
                "commands",
                atMost: AppendBatch.maximumCommands
            )
        )
        self.init(
            batch: batch,
            wait: try Wait.optional(message.wait, "wait") ?? .durable,
            waitLimit: Read.optionalDuration(message.wait_limit_us)
        )
    }

    func fill(_ message: inout Switchboard__V1__AppendRequest, _ arena: inout Arena) {
        message.operation_id = arena.data(batch.operation)
        message.change_id = arena.data(batch.change)
        message.source = arena.data(batch.source)
        message.author = arena.data(batch.author)
        message.on_conflict = batch.onConflict.number
        message.refuse_new_intents = boolean(batch.refusesNewIntents)
        message.wait = wait.number
        message.wait_limit_us = microseconds(said: waitLimit)
        message.n_commands = batch.commands.count
        message.commands = arena.messages(of: batch.commands)
    }
}

extension AppendReply: WireMessage, Coded {
    package static let name = "switchboard.v1.AppendReceipt"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__AppendReceipt>) {
        switchboard__v1__append_receipt__init(message)
    }

    init(_ message: Switchboard__V1__AppendReceipt) throws(FieldError) {
        let receipt = AppendReceipt(
            operation: try message.operation_id.opaque("operation_id", atMost: AppendBatch.maximumOperationBytes),
            change: try message.change_id.opaque("change_id", atMost: AppendBatch.maximumOperationBytes),
            position: try Read.needed(message.position, "position"),
            first: Read.optionalSequence(message.first_seq),
            added: Int(message.added),
            unchanged: Int(message.unchanged),
            relabelled: Int(message.relabelled),
            removed: Int(message.removed),
            refusals: try Read.messages(
                message.refusals,
                message.n_refusals,
                "refusals",
                atMost: AppendBatch.maximumCommands
            ),
            created: try Read.messages(message.created, message.n_created, "created"),
            isRepeated: message.repeated_operation != 0
        )
        self.init(
            receipt: receipt,
            appliedBy: Int(message.applied_by),
            behind: try Read.strings(message.behind, message.n_behind, "behind"),
            appliedAfter: Read.optionalDuration(message.applied_us)
        )
    }

    func fill(_ message: inout Switchboard__V1__AppendReceipt, _ arena: inout Arena) {
        message.operation_id = arena.data(receipt.operation)
        message.change_id = arena.data(receipt.change)
        message.position = arena.message(of: receipt.position)
        message.first_seq = receipt.first?.number ?? 0
        message.added = UInt32(clamping: receipt.added)
        message.unchanged = UInt32(clamping: receipt.unchanged)
        message.relabelled = UInt32(clamping: receipt.relabelled)
        message.removed = UInt32(clamping: receipt.removed)
        message.refused = UInt32(clamping: receipt.refusals.count)
        message.n_refusals = receipt.refusals.count
        message.refusals = arena.messages(of: receipt.refusals)
        message.n_created = receipt.created.count
        message.created = arena.messages(of: receipt.created)
        message.repeated_operation = boolean(receipt.isRepeated)
        message.applied_by = UInt32(clamping: appliedBy)
        message.n_behind = behind.count
        message.behind = arena.strings(behind)
        message.applied_us = microseconds(said: appliedAfter)
    }
}

extension Refusal: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Refusal>) {
        switchboard__v1__refusal__init(message)
    }

    init(_ message: Switchboard__V1__Refusal) throws(FieldError) {
        self.init(command: Int(message.command), reason: message.reason.mended)
    }

    func fill(_ message: inout Switchboard__V1__Refusal, _ arena: inout Arena) {
        message.command = UInt32(clamping: command)
        message.reason = arena.data(reason)
    }
}

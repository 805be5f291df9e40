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
            waitLimit: Read.optionalDuration(message.wait_limit_us),
            isDryRun: message.dry_run != 0
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
        message.dry_run = boolean(isDryRun)
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
            renamed: Int(message.renamed),
            merged: Int(message.merged),
            described: Int(message.described),
            policies: Int(message.policies),
            left: try Read.messages(message.left, message.n_left, "left", atMost: LeftThing.maximumListed),
            leftCount: try Read.count(message.left_count, "left_count"),
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
        message.renamed = UInt32(clamping: receipt.renamed)
        message.merged = UInt32(clamping: receipt.merged)
        message.described = UInt32(clamping: receipt.described)
        message.policies = UInt32(clamping: receipt.policies)
        message.n_left = receipt.left.count
        message.left = arena.messages(of: receipt.left)
        message.left_count = UInt64(clamping: receipt.leftCount)
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

extension LeftThing: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__LeftThing>) {
        switchboard__v1__left_thing__init(message)
    }

    init(_ message: Switchboard__V1__LeftThing) throws(FieldError) {
        let subject: Subject
        switch message.subject_case {
        case SWITCHBOARD__V1__LEFT_THING__SUBJECT_EXEMPLAR_ID:
            subject = .exemplar(ExemplarID(try message.exemplar_id.bits("exemplar_id")))
        case SWITCHBOARD__V1__LEFT_THING__SUBJECT_INTENT_ID:
            subject = .intent(try Read.intentID(message.intent_id, "intent_id"))
        case SWITCHBOARD__V1__LEFT_THING__SUBJECT_SCOPE: subject = .policy(try message.scope.scope("scope"))
        default: throw FieldError("subject", "none of the kinds that are accepted is set")
        }
        self.init(subject, message.reason.mended)
    }

    func fill(_ message: inout Switchboard__V1__LeftThing, _ arena: inout Arena) {
        switch subject {
        case .exemplar(let exemplar):
            message.subject_case = SWITCHBOARD__V1__LEFT_THING__SUBJECT_EXEMPLAR_ID
            message.exemplar_id = arena.data(exemplar.bits)
        case .intent(let intent):
            message.subject_case = SWITCHBOARD__V1__LEFT_THING__SUBJECT_INTENT_ID
            message.intent_id = intent.number
        case .policy(let scope):
            message.subject_case = SWITCHBOARD__V1__LEFT_THING__SUBJECT_SCOPE
            message.scope = arena.characters(scope.description)
        }
        message.reason = arena.data(reason)
    }
}

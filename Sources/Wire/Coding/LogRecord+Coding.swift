internal import CProtobufC
package import Core
internal import SwitchboardProtos

/// A record that this code cannot read, of a newer format or another kind, is `.unimplemented`: whoever follows the log
/// stops before it and says so.
extension LogRecord: WireMessage, Coded {
    package static let name = "switchboard.v1.LogRecord"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__LogRecord>) {
        switchboard__v1__log_record__init(message)
    }

    init(_ message: Switchboard__V1__LogRecord) throws(FieldError) {
        guard message.format == Self.format else {
            throw FieldError(
                "format",
                "record \(message.seq) has format \(message.format); this code reads format \(Self.format)",
                code: .unimplemented
            )
        }
        let fact: LogFact
        switch message.fact_case {
        case SWITCHBOARD__V1__LOG_RECORD__FACT_EXEMPLAR_UPSERTED:
            fact = .exemplarUpserted(try Read.needed(message.exemplar_upserted, "exemplar_upserted"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_EXEMPLAR_REMOVED:
            fact = .exemplarRemoved(try Read.needed(message.exemplar_removed, "exemplar_removed"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_INTENT_SET:
            fact = .intentSet(try Read.needed(message.intent_set, "intent_set"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_INTENT_RENAMED:
            fact = .intentRenamed(try Read.needed(message.intent_renamed, "intent_renamed"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_INTENTS_MERGED:
            fact = .intentsMerged(try Read.needed(message.intents_merged, "intents_merged"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_INTENT_RESTORED:
            fact = .intentRestored(try Read.needed(message.intent_restored, "intent_restored"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_POLICY_SET:
            fact = .policySet(try Read.needed(message.policy_set, "policy_set"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_VECTOR_SET:
            fact = .vectorSet(try Read.needed(message.vector_set, "vector_set"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_MODELS_SWITCHED:
            fact = .modelsSwitched(try Read.needed(message.models_switched, "models_switched"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_KEY_SET:
            fact = .keySet(try Read.needed(message.key_set, "key_set"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_EXEMPLAR_BLANKED:
            fact = .exemplarBlanked(try Read.needed(message.exemplar_blanked, "exemplar_blanked"))
        case SWITCHBOARD__V1__LOG_RECORD__FACT_PURGED:
            fact = .purged(try Read.needed(message.purged, "purged"))
        default:
            throw FieldError(
                "fact",
                "record \(message.seq) is of a kind that this code does not read",
                code: .unimplemented
            )
        }
        self.init(
            sequence: LogSequence(message.seq),
            stamp: OperationStamp(
                operation: try message.operation_id.opaque(
                    "operation_id",
                    atLeast: 1,
                    atMost: AppendBatch.maximumOperationBytes
                ),
                change: try message.change_id.opaque("change_id", atMost: AppendBatch.maximumOperationBytes),
                source: try message.source.prose("source", atMost: Limits.maximumReferenceBytes),
                author: try message.author.prose("author", atMost: Limits.maximumReferenceBytes),
                timeMicroseconds: message.time_us
            ),
            fact: fact
        )
    }

    func fill(_ message: inout Switchboard__V1__LogRecord, _ arena: inout Arena) {
        message.format = Self.format
        message.seq = sequence.number
        message.operation_id = arena.data(stamp.operation)
        message.change_id = arena.data(stamp.change)
        message.source = arena.data(stamp.source)
        message.author = arena.data(stamp.author)
        message.time_us = stamp.timeMicroseconds
        switch fact {
        case .exemplarUpserted(let exemplarUpserted):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_EXEMPLAR_UPSERTED
            message.exemplar_upserted = arena.message(of: exemplarUpserted)
        case .exemplarRemoved(let exemplarRemoved):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_EXEMPLAR_REMOVED
            message.exemplar_removed = arena.message(of: exemplarRemoved)
        case .intentSet(let intentSet):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_INTENT_SET
            message.intent_set = arena.message(of: intentSet)
        case .intentRenamed(let intentRenamed):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_INTENT_RENAMED
            message.intent_renamed = arena.message(of: intentRenamed)
        case .intentsMerged(let intentsMerged):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_INTENTS_MERGED
            message.intents_merged = arena.message(of: intentsMerged)
        case .intentRestored(let intentRestored):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_INTENT_RESTORED
            message.intent_restored = arena.message(of: intentRestored)
        case .policySet(let policySet):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_POLICY_SET
            message.policy_set = arena.message(of: policySet)
        case .vectorSet(let vectorSet):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_VECTOR_SET
            message.vector_set = arena.message(of: vectorSet)
        case .modelsSwitched(let modelsSwitched):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_MODELS_SWITCHED
            message.models_switched = arena.message(of: modelsSwitched)
        case .keySet(let keySet):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_KEY_SET
            message.key_set = arena.message(of: keySet)
        case .exemplarBlanked(let exemplarBlanked):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_EXEMPLAR_BLANKED
            message.exemplar_blanked = arena.message(of: exemplarBlanked)
        case .purged(let purged):
            message.fact_case = SWITCHBOARD__V1__LOG_RECORD__FACT_PURGED
            message.purged = arena.message(of: purged)
        }
    }
}

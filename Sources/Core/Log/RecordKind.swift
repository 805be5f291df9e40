/// The kinds of records, by the numbers of their fields in `LogRecord`.
package enum RecordKind: UInt32, Sendable, Hashable, CaseIterable, Comparable {
    case exemplarUpserted = 10
    case exemplarRemoved = 11
    case intentSet = 12
    case intentRenamed = 13
    case intentsMerged = 14
    case intentRestored = 15
    case policySet = 16
    case vectorSet = 17
    case modelsSwitched = 18
    case keySet = 19
    case purged = 20
    /// What a purge left of a record about an exemplar.
    case exemplarBlanked = 21

    package static func < (left: RecordKind, right: RecordKind) -> Bool { left.rawValue < right.rawValue }

    /// As JSON names it.
    package var name: String {
        switch self {
        case .exemplarUpserted: "upsert"
        case .exemplarRemoved: "remove"
        case .intentSet: "set_intent"
        case .intentRenamed: "rename_intent"
        case .intentsMerged: "merge_intents"
        case .intentRestored: "restore_intent"
        case .policySet: "set_policy"
        case .vectorSet: "set_vector"
        case .modelsSwitched: "switch_models"
        case .keySet: "set_key"
        case .purged: "purge"
        case .exemplarBlanked: "blanked"
        }
    }
}

extension RecordKind {
    /// Of exemplars and intents, as publishers write them; the others are for admins.
    package var isOfContents: Bool {
        switch self {
        case .exemplarUpserted, .exemplarRemoved, .intentSet, .intentRenamed, .intentsMerged, .intentRestored,
            .exemplarBlanked:
            true
        case .policySet, .vectorSet, .modelsSwitched, .keySet, .purged: false
        }
    }
}

extension LogFact {
    package var kind: RecordKind {
        switch self {
        case .exemplarUpserted: .exemplarUpserted
        case .exemplarRemoved: .exemplarRemoved
        case .intentSet: .intentSet
        case .intentRenamed: .intentRenamed
        case .intentsMerged: .intentsMerged
        case .intentRestored: .intentRestored
        case .policySet: .policySet
        case .vectorSet: .vectorSet
        case .modelsSwitched: .modelsSwitched
        case .keySet: .keySet
        case .purged: .purged
        case .exemplarBlanked: .exemplarBlanked
        }
    }
}

/// How many records of a kind an operation holds.
package struct KindCount: Sendable, Hashable {
    package let kind: RecordKind
    package let count: Int

    package init(kind: RecordKind, count: Int) {
        self.kind = kind
        self.count = count
    }
}

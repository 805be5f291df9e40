/// What is to be erased for good: exemplars, and the words of feedback that hold the same text or come from the same origin.
package enum PurgeSelection: Sendable, Equatable {
    case exemplars([ExemplarID])
    /// Every exemplar of which a record, also an earlier one, names the origin.
    case origin([UInt8], in: Vertical?)
    /// All that the vertical holds and held.
    case vertical(Vertical)
}

/// Exemplars were erased: the records of these places are blanked, here and in every copy of the log from now on.
///
/// A replica drops those that live with it, and makes each index of these verticals anew from what lives, in the order of
/// first sequence. So one that followed and one that began later are alike, and nothing keeps what was erased.
package struct Purged: Sendable, Equatable {
    /// As many as one record names, so that it travels in one frame.
    package static let maximumSequences = 200_000
    package static let maximumVerticals = 1_000

    /// Ascending.
    package let blanked: [LogSequence]
    package let verticals: [Vertical]

    package init(blanked: [LogSequence], verticals: [Vertical]) {
        self.blanked = blanked
        self.verticals = verticals
    }
}

/// What a purge leaves of a record of an exemplar: that it was there, and the intent that it named.
package struct ExemplarBlanked: Sendable, Equatable {
    /// What the record said before.
    package enum Kind: Sendable, Equatable {
        /// The path as named at that time: its id follows from the record's place.
        case upserted(IntentPath, encoder: ModelID)
        case removed
        case vectorSet(encoder: ModelID)
    }

    package let vertical: Vertical
    package let kind: Kind

    package init(vertical: Vertical, kind: Kind) {
        self.vertical = vertical
        self.kind = kind
    }
}

extension LogFact {
    /// The exemplar that the fact is about; nil: about none, or blanked.
    package var exemplar: ExemplarID? {
        switch self {
        case .exemplarUpserted(let fact): fact.text.map { ExemplarID(vertical: fact.vertical, text: $0) }
        case .exemplarRemoved(let fact): fact.exemplar
        case .vectorSet(let fact): fact.exemplar
        default: nil
        }
    }

    /// What a purge leaves of it; nil: it is about no exemplar, or blanked already.
    package var blanked: ExemplarBlanked? {
        switch self {
        case .exemplarUpserted(let fact):
            ExemplarBlanked(vertical: fact.vertical, kind: .upserted(fact.path, encoder: fact.encoder))
        case .exemplarRemoved(let fact):
            ExemplarBlanked(vertical: fact.vertical, kind: .removed)
        case .vectorSet(let fact):
            ExemplarBlanked(vertical: fact.vertical, kind: .vectorSet(encoder: fact.encoder))
        default: nil
        }
    }
}

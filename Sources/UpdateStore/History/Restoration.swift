package import Core

/// Things that are to stand again as they were: one operation of an undo or a rollback.
///
/// It was worked out upon one head of the log and holds upon that alone, and as long as the log is not trimmed. What stood
/// is named by the records that said it, which are read again when it is written, so that a large one is small until then.
package struct Restoration: Sendable, Equatable {
    package let head: LogSequence
    /// Of the reversal that it is a part of.
    package let trims: Int
    package let steps: [RestoredThing]
    /// What its records will have, more or less.
    package let bytes: Int

    package init(head: LogSequence, trims: Int, steps: [RestoredThing], bytes: Int) {
        self.head = head
        self.trims = trims
        self.steps = steps
        self.bytes = bytes
    }
}

/// One thing that is to stand again as it was.
package enum RestoredThing: Sendable, Equatable {
    case name(IntentRestored)
    /// What was known of an intent, by the record that said it; nil: nothing was said.
    case description(IntentID, LogSequence?)
    /// A scope's policy, by the record that set it; nil: it had none.
    case policy(PolicyScope, LogSequence?)
    /// An exemplar with its intent, by the records of its text and its vector.
    case exemplar(ExemplarID, intent: IntentID, text: LogSequence, vector: RestoredVector)
    /// There was no such exemplar.
    case absence(ExemplarID)
}

/// Where the vector of an exemplar that stands again comes from.
package enum RestoredVector: Sendable, Equatable {
    /// The record with its text.
    case withText
    case set(LogSequence)
    /// It keeps the one that it has: the old one is of an encoder that serves no more.
    case kept
}

/// What an undo or a rollback does, worked out upon one head of the log.
package struct Reversal: Sendable, Equatable {
    package let head: LogSequence
    /// How often the log had been trimmed: records that it names may be gone once it is trimmed again.
    package let trims: Int
    /// One operation each, in this order. Names come together in the first.
    package let operations: [[RestoredThing]]
    package let bytes: [Int]
    /// What is not put back, and why; all of it.
    package let left: [LeftThing]
    /// What all of it does, as a receipt counts it.
    package let counts: Counts
    /// The change id of an earlier attempt that ended half-way, if the log ends with that.
    package let attempt: [UInt8]?

    package struct Counts: Sendable, Equatable {
        package var added = 0
        package var relabelled = 0
        package var removed = 0
        package var renamed = 0
        package var merged = 0
        package var described = 0
        package var policies = 0
    }
}

/// What is to be undone.
package enum ReversalTarget: Sendable, Equatable {
    /// Every operation after the end of one, but for keys and purges, in all verticals or in one.
    case after(LogSequence, in: Vertical?)
    /// Every operation of a change.
    case change([UInt8])

    /// The end of the ids of the changes that undo it, so that one that ended half-way is known again.
    var signature: String {
        switch self {
        case .after(let place, let vertical):
            "-to-\(place)" + (vertical.map { "-" + Self.short($0.name.utf8) } ?? "")
        case .change(let change): "-" + Self.short(change)
        }
    }

    /// Of a change that begins to undo it when the log has this head.
    package func change(at head: LogSequence) -> [UInt8] { own.change("\(head)\(signature)") }

    func isUndone(by change: [UInt8]) -> Bool {
        OwnChange(change) == own && String(decoding: change, as: UTF8.self).hasSuffix(signature)
    }

    private var own: OwnChange {
        switch self {
        case .after: .rollback
        case .change: .undo
        }
    }

    private static func short(_ bytes: some Collection<UInt8>) -> String {
        var hash = Hash256()
        hash.update(bytes)
        return String(hash.first128().description.prefix(8))
    }
}

/// One operation as its writer asks for it: applied, seen and undone whole.
package struct AppendBatch: Sendable, Equatable {
    package static let maximumCommands = 1_000
    package static let maximumBytes = 3 * 1024 * 1024
    package static let maximumOperationBytes = 64
    /// The source of what a node appends by itself: the policy that ships with it.
    package static let shippedSource = "switchboard"

    /// 1 to 64 bytes chosen by the writer.
    package var operation: [UInt8]
    /// Empty: the operation's own.
    package var change: [UInt8]
    package var source: String
    package var author: String
    package var onConflict: ConflictRule
    package var refusesNewIntents: Bool
    package var commands: [LogCommand]

    package init(
        operation: [UInt8],
        change: [UInt8] = [],
        source: String,
        author: String,
        onConflict: ConflictRule = .relabel,
        refusesNewIntents: Bool = false,
        commands: [LogCommand],
    ) {
        self.operation = operation
        self.change = change
        self.source = source
        self.author = author
        self.onConflict = onConflict
        self.refusesNewIntents = refusesNewIntents
        self.commands = commands
    }
}

/// What happens to an exemplar that is sent again with another intent.
package enum ConflictRule: Sendable, Hashable, CaseIterable {
    /// It takes the new intent.
    case relabel
    /// It keeps the intent it has; counted as unchanged.
    case keep
    /// It keeps the intent it has; counted and listed as refused.
    case reject
}

package enum LogCommand: Sendable, Equatable {
    case upsert(UpsertCommand)
    case remove(RemoveCommand)
    case setIntent(SetIntentCommand)
    case setPolicy(PolicySet)
    /// Sets the parts that there are; the scope's own other part stays as it was.
    case amendPolicy(PolicyScope, Policy)
    case rename(RenameCommand)
    case merge(MergeCommand)
    case setKey(KeyCommand)
}

package struct UpsertCommand: Sendable, Equatable {
    package var vertical: Vertical
    package var text: UtteranceText
    package var path: IntentPath
    /// Empty: not yet encoded. Unit length otherwise.
    package var vector: [Float]
    package var encoder: ModelID?
    package var origin: [UInt8]

    package init(
        vertical: Vertical,
        text: UtteranceText,
        path: IntentPath,
        vector: [Float] = [],
        encoder: ModelID? = nil,
        origin: [UInt8] = [],
    ) {
        self.vertical = vertical
        self.text = text
        self.path = path
        self.vector = vector
        self.encoder = encoder
        self.origin = origin
    }
}

package struct RemoveCommand: Sendable, Equatable {
    package var vertical: Vertical
    package var exemplar: ExemplarID

    package init(vertical: Vertical, exemplar: ExemplarID) {
        self.vertical = vertical
        self.exemplar = exemplar
    }
}

/// Changes what is known of an intent; what is nil stays as it was.
package struct SetIntentCommand: Sendable, Equatable {
    package var vertical: Vertical
    package var path: IntentPath
    package var description: String?
    package var phrase: String?
    /// Those named are set; an empty value removes one.
    package var attributes: [String: String]
    package var isEnabled: Bool?

    package init(
        vertical: Vertical,
        path: IntentPath,
        description: String? = nil,
        phrase: String? = nil,
        attributes: [String: String] = [:],
        isEnabled: Bool? = nil,
    ) {
        self.vertical = vertical
        self.path = path
        self.description = description
        self.phrase = phrase
        self.attributes = attributes
        self.isEnabled = isEnabled
    }
}

/// Gives an intent another path; what lies below it goes along.
package struct RenameCommand: Sendable, Equatable {
    package var vertical: Vertical
    package var from: IntentPath
    /// Where no intent stands yet; what is missing above it is named.
    package var to: IntentPath

    package init(vertical: Vertical, from: IntentPath, to: IntentPath) {
        self.vertical = vertical
        self.from = from
        self.to = to
    }
}

/// Makes an intent, with what lies below it, part of another one of its vertical.
package struct MergeCommand: Sendable, Equatable {
    package var vertical: Vertical
    package var from: IntentPath
    package var into: IntentPath

    package init(vertical: Vertical, from: IntentPath, into: IntentPath) {
        self.vertical = vertical
        self.from = from
        self.into = into
    }
}

/// What an operation did; the same again when its id is sent again.
package struct AppendReceipt: Sendable, Equatable {
    package var operation: [UInt8]
    package var change: [UInt8]
    /// Its last record; the head where it made none.
    package var position: LogPosition
    /// Nil: it made no record.
    package var first: LogSequence?
    package var added: Int
    package var unchanged: Int
    package var relabelled: Int
    package var removed: Int
    package var refusals: [Refusal]
    package var created: [Intent]
    /// Intents that have another path, those below a renamed one included.
    package var renamed: Int
    /// Intents that became aliases.
    package var merged: Int
    /// Intents of which something else is known than before, by an undo or a rollback.
    package var described: Int
    /// Scopes whose policy is another one, by an undo or a rollback.
    package var policies: Int
    /// By an undo or a rollback: what was not put back, and why; at most 1,000 of `leftCount`.
    package var left: [LeftThing]
    package var leftCount: Int
    /// The operation id had been applied before; this is its first receipt.
    package var isRepeated: Bool

    package init(
        operation: [UInt8],
        change: [UInt8],
        position: LogPosition,
        first: LogSequence? = nil,
        added: Int = 0,
        unchanged: Int = 0,
        relabelled: Int = 0,
        removed: Int = 0,
        refusals: [Refusal] = [],
        created: [Intent] = [],
        renamed: Int = 0,
        merged: Int = 0,
        described: Int = 0,
        policies: Int = 0,
        left: [LeftThing] = [],
        leftCount: Int = 0,
        isRepeated: Bool = false,
    ) {
        self.operation = operation
        self.change = change
        self.position = position
        self.first = first
        self.added = added
        self.unchanged = unchanged
        self.relabelled = relabelled
        self.removed = removed
        self.refusals = refusals
        self.created = created
        self.renamed = renamed
        self.merged = merged
        self.described = described
        self.policies = policies
        self.left = left
        self.leftCount = leftCount
        self.isRepeated = isRepeated
    }
}

/// A command of a batch that had no effect, and why.
package struct Refusal: Sendable, Equatable {
    /// Its place in the batch, from 0.
    package let command: Int
    package let reason: String

    package init(command: Int, reason: String) {
        self.command = command
        self.reason = reason
    }
}

/// Something that an undo or a rollback did not put back.
package struct LeftThing: Sendable, Equatable {
    package static let maximumListed = 1_000

    package enum Subject: Sendable, Equatable {
        case exemplar(ExemplarID)
        case intent(IntentID)
        case policy(PolicyScope)
    }

    package let subject: Subject
    /// In a sentence's second half, such as `changed since by change load-1`.
    package let reason: String

    package init(_ subject: Subject, _ reason: String) {
        self.subject = subject
        self.reason = reason
    }
}

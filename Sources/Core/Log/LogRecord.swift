/// One record of the update log: a fact, its place, and who said so when.
package struct LogRecord: Sendable, Equatable {
    package let sequence: LogSequence
    package let stamp: OperationStamp
    package let fact: LogFact

    package init(sequence: LogSequence, stamp: OperationStamp, fact: LogFact) {
        self.sequence = sequence
        self.stamp = stamp
        self.fact = fact
    }
}

/// What all records of one operation share.
package struct OperationStamp: Sendable, Equatable {
    /// 1 to 64 bytes chosen by the writer; the same id again has no second effect.
    package let operation: [UInt8]
    /// Groups the operations of one load, accept, rollback or command.
    package let change: [UInt8]
    /// Which tool wrote it, such as `index load`.
    package let source: String
    /// Who wrote it.
    package let author: String
    /// Microseconds since 1970, UTC.
    package let timeMicroseconds: Int64

    package init(operation: [UInt8], change: [UInt8], source: String, author: String, timeMicroseconds: Int64) {
        self.operation = operation
        self.change = change
        self.source = source
        self.author = author
        self.timeMicroseconds = timeMicroseconds
    }
}

/// What a record says has happened.
package enum LogFact: Sendable, Equatable {
    case exemplarUpserted(ExemplarUpserted)
    case exemplarRemoved(ExemplarRemoved)
    case intentSet(IntentSet)
    case intentRenamed(IntentRenamed)
    case intentsMerged(IntentsMerged)
    case intentRestored(IntentRestored)
    case policySet(PolicySet)
    case vectorSet(VectorSet)
    case modelsSwitched(ModelsSwitched)
    case keySet(KeySet)
    case exemplarBlanked(ExemplarBlanked)
    case purged(Purged)
}

/// A labelled utterance came in, or one that was there got another intent.
package struct ExemplarUpserted: Sendable, Equatable {
    package let vertical: Vertical
    /// Nil where the record was sent to a follower of names only.
    package let text: UtteranceText?
    /// As named at that time.
    package let path: IntentPath
    /// Unit length; empty where the record was sent to a follower of names only.
    package let vector: [Float]
    package let encoder: ModelID
    /// Conversation or subject reference.
    package let origin: [UInt8]
    /// Where the path does not say it: an exemplar that was put back had an intent that is an alias now. Nil: the intent
    /// at the path.
    package let intent: IntentID?

    package init(
        vertical: Vertical,
        text: UtteranceText?,
        path: IntentPath,
        vector: [Float],
        encoder: ModelID,
        origin: [UInt8] = [],
        intent: IntentID? = nil,
    ) {
        self.vertical = vertical
        self.text = text
        self.path = path
        self.vector = vector
        self.encoder = encoder
        self.origin = origin
        self.intent = intent
    }

    /// The record as a follower of names only gets it.
    package var namesOnly: ExemplarUpserted {
        ExemplarUpserted(vertical: vertical, text: nil, path: path, vector: [], encoder: encoder, intent: intent)
    }
}

package struct ExemplarRemoved: Sendable, Equatable {
    package let vertical: Vertical
    package let exemplar: ExemplarID

    package init(vertical: Vertical, exemplar: ExemplarID) {
        self.vertical = vertical
        self.exemplar = exemplar
    }
}

/// All that is known of an intent, as it stands from now on.
package struct IntentSet: Sendable, Equatable {
    package let vertical: Vertical
    package let path: IntentPath
    package let description: String?
    package let phrase: String?
    package let attributes: [String: String]
    package let isEnabled: Bool

    package init(
        vertical: Vertical,
        path: IntentPath,
        description: String?,
        phrase: String?,
        attributes: [String: String],
        isEnabled: Bool,
    ) {
        self.vertical = vertical
        self.path = path
        self.description = description
        self.phrase = phrase
        self.attributes = attributes
        self.isEnabled = isEnabled
    }
}

/// An intent got another path, and what lies below it went along.
package struct IntentRenamed: Sendable, Equatable {
    package let intent: IntentID
    package let newPath: IntentPath

    package init(intent: IntentID, newPath: IntentPath) {
        self.intent = intent
        self.newPath = newPath
    }
}

/// An intent became another one, and is an alias of it from now on.
///
/// What lies below it went along: to the same place below the other one, where it became an alias too if an intent
/// stands there.
package struct IntentsMerged: Sendable, Equatable {
    package let from: IntentID
    package let into: IntentID

    package init(from: IntentID, into: IntentID) {
        self.from = from
        self.into = into
    }
}

/// The name of one intent stands again as it was: its path, and whether it is an alias. What lies below it has records of
/// its own.
package struct IntentRestored: Sendable, Equatable {
    package let intent: IntentID
    package let path: IntentPath
    /// Nil: it is no alias.
    package let aliasOf: IntentID?

    package init(intent: IntentID, path: IntentPath, aliasOf: IntentID? = nil) {
        self.intent = intent
        self.path = path
        self.aliasOf = aliasOf
    }
}

package struct PolicySet: Sendable, Equatable {
    package let scope: PolicyScope
    /// Nil: the scope has none any more.
    package let policy: Policy?

    package init(scope: PolicyScope, policy: Policy?) {
        self.scope = scope
        self.policy = policy
    }
}

/// A live exemplar got its vector by an encoder that does not serve yet. Those of any other such encoder are dropped.
package struct VectorSet: Sendable, Equatable {
    package let vertical: Vertical
    package let exemplar: ExemplarID
    /// Unit length; empty where the record was sent to a follower of names only.
    package let vector: [Float]
    package let encoder: ModelID

    package init(vertical: Vertical, exemplar: ExemplarID, vector: [Float], encoder: ModelID) {
        self.vertical = vertical
        self.exemplar = exemplar
        self.vector = vector
        self.encoder = encoder
    }

    /// The record as a follower of names only gets it.
    package var namesOnly: VectorSet {
        VectorSet(vertical: vertical, exemplar: exemplar, vector: [], encoder: encoder)
    }
}

/// From now on the vectors of another encoder serve, of which every live exemplar has one.
///
/// Where it is the encoder that serves already, what was set for another is dropped.
package struct ModelsSwitched: Sendable, Equatable {
    package let encoder: ModelID

    package init(encoder: ModelID) {
        self.encoder = encoder
    }
}

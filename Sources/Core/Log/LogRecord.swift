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
    case policySet(PolicySet)
    case vectorSet(VectorSet)
    case modelsSwitched(ModelsSwitched)
    case keySet(KeySet)
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

    package init(
        vertical: Vertical,
        text: UtteranceText?,
        path: IntentPath,
        vector: [Float],
        encoder: ModelID,
        origin: [UInt8] = [],
    ) {
        self.vertical = vertical
        self.text = text
        self.path = path
        self.vector = vector
        self.encoder = encoder
        self.origin = origin
    }

    /// The record as a follower of names only gets it.
    package var namesOnly: ExemplarUpserted {
        ExemplarUpserted(vertical: vertical, text: nil, path: path, vector: [], encoder: encoder)
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

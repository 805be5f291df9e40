package import Core

/// One row of a data set: what somebody said, and what a person says it meant.
///
/// A value without input or output. `path` is nil where the row carries no label.
package struct LabelledUtterance: Sendable, Hashable {
    package var text: UtteranceText
    package var path: IntentPath?
    package var vertical: Vertical?
    package var role: SpeakerRole?
    /// The conversation the row belongs to; rows of one conversation stand in the order in which they were said.
    package var conversation: String?
    /// Conversation or subject reference that a later purge can name.
    package var origin: String?
    /// As an export has it; empty: the node makes it.
    package var vector: [Float]
    /// That made the vector.
    package var encoder: ModelID?
    /// The label says that no intent of the set fits. The label itself stays in `path`.
    package var isOutOfScope: Bool
    /// The file the row stands in.
    package var file: String
    /// Where in the file, counted from 1: the row's first line.
    package var line: Int

    package init(
        text: UtteranceText,
        path: IntentPath?,
        vertical: Vertical? = nil,
        role: SpeakerRole? = nil,
        conversation: String? = nil,
        origin: String? = nil,
        vector: [Float] = [],
        encoder: ModelID? = nil,
        isOutOfScope: Bool = false,
        file: String = "",
        line: Int = 0,
    ) {
        self.text = text
        self.path = path
        self.vertical = vertical
        self.role = role
        self.conversation = conversation
        self.origin = origin
        self.vector = vector
        self.encoder = encoder
        self.isOutOfScope = isOutOfScope
        self.file = file
        self.line = line
    }
}

/// Who said it.
package enum SpeakerRole: String, Sendable, Hashable, CaseIterable {
    case caller
    case agent

    /// Words on what is accepted, for errors.
    package static let accepted = "accepted are caller and agent (also customer, user, assistant, ...)"

    /// - Parameter written: any of the names that data sets use, in any case.
    /// - Returns: nil where it is none of them.
    package init?(written: String) {
        switch written.lowercased() {
        case "caller", "customer", "user", "client": self = .caller
        case "agent", "wizard", "assistant", "system", "operator", "bot": self = .agent
        default: return nil
        }
    }
}

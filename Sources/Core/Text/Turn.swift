/// What was said earlier in a conversation, and by whom.
package struct Turn: Sendable, Hashable {
    package var role: Role
    package var text: UtteranceText

    package init(role: Role, text: UtteranceText) {
        self.role = role
        self.text = text
    }
}

/// Who speaks.
package enum Role: String, Sendable, Hashable, CaseIterable {
    case caller
    case agent
}

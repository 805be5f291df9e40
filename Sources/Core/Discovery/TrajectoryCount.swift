/// A way that conversations went, as the intents of their turns in order, and how many went it.
package struct TrajectoryCount: Sendable, Hashable {
    /// Turns that follow each other and have one intent are one step.
    package struct Step: Sendable, Hashable {
        package var proposal: Bits128
        /// Nil: roles were not told.
        package var role: Role?
        /// The proposal's label.
        package var name: String

        package init(proposal: Bits128, role: Role?, name: String) {
            self.proposal = proposal
            self.role = role
            self.name = name
        }
    }

    package var vertical: Vertical
    package var steps: [Step]
    package var conversations: Int

    package init(vertical: Vertical, steps: [Step], conversations: Int) {
        self.vertical = vertical
        self.steps = steps
        self.conversations = conversations
    }
}

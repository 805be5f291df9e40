package import Core

/// On the wire `Core.Feedback` is its own request.
package typealias FeedbackRequest = Feedback

/// Says that the feedback is stored.
package struct FeedbackResponse: Sendable, Equatable {
    /// There was an earlier word of the same source on the same reply.
    package var hasReplaced: Bool
    /// From where on the utterance is an exemplar of the right intent; nil: nothing was learnt.
    package var learnt: LogPosition?

    package init(hasReplaced: Bool = false, learnt: LogPosition? = nil) {
        self.hasReplaced = hasReplaced
        self.learnt = learnt
    }
}

/// Asks for the intents of some verticals.
package struct IntentsRequest: Sendable, Equatable {
    /// Empty: all.
    package var verticals: [Vertical]
    /// Keep the stream open and send what changes.
    package var thenChanges: Bool

    package init(verticals: [Vertical] = [], thenChanges: Bool = false) {
        self.verticals = verticals
        self.thenChanges = thenChanges
    }
}

/// One part of a stream of intents: first all that stand, then, if asked for, what changes.
package struct IntentsResponse: Sendable, Equatable {
    package var intents: [Intent]
    package var position: LogPosition
    /// All that stood at `position` has been sent.
    package var isComplete: Bool

    package init(intents: [Intent], position: LogPosition, isComplete: Bool = false) {
        self.intents = intents
        self.position = position
        self.isComplete = isComplete
    }
}

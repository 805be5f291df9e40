package import Core

/// Asks for the live exemplars.
package struct ExportRequest: Sendable, Equatable {
    /// Empty: all.
    package var verticals: [Vertical]
    package var withVectors: Bool

    package init(verticals: [Vertical] = [], withVectors: Bool = false) {
        self.verticals = verticals
        self.withVectors = withVectors
    }
}

/// A live exemplar with all that is known of it.
package struct ExportedExemplar: Sendable, Equatable {
    package var exemplarID: ExemplarID
    package var vertical: Vertical
    package var text: UtteranceText
    package var intent: IntentPath
    package var origin: [UInt8]
    /// Empty where vectors were not asked for.
    package var vector: [Float]
    /// Of the record that last changed it.
    package var sequence: LogSequence

    package init(
        exemplarID: ExemplarID,
        vertical: Vertical,
        text: UtteranceText,
        intent: IntentPath,
        origin: [UInt8] = [],
        vector: [Float] = [],
        sequence: LogSequence,
    ) {
        self.exemplarID = exemplarID
        self.vertical = vertical
        self.text = text
        self.intent = intent
        self.origin = origin
        self.vector = vector
        self.sequence = sequence
    }
}

/// One part of a stream of exemplars; all parts are of the same position.
package struct ExportResponse: Sendable, Equatable {
    package var exemplars: [ExportedExemplar]
    package var position: LogPosition

    package init(exemplars: [ExportedExemplar], position: LogPosition) {
        self.exemplars = exemplars
        self.position = position
    }
}

/// Asks how much the log and the index hold.
package struct StatsRequest: Sendable, Equatable {
    package init() {}
}

/// How much one vertical holds.
package struct VerticalStats: Sendable, Equatable {
    package var vertical: Vertical
    package var exemplars: Int
    package var intents: Int

    package init(vertical: Vertical, exemplars: Int, intents: Int) {
        self.vertical = vertical
        self.exemplars = exemplars
        self.intents = intents
    }
}

/// How much the log and the index hold.
package struct StatsResponse: Sendable, Equatable {
    package var position: LogPosition
    package var epoch: UInt64
    package var digest: StateDigest
    package var verticals: [VerticalStats]
    package var logBytes: Int
    package var feedback: Int
    /// Of callers.
    package var feedbackConfirmed: Int
    package var feedbackCallers: Int
    package var followers: [String]
    /// Of the exemplars; nil: no exemplar yet.
    package var encoder: ModelID?
    /// Exemplars, one as often as it got another intent, since the updater opened the log.
    package var relabelled: Int

    package init(
        position: LogPosition,
        epoch: UInt64,
        digest: StateDigest,
        verticals: [VerticalStats] = [],
        logBytes: Int = 0,
        feedback: Int = 0,
        feedbackConfirmed: Int = 0,
        feedbackCallers: Int = 0,
        followers: [String] = [],
        encoder: ModelID? = nil,
        relabelled: Int = 0,
    ) {
        self.position = position
        self.epoch = epoch
        self.digest = digest
        self.verticals = verticals
        self.logBytes = logBytes
        self.feedback = feedback
        self.feedbackConfirmed = feedbackConfirmed
        self.feedbackCallers = feedbackCallers
        self.followers = followers
        self.encoder = encoder
        self.relabelled = relabelled
    }
}

/// Asks for the stored feedback, oldest first.
package struct ListFeedbackRequest: Sendable, Equatable {
    /// So many of the oldest are left out.
    package var after: UInt64

    package init(after: UInt64 = 0) {
        self.after = after
    }
}

/// One part of a stream of feedback.
package struct ListFeedbackResponse: Sendable, Equatable {
    package var feedback: [Feedback]

    package init(feedback: [Feedback]) {
        self.feedback = feedback
    }
}

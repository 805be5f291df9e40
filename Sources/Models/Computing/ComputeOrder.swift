package import Core

/// When a piece of work counts, and when it counts no more.
package struct ComputeOrder: Sendable {
    package var priority: Priority
    /// After this nobody wants the result: what still waits is dropped, a running score is stopped. Nil: never.
    package var deadline: ContinuousClock.Instant?

    package init(_ priority: Priority, deadline: ContinuousClock.Instant? = nil) {
        self.priority = priority
        self.deadline = deadline
    }
}

/// A result with how long it took to come.
package struct Computed<Value: Sendable>: Sendable {
    package let value: Value
    package let timings: ComputeTimings

    package init(value: Value, timings: ComputeTimings) {
        self.value = value
        self.timings = timings
    }
}

/// Where the time between asking and having went.
package struct ComputeTimings: Sendable, Hashable {
    /// From arrival until a thread took the work, and between encoding and what followed.
    package var queued: Duration = .zero
    /// In the encoder, for the whole batch.
    package var encoding: Duration = .zero
    /// In the search, or in the language model without what it let in between.
    package var working: Duration = .zero
    /// Texts that were encoded in the same go.
    package var batchTexts = 0

    package init() {}
}

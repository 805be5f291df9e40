package import Core
internal import Synchronization

/// Adds up what a run asks of language models. Any thread may use it.
package final class EffortCounter: Sendable {
    private let sum: Mutex<RunEffort>

    /// - Parameter start: what was asked before, in a run that goes on.
    package init(_ start: RunEffort = RunEffort()) {
        sum = Mutex(start)
    }

    package var total: RunEffort { sum.withLock { $0 } }

    package func add(_ effort: RunEffort) {
        sum.withLock { $0 = $0 + effort }
    }

    /// Adds one prompt.
    package func addCall(tokens: Int, seconds: Double) {
        var effort = RunEffort()
        effort.llmCalls = 1
        effort.llmTokens = tokens
        effort.llmSeconds = seconds
        add(effort)
    }
}

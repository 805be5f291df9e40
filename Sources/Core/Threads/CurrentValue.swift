internal import Synchronization

/// The present value of something, and word of each change to whoever asks; who is slow misses all but the last.
///
/// Read on any thread. One owner sets it, so that changes are told in their order.
package final class CurrentValue<Value: Sendable & Equatable>: Sendable {
    private struct State: Sendable {
        var value: Value
        var listeners: [UInt64: AsyncStream<Value>.Continuation] = [:]
        var lastListener: UInt64 = 0
        var isFinished = false
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    package var value: Value { state.withLock { $0.value } }

    /// Tells who listens, where it is another value than before.
    package func set(_ value: Value) {
        let listeners = state.withLock { state -> [AsyncStream<Value>.Continuation] in
            guard state.value != value else { return [] }
            state.value = value
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(value) }
    }

    /// The value as it is, then after each change, until `finish` or the reader's end.
    package func values() -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
        let listener = state.withLock { state -> UInt64? in
            // Nobody reads the stream yet, so this wakes nobody under the lock.
            continuation.yield(state.value)
            guard !state.isFinished else { return nil }
            state.lastListener += 1
            state.listeners[state.lastListener] = continuation
            return state.lastListener
        }
        if let listener {
            continuation.onTermination = { [weak self] _ in self?.forget(listener) }
        } else {
            continuation.finish()
        }
        return stream
    }

    /// Ends all streams of values, also those that are asked for later.
    package func finish() {
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            state.isFinished = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    private func forget(_ listener: UInt64) {
        state.withLock { state in
            state.listeners[listener] = nil
        }
    }
}

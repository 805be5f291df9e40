import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM for a command that has something to finish: the first asks it to come to an end, the next cancels
/// it, a third ends the process.
final class Interrupt: Sendable {
    private let count = Mutex(0)

    /// Whether the command was asked to come to an end.
    var isRaised: Bool { count.withLock { $0 > 0 } }

    private func raise() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }

    /// Runs `body` until the first signal, which cancels its task.
    ///
    /// - Throws: what `body` throws; after a signal a failure that says so, whatever the cancelled work makes of it.
    static func ending<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await around(cancelsAt: 1) { interrupt -> Result in
            do {
                let result = try await body()
                try Task.checkCancellation()
                return result
            } catch {
                guard interrupt.isRaised else { throw error }
                throw CommandFailure("interrupted")
            }
        }
    }

    /// Runs `body`, and cancels its task at the `cancelsAt`th signal.
    static func around<Result: Sendable>(
        cancelsAt limit: Int = 2,
        _ body: @escaping @Sendable (Interrupt) async throws -> Result,
    ) async throws -> Result {
        let interrupt = Interrupt()
        let task = Task { try await body(interrupt) }
        let sources = [SIGINT, SIGTERM].map { number in
            // Else the default action would end the process before the source sees the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let count = interrupt.raise()
                if count >= limit { task.cancel() }
                if count > limit { signal(number, SIG_DFL) }
            }
            source.resume()
            return source
        }
        defer {
            for source in sources { source.cancel() }
            signal(SIGINT, SIG_DFL)
            signal(SIGTERM, SIG_DFL)
        }
        return try await task.value
    }
}

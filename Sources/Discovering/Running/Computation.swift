internal import Core
internal import Synchronization

/// A long computation on a thread of its own, below everything that callers wait for.
enum Computation {
    /// Live calls come first: the system gives such a thread what others leave.
    static let niceness: Int32 = 10

    /// Runs `body` and waits for it. When the task is cancelled the body's next word of progress throws.
    ///
    /// - Parameters:
    ///   - progress: told, from 0 to 1, what `body` says; of words that come faster than it takes them, the last.
    ///   - body: is given a function to call now and then with how far it is.
    /// - Throws: `CancellationError`, or what `body` throws.
    static func run<Product: Sendable>(
        _ name: String,
        progress: @Sendable (Double) async -> Void = { _ in },
        _ body: @escaping @Sendable (_ checkpoint: (Double) throws -> Void) throws -> Product,
    ) async throws -> Product {
        let (fractions, continuation) = AsyncStream.makeStream(of: Double.self, bufferingPolicy: .bufferingNewest(1))
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            async let product = WorkThread(name, niceness: niceness).run {
                defer { continuation.finish() }
                return try body { fraction in
                    guard !cancellation.isAsked else { throw CancellationError() }
                    continuation.yield(fraction)
                }
            }
            for await fraction in fractions { await progress(fraction) }
            return try await product
        } onCancel: {
            cancellation.ask()
        }
    }

    /// Crosses from the task that is cancelled to the thread that computes.
    private final class Cancellation: Sendable {
        private let flag = Mutex(false)

        var isAsked: Bool { flag.withLock { $0 } }

        func ask() { flag.withLock { $0 = true } }
    }
}

internal import Core
internal import Synchronization

/// Numbered pieces of work, each done once, by whichever thread is free.
enum Pieces {
    private final class Counter: Sendable {
        private let next = Atomic(0)

        /// Nil once there are no more.
        func take(of count: Int) -> Int? {
            let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
            return piece < count ? piece : nil
        }

        func end() { next.store(Int.max / 2, ordering: .relaxed) }
    }

    /// Does pieces 0 to `count` - 1 on some threads, the calling one among them, and returns when all are done.
    ///
    /// Which thread does a piece, and in which order, is left to chance: a result that is to be the same each time may
    /// depend on the piece's number alone. Threads that are started run with the calling one's niceness.
    ///
    /// - Parameter checkpoint: called on the calling thread, first and before each of its pieces; what it throws ends the
    ///   work as soon as the pieces at hand are done.
    static func forEach(
        _ count: Int,
        threads: Int,
        checkpoint: () throws -> Void,
        _ work: @escaping @Sendable (_ piece: Int) -> Void,
    ) rethrows {
        try checkpoint()
        let counter = Counter()
        let others = (1..<max(1, min(threads, count))).map { _ in
            DedicatedThread(name: "clustering") {
                while let piece = counter.take(of: count) { work(piece) }
            }
        }
        defer {
            counter.end()
            for thread in others { thread.join() }
        }
        while let piece = counter.take(of: count) {
            try checkpoint()
            work(piece)
        }
    }
}

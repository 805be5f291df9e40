internal import Core
internal import Synchronization

/// Computes factors that are decided on and not in use yet, on a thread of the replica's own, so that the writer seldom
/// has to.
final class FactorConstruction: Sendable {
    /// An order that nothing else holds any more, as after a purge, is not begun.
    private struct Waiting {
        weak var order: ClassFactorOrder?
    }

    private struct Shared {
        var thread: DedicatedThread?
        var orders: [Waiting] = []
        var isStopping = false
    }

    private enum Turn {
        case prepare(Waiting)
        case stop
    }

    private let shared = SignalledMutex(Shared())
    private let isAbandoned = Atomic(false)

    /// Once.
    func start() {
        shared.withLock { shared in
            shared.thread = DedicatedThread(name: "index-classes") { [self] in
                while case .prepare(let waiting) = nextTurn() {
                    waiting.order?.prepare { isAbandoned.load(ordering: .relaxed) }
                }
            }
        }
    }

    /// A factor that is being computed is computed to its end: some milliseconds, a wide one a tenth of a second.
    func shutdown() {
        isAbandoned.store(true, ordering: .relaxed)
        let thread = shared.withLock { shared in
            shared.isStopping = true
            self.shared.signal()
            return shared.thread
        }
        thread?.join()
    }

    /// Takes those that it has not had before.
    func add(_ orders: [ClassFactorOrder]) {
        let new = orders.filter { $0.claim() }
        guard !new.isEmpty else { return }
        shared.withLock { shared in
            guard shared.thread != nil, !shared.isStopping else { return }
            shared.orders += new.map { Waiting(order: $0) }
            self.shared.signal()
        }
    }

    private func nextTurn() -> Turn {
        shared.waitUntil { shared -> Turn? in
            if shared.isStopping { return .stop }
            return shared.orders.isEmpty ? nil : .prepare(shared.orders.removeFirst())
        }
    }
}

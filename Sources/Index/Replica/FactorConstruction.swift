internal import Core

/// Computes factors that are decided on and not in use yet, on a thread of the replica's own, so that the writer seldom
/// has to.
final class FactorConstruction: Sendable {
    private struct Shared {
        var thread: DedicatedThread?
        var orders: [ClassFactorOrder] = []
        var isStopping = false
    }

    private enum Turn {
        case prepare(ClassFactorOrder)
        case stop
    }

    private let shared = SignalledMutex(Shared())

    /// Once.
    func start() {
        shared.withLock { shared in
            shared.thread = DedicatedThread(name: "index-classes") { [self] in
                while case .prepare(let order) = nextTurn() { order.prepare() }
            }
        }
    }

    /// What is being computed is computed to its end: some milliseconds.
    func shutdown() {
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
            shared.orders += new
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

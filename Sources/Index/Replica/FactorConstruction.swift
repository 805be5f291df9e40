internal import Core

/// Computes factors that are decided on and not in use yet, on a thread of the replica's own, so that the writer seldom
/// has to.
final class FactorConstruction: Sendable {
    private struct Shared {
        var thread: DedicatedThread?
        var orders: [ClassFactorOrder] = []
        var isStopping = false
    }

    private let shared = SignalledMutex(Shared())

    /// Once.
    func start() {
        shared.withLock { shared in
            shared.thread = DedicatedThread(name: "index-classes") { [self] in
                while let order = next() { order.prepare() }
            }
        }
    }

    /// What is being computed is computed to its end: some milliseconds.
    func shutdown() {
        let thread = shared.withLock { shared in
            shared.isStopping = true
            return shared.thread
        }
        shared.signal()
        thread?.join()
    }

    /// Takes those that it has not had before.
    func add(_ orders: [ClassFactorOrder]) {
        let new = orders.filter { $0.claim() }
        guard !new.isEmpty else { return }
        shared.withLock { if $0.thread != nil, !$0.isStopping { $0.orders += new } }
        shared.signal()
    }

    private func next() -> ClassFactorOrder? {
        shared.waitUntil { shared -> ClassFactorOrder?? in
            if shared.isStopping { return .some(nil) }
            return shared.orders.isEmpty ? nil : shared.orders.removeFirst()
        }
    }
}

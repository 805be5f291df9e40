internal import Core
internal import Synchronization

/// When the thread that builds graphs has something to do, and who waits for it.
final class GraphConstruction: Sendable {
    struct Shared {
        var thread: DedicatedThread?
        var isDue = false
        var isStopping = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let shared = SignalledMutex(Shared())
    /// Read before each vector that is added to a graph.
    let isStopping = Atomic(false)

    /// Something may be due.
    func wake() {
        shared.withLock {
            $0.isDue = true
            shared.signal()
        }
    }
}

extension Replica {
    /// Starts two threads, one that builds graphs and one that computes factors as they fall due. The first holds the
    /// replica until `shutdown()`. Once.
    package func start() {
        construction.shared.withLock { shared in
            precondition(shared.thread == nil && !shared.isStopping, "a replica is started once")
            shared.isDue = true
            shared.thread = DedicatedThread(name: "index-graphs", stackBytes: 4 << 20, niceness: 12) { [self] in
                buildUntilShutdown()
            }
        }
        factors.start()
    }

    /// Ends both threads and waits for that: a tenth of a second at most. The graph that is being built is abandoned, a factor
    /// is computed to its end. What has been published stays in service. Does nothing where it was not started.
    package func shutdown() {
        construction.isStopping.store(true, ordering: .releasing)
        let thread = construction.shared.withLock { shared in
            shared.isStopping = true
            construction.shared.signal()
            return shared.thread
        }
        thread?.join()
        factors.shutdown()
    }

    /// Returns when the thread has published every graph that was due, or at shutdown.
    package func waitForGraphs() async {
        await withCheckedContinuation { continuation in
            let isRunning = construction.shared.withLock { shared in
                guard shared.thread != nil, !shared.isStopping else { return false }
                shared.waiting.append(continuation)
                shared.isDue = true
                construction.shared.signal()
                return true
            }
            if !isRunning { continuation.resume() }
        }
    }

    private func buildUntilShutdown() {
        while true {
            let isStopping = construction.shared.waitUntil { shared -> Bool? in
                guard shared.isDue || shared.isStopping else { return nil }
                shared.isDue = false
                return shared.isStopping
            }
            if !isStopping {
                while !abandons, buildNextGraph(isAbandoned: { abandons }) {}
            }
            resumeWaiting()
            if isStopping { return }
        }
    }

    private var abandons: Bool { construction.isStopping.load(ordering: .acquiring) }

    /// Whoever asked while something was being built waits for the next round, which `isDue` announces.
    private func resumeWaiting() {
        let waiting = construction.shared.withLock { shared -> [CheckedContinuation<Void, Never>] in
            guard !shared.isDue || shared.isStopping else { return [] }
            defer { shared.waiting = [] }
            return shared.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

internal import CZeroMQ

/// libzmq's context: its I/O threads and the names of inproc endpoints. One a process, or one a test.
///
/// Sockets must be closed before `close()`, which else would wait for them.
package final class MessagingContext: Sendable {
    // libzmq documents contexts, unlike sockets, as safe to use from any thread.
    nonisolated(unsafe) let raw: UnsafeMutableRawPointer

    /// A ROUTER counts the ids that it gives to clients from a number of `rand`, which has the same one at each start. Whoever
    /// knew the next could take it for a client of its own, and libzmq aborts the process where it then gives it again.
    private static let seedsRouterIDs: Void = srand(.random(in: .min ... .max))

    package init(ioThreads: Int32 = 1, maximumSockets: Int32 = 4_096) {
        Self.seedsRouterIDs
        guard let raw = zmq_ctx_new() else {
            fatalError("libzmq makes no context: \(String(cString: zmq_strerror(zmq_errno())))")
        }
        zmq_ctx_set(raw, ZMQ_IO_THREADS, ioThreads)
        zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, maximumSockets)
        self.raw = raw
    }

    /// Wakes whatever still waits on a socket, then waits until the last socket is closed and frees everything.
    package func close() {
        zmq_ctx_shutdown(raw)
        while zmq_ctx_term(raw) == -1, zmq_errno() == EINTR {}
    }

    /// libzmq's version, such as 4.3.4.
    package static var version: String {
        var major: Int32 = 0
        var minor: Int32 = 0
        var patch: Int32 = 0
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    package static var hasCURVE: Bool { zmq_has("curve") == 1 }
}

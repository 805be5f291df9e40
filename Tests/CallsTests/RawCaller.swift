import Messaging

/// A DEALER socket that sends any frames and waits for one message.
actor RawCaller: SocketOwner {
    nonisolated let loop: PollLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var socket: Socket?
    private var socketID: PollLoop.SocketID?
    private var waiting: CheckedContinuation<[[UInt8]], Never>?

    init(loop: PollLoop) {
        self.loop = loop
    }

    func exchange(
        _ frames: [[UInt8]],
        with address: String,
        context: MessagingContext,
    ) async throws -> [[UInt8]] {
        let socket = try Socket(.dealer, context: context)
        self.socket = socket
        socketID = loop.add(socket, owner: self)
        try socket.connect(address)
        try socket.send(frames)
        return await withCheckedContinuation { waiting = $0 }
    }

    func close() {
        if let socketID { loop.remove(socketID) }
        socketID = nil
        socket?.close()
        socket = nil
    }

    nonisolated func socketIsReadable(_ id: PollLoop.SocketID) -> Bool {
        assumeIsolated { $0.read() }
    }

    nonisolated func socketIsWritable(_ id: PollLoop.SocketID) {}

    private func read() -> Bool {
        guard let socket, let message = try? socket.receive(maximumFrames: 8) else { return false }
        waiting?.resume(returning: message.frames)
        waiting = nil
        return true
    }
}

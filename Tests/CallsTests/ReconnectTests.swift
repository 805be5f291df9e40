import Messaging
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReconnectTests {
    @Test func looksForAPeerThatIsAwayOnceASecondAtLeast() async throws {
        let context = MessagingContext()
        let loop = PollLoop()
        let seeker = Seeker(loop: loop)
        // Port 9 of the loopback: nobody serves the discard protocol here.
        try await seeker.look(for: "tcp://127.0.0.1:9", context: context)
        var pauses: [UInt32] = []
        for await pause in seeker.pauses.prefix(5) { pauses.append(pause) }
        await seeker.close()
        // Each is up to 100 ms longer, so that not all who wait come at once.
        #expect(pauses.count == 5 && pauses.allSatisfy { (100..<1_100).contains($0) }, "\(pauses)")
        loop.stop()
        context.close()
    }
}

/// A socket that tells how long libzmq is going to wait before it tries to connect again.
private actor Seeker: SocketOwner {
    nonisolated let loop: PollLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// In milliseconds.
    nonisolated let pauses: AsyncStream<UInt32>

    private let told: AsyncStream<UInt32>.Continuation
    private var socket: Socket?
    private var monitor: Socket?
    private var monitorID: PollLoop.SocketID?

    init(loop: PollLoop) {
        self.loop = loop
        (pauses, told) = AsyncStream.makeStream(of: UInt32.self)
    }

    func look(for address: String, context: MessagingContext) throws {
        let socket = try Socket(.dealer, context: context)
        self.socket = socket
        try socket.monitor(at: "inproc://seeker")
        let monitor = try Socket(.pair, context: context)
        self.monitor = monitor
        try monitor.connect("inproc://seeker")
        monitorID = loop.add(monitor, owner: self)
        try socket.connect(address)
    }

    func close() {
        if let monitorID { loop.remove(monitorID) }
        socket?.stopMonitor()
        monitor?.close()
        socket?.close()
        (monitorID, monitor, socket) = (nil, nil, nil)
        told.finish()
    }

    nonisolated func socketIsReadable(_ id: PollLoop.SocketID) -> Bool {
        assumeIsolated { $0.read() }
    }

    nonisolated func socketIsWritable(_ id: PollLoop.SocketID) {}

    private func read() -> Bool {
        guard let frames = try? monitor?.receive(maximumFrames: 2)?.frames else { return false }
        // Two bytes say what happened, 4: ZMQ_EVENT_CONNECT_RETRIED; four have its figure.
        if let event = frames.first, event.count >= 6, event[0] == 4, event[1] == 0 {
            told.yield(event[2..<6].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
        }
        return true
    }
}

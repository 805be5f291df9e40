import Calls
import Core
import Messaging
import Wire

/// A socket that says what it is told to say and reads when it is told to, which a `CallChannel` does not.
///
/// To be closed before its context is.
actor RawPeer {
    nonisolated let loop: PollLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private let context: MessagingContext
    private var socket: Socket?

    init(loop: PollLoop, context: MessagingContext) {
        self.loop = loop
        self.context = context
    }

    /// On the loop and context of a fixture's client.
    static func connected(to fixture: CallFixture) async throws -> RawPeer {
        let peer = RawPeer(loop: fixture.clientLoop, context: fixture.context)
        try await peer.connect(to: fixture.address)
        return peer
    }

    func connect(to address: String) throws {
        var limits = Socket.Limits()
        limits.receiveHighWaterMark = 1
        let socket = try Socket(.dealer, context: context, limits: limits)
        try socket.connect(address)
        self.socket = socket
    }

    /// A ROUTER instead, to be a server.
    func listen(on address: String) throws -> String {
        let socket = try Socket(.router, context: context)
        self.socket = socket
        return try socket.bind(address)
    }

    func open<Request, Response>(
        _ method: Method<Request, Response>,
        as callID: UInt64,
        within time: Duration? = nil,
        grant: Int = 0,
    ) throws {
        try send(Header(kind: .call, callID: callID, method: method.name, timeLeft: time, grant: grant))
    }

    func send(_ header: Header, _ payload: [UInt8] = []) throws { try send([header.encoded(), payload]) }

    func send(_ frames: [[UInt8]]) throws { try socket?.send(frames) }

    func receive() async throws -> (header: Header, payload: [UInt8]) {
        let frames = try await receiveFrames()
        return (try Header(decoding: frames[frames.count - 2]), frames[frames.count - 1])
    }

    func receiveFrames() async throws -> [[UInt8]] {
        while true {
            try Task.checkCancellation()
            if let frames = try socket?.receive(maximumFrames: 4)?.frames, frames.count >= 2 { return frames }
            await Task.yield()
        }
    }

    /// The next end of a call.
    func reply() async throws -> Header {
        while true {
            let header = try await receive().header
            if header.kind == .reply { return header }
        }
    }

    func close() {
        socket?.close()
        socket = nil
    }
}

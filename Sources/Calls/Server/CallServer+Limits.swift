internal import Core

/// What is let in, and what it takes while it is here.
extension CallServer {
    /// What services and clients may take of a server; what exceeds it is refused at once.
    package struct Limits: Sendable {
        /// Unary calls.
        package var callsPerService = 1_024
        package var callsPerClient = 256
        /// Streams are counted apart: they may be open for ever and cost next to nothing meanwhile, so idle ones must
        /// not keep calls out.
        package var streamsPerService = 512
        package var streamsPerClient = 64
        /// Requests of calls in flight, with their headers; and, counted apart, stream messages that wait to be read.
        package var bytesPerService = 64 * 1024 * 1024
        /// Stream messages that wait to be read. Holds the windows of two streams, whatever the messages' size.
        package var unreadBytesPerClient = 32 * 1024 * 1024
        /// On the way to a client: while it is more, replies wait and streams are not sent.
        package var unsentBytesPerClient = 4 * 1024 * 1024
        /// Replies that wait for a client that does not read; what comes on top is dropped and counted.
        package var waitingMessagesPerClient = 4_096
        package var waitingBytesPerClient = 16 * 1024 * 1024
        /// On the way to all clients: while it is more, a client is sent nothing on top of something large.
        package var unsentBytesPerServer = 128 * 1024 * 1024
        /// What waits for all clients that do not read, messages of streams included. What comes on top takes from the
        /// slowest all that waits for it, and ends its calls.
        package var waitingBytesPerServer = 128 * 1024 * 1024
        /// Frames that may stand before header and payload, the client's identity included.
        package var routeFrames = 8
        /// Of one of them. It is kept with the call and sought by, and ZeroMQ's longest id has as many.
        package var routeFrameBytes = 255

        package init() {}
    }

    /// What a service has to do, or a client has here.
    struct Load {
        var calls = 0
        var streams = 0
        /// Of the requests, with their headers.
        var bytes = 0
        /// Bytes of stream messages that wait to be read.
        var unread = 0

        mutating func add(_ method: MethodLimits, _ count: Int, bytes: Int) {
            if method.isStream { streams += count } else { calls += count }
            self.bytes += bytes
        }
    }

    /// A client, as long as it has anything here.
    struct Client {
        var load = Load()
        /// Its calls that are owed a reply.
        var open: Set<UInt64> = []
    }

    /// Why there is no room for one more call; nil where there is.
    func refusal(
        of entry: ServiceTable.Entry,
        bytes: Int,
        from route: [[UInt8]],
        by caller: Caller,
    ) -> SwitchboardError? {
        func full(_ message: String, retryAfter: Duration) -> SwitchboardError {
            SwitchboardError(.resourceExhausted, message, retryAfter: retryAfter)
        }
        let own = clients[route[0], default: Client()].load
        let load = serviceLoads[entry.service, default: Load()]
        if entry.limits.isStream {
            guard own.streams < limits.streamsPerClient else {
                let most = limits.streamsPerClient
                return full("this client has \(most) streams open, which is the most", retryAfter: .seconds(1))
            }
            guard load.streams < limits.streamsPerService else {
                return full("\(entry.service) has as many streams open as it takes", retryAfter: .seconds(1))
            }
            let shares = streamShares[entry.service] ?? CallShares()
            guard shares.hasRoom(for: clientIdentity(of: route, by: caller), of: limits.streamsPerService) else {
                return full("this client has its share of the streams of \(entry.service)", retryAfter: .seconds(1))
            }
        } else {
            let shares = shares[entry.service] ?? CallShares()
            guard own.calls < limits.callsPerClient else {
                let most = limits.callsPerClient
                return full("this client has \(most) calls in flight, which is the most", retryAfter: shares.retryAfter)
            }
            guard load.calls < limits.callsPerService else {
                return full("\(entry.service) has as many calls in flight as it takes", retryAfter: shares.retryAfter)
            }
            guard shares.hasRoom(for: clientIdentity(of: route, by: caller), of: limits.callsPerService) else {
                return full("this client has its share of the calls to \(entry.service)", retryAfter: shares.retryAfter)
            }
        }
        guard load.bytes + bytes <= limits.bytesPerService else {
            let wait = shares[entry.service, default: CallShares()].retryAfter
            return full("\(entry.service) has as many bytes in flight as it takes", retryAfter: wait)
        }
        let held = byteShares[entry.service] ?? CallShares()
        guard held.hasRoom(for: clientIdentity(of: route, by: caller), bytes, of: limits.bytesPerService) else {
            let wait = shares[entry.service, default: CallShares()].retryAfter
            return full("this client has its share of the bytes in flight to \(entry.service)", retryAfter: wait)
        }
        return nil
    }

    func occupy(_ entry: ServiceTable.Entry, client: [UInt8], key: ClientIdentity, bytes: Int) {
        if entry.limits.isStream {
            streamShares[entry.service, default: CallShares()].add(key)
        } else {
            shares[entry.service, default: CallShares()].add(key)
        }
        byteShares[entry.service, default: CallShares()].add(key, bytes)
        serviceLoads[entry.service, default: Load()].add(entry.limits, 1, bytes: bytes)
        clients[client, default: Client()].load.add(entry.limits, 1, bytes: bytes)
    }

    /// What a call took is free only when its body has ended, also where the reply went out before.
    func release(_ entry: ServiceTable.Entry, client: [UInt8], key: ClientIdentity, bytes: Int) {
        if entry.limits.isStream {
            streamShares[entry.service]?.remove(key)
        } else {
            shares[entry.service]?.remove(key)
        }
        byteShares[entry.service]?.remove(key, bytes)
        serviceLoads[entry.service]?.add(entry.limits, -1, bytes: -bytes)
        clients[client]?.load.add(entry.limits, -1, bytes: -bytes)
        if let left = clients[client]?.load, left.calls == 0, left.streams == 0 { clients[client] = nil }
    }
}

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
        /// Requests of calls in flight; and, counted apart, stream messages that wait to be read.
        package var bytesPerService = 64 * 1024 * 1024
        /// Stream messages that wait to be read. Holds the first window of one stream, whatever the messages' size.
        package var unreadBytesPerClient = 32 * 1024 * 1024
        /// On the way to a client: while it is more, replies wait and streams are not sent.
        package var unsentBytesPerClient = 4 * 1024 * 1024
        /// Replies that wait for a client that does not read; what comes on top is dropped and counted.
        package var waitingMessagesPerClient = 4_096
        package var waitingBytesPerClient = 16 * 1024 * 1024
        /// Frames that may stand before header and payload, the client's identity included.
        package var routeFrames = 8

        package init() {}
    }
}

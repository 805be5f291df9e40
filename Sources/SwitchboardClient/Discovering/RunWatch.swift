internal import Calls
internal import Core
package import Wire

/// The states of a run, one after the other; it ends after one that is over.
///
/// Each iteration opens a stream of its own, which is given up with the iterator. The run itself does not mind who watches.
package struct RunWatch: AsyncSequence, Sendable {
    let channel: CallChannel
    let run: Bits128?

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(channel: channel, run: run) }

    package struct AsyncIterator: AsyncIteratorProtocol {
        let channel: CallChannel
        let run: Bits128?
        private var reading: Reading?
        private var isOver = false

        init(channel: CallChannel, run: Bits128?) {
            self.channel = channel
            self.run = run
        }

        /// - Throws: `ClientError`: why the stream ended before the run, such as `NOT_FOUND`, `UNAVAILABLE`, `CANCELLED`.
        package mutating func next() async throws -> DiscoveryWatchResponse? {
            guard !isOver else { return nil }
            do throws(SwitchboardError) {
                if reading == nil {
                    let request = DiscoveryWatchRequest(run: run)
                    reading = Reading(try await channel.open(Methods.discoveryWatch, request))
                }
                let response = try await reading?.stream.next()
                isOver = response?.progress.phase.isOver ?? true
                if isOver { reading = nil }
                return response
            } catch {
                isOver = true
                reading = nil
                throw ClientError(error)
            }
        }
    }

    /// A stream that is cancelled when nobody reads it any more.
    private final class Reading: Sendable {
        let stream: ClientStream<DiscoveryWatchRequest, DiscoveryWatchResponse>

        init(_ stream: ClientStream<DiscoveryWatchRequest, DiscoveryWatchResponse>) {
            self.stream = stream
        }

        deinit {
            // Harmless where it has ended.
            Task { [stream] in await stream.cancel() }
        }
    }
}

import Calls
import Core
import Messaging
import Synchronization
import Updating
import Wire

/// An updater that answers each Follow with what a script says, over real sockets.
final class PlayedUpdater: Sendable {
    /// What the n-th stream is answered; the last is for all that come after it. A stream stays open afterwards.
    typealias Script = [[FollowResponse]]

    /// How the streams began so far.
    let starts = CurrentValue<[FollowStart]>([])
    private let script: Script

    init(_ script: Script) {
        self.script = script
    }

    /// Runs a body beside a follower of this updater.
    func run(_ sink: RecordingSink, _ body: () async throws -> Void) async throws {
        let (loop, context) = (PollLoop(name: "test-played"), MessagingContext())
        var services = ServiceTable()
        services.bothWays(Methods.follow) { [self] reader, writer, _ in try await answer(reader, writer) }
        let server = CallServer(services: services, loop: loop, context: context)
        let address = try await server.listen(on: "inproc://played")
        let channel = CallChannel(address: address, loop: loop, context: context)
        let follower = Follower(name: "test", sink: sink, channel: channel, logger: UpdaterFixture.logger)
        let following = Task { await follower.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        following.cancel()
        await following.value
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        loop.stop()
        context.close()
        try result.get()
    }

    func waitForStreams(_ count: Int) async {
        for await starts in starts.values() where starts.count >= count { break }
    }

    /// On the loop of the server, so one after the other.
    private func answer(_ reader: StreamReader<FollowRequest>, _ writer: StreamWriter<FollowResponse>) async throws {
        guard case .start(let start) = try await reader.next() else { return }
        let number = starts.value.count
        starts.set(starts.value + [start])
        for response in script[min(number, script.count - 1)] { try await writer.send(response) }
        while try await reader.next() != nil {}
    }
}

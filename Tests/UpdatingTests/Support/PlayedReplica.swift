import Calls
import Core
import Synchronization
import Wire

/// A follower that says it has applied whatever came, and has the encoders that it is told to have.
final class PlayedReplica: Sendable {
    static let name = "played/retriever"

    let applied = CurrentValue(LogSequence.start)
    private let encoders = Mutex<[ModelID]>([])
    /// As heartbeats say.
    let nextEncoder = CurrentValue<ModelID?>(nil)
    let heard = CurrentValue<[ModelID]>([])
    /// That it says it has still to build.
    let graphsDue = CurrentValue(0)
    private let stream: ClientStream<FollowRequest, FollowResponse>

    init(_ channel: CallChannel) async throws {
        stream = try await channel.open(Methods.follow)
        try await stream.send(.start(FollowStart(name: Self.name)))
    }

    /// Until its stream ends.
    func follow() async {
        while let response = try? await stream.next() {
            if case .records(let records) = response, let last = records.last { applied.set(last.sequence) }
            if case .heartbeat(let heartbeat) = response {
                nextEncoder.set(heartbeat.nextEncoder)
                if let next = heartbeat.nextEncoder { heard.set(heard.value + [next]) }
            }
            try? await tell()
        }
    }

    func announce(_ encoders: ModelID...) async throws {
        self.encoders.withLock { $0 = encoders }
        try await tell()
    }

    func waitUntilApplied(_ sequence: UInt64) async {
        for await applied in applied.values() where applied >= LogSequence(sequence) { break }
    }

    func leave() async { await stream.cancel() }

    func tell() async throws {
        let encoders = self.encoders.withLock { $0 }
        let word = FollowApplied(
            sequence: applied.value,
            encoders: encoders,
            nextEncoder: nextEncoder.value,
            graphsDue: graphsDue.value
        )
        try await stream.send(.applied(word))
    }
}

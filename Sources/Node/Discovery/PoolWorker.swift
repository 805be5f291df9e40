internal import Calls
internal import Core
internal import Discovering
internal import Routing
internal import Wire

/// Takes what gateways hand on into the pool of the clusterer.
struct PoolWorker: WorkerBody {
    private static let callsAtATime = 4
    /// Longer than a process lives.
    private static let always = Duration.seconds(1 << 30)

    private let name: String
    private let clusterer: Clusterer

    init(name: String, clusterer: Clusterer) {
        self.name = name
        self.clusterer = clusterer
    }

    var hello: WorkerHello { WorkerHello(name: name, services: [RoutingServices.discovery]) }

    func credit(for service: String) -> Int { Self.callsAtATime }

    func answer(_ call: WorkerCall, deadline: ContinuousClock.Instant) async throws -> [UInt8] {
        guard call.method == Methods.discoveryAdd.name else {
            throw SwitchboardError(.unimplemented, "on this way a clusterer answers Add alone, not \(call.method)")
        }
        return try await clusterer.add(try await DiscoveryAddRequest.decoded(call.payload)).encoded()
    }

    func waitUntilAble() async {}

    /// It has no replica, so it tells nothing, and can answer as long as it runs.
    func positions() async -> AsyncStream<WorkerApplied> {
        AsyncStream(unfolding: {
            try? await Task.sleep(for: Self.always)
            return nil
        })
    }
}

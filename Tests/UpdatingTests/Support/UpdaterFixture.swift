import Core
import Foundation
import Index
import Logging
import Messaging
import UpdateStore
import Updating
import Wire

@testable import Calls

/// An updater on a log of its own, asked over real sockets. The gateway that encodes for it and the replica that follows
/// it are played.
struct UpdaterFixture {
    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
    static let encoder = ModelID(bytes: [UInt8](repeating: 1, count: ModelID.byteCount))!  // As long as an id is.
    static let other = ModelID(bytes: [UInt8](repeating: 2, count: ModelID.byteCount))!  // As long as an id is.

    /// Small segments, so that few exemplars make some.
    static let settings = IndexSettings(dimension: 4, upsertsPerSegment: 8, segmentsPerTier: 2)

    let updater: IndexUpdater
    let log: UpdateLog
    let channel: CallChannel
    let encoders: PlayedEncoders
    let replica: PlayedReplica
    let snapshots: SnapshotKeeper
    /// The data directory.
    let folder: String
    /// The data directory's.
    let snapshotFolder: SnapshotFolder
    private let server: CallServer

    /// Runs a body beside an updater whose log has one exemplar, which the replica has applied.
    ///
    /// - Parameters:
    ///   - addressesBefore: of gateways that the updater knows besides the one that is played, and before it.
    ///   - empty: what is done while the log is empty.
    static func run(
        times: ReencodingTimes = ReencodingTimes(),
        addressesBefore: [String] = [],
        empty: (UpdaterFixture) async throws -> Void = { _ in },
        _ body: (UpdaterFixture) async throws -> Void,
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "updater-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (loop, context) = (PollLoop(name: "test-updater"), MessagingContext())
        let encoders = PlayedEncoders(own: encoder)
        var gateway = ServiceTable()
        gateway.unary(Methods.encode) { request, _ in try await encoders.answer(request) }
        let gatewayServer = CallServer(services: gateway, loop: loop, context: context)
        let gatewayChannel = CallChannel(
            address: try await gatewayServer.listen(on: "inproc://gateway"),
            loop: loop,
            context: context
        )
        let channelsBefore = addressesBefore.map { CallChannel(address: $0, loop: loop, context: context) }
        let directory = try DataDirectory(folder)
        let log = try UpdateLog(in: directory)
        let feedback = try FeedbackStore(in: directory)
        let executor = ThreadExecutor(name: "test-snapshots")
        let snapshots = SnapshotKeeper(
            log: log,
            folder: directory.snapshots,
            settings: settings,
            interval: 0,
            executor: executor,
            logger: logger
        )
        let updater = IndexUpdater(
            log: log,
            feedback: feedback,
            gateways: channelsBefore + [gatewayChannel],
            reencodingTimes: times,
            snapshots: snapshots,
            loop: loop,
            logger: logger
        )
        var index = ServiceTable()
        index.unary(Methods.append) { try await updater.append($0, $1) }
        index.unary(Methods.purge) { try await updater.purge($0, $1) }
        index.serverStream(Methods.export) { request, writer, context in
            try await updater.export(request, writer, client: context.client)
        }
        index.bothWays(Methods.follow) { reader, writer, _ in try await updater.follow(reader, writer) }
        index.serverStream(Methods.reencode) { request, writer, _ in try await updater.reencode(request, writer) }
        index.serverStream(Methods.snapshot) { request, writer, context in
            try await updater.snapshot(request, writer, client: context.client)
        }
        index.unary(Methods.trim) { request, _ in try await updater.trim(request) }
        let indexServer = CallServer(services: index, loop: loop, context: context)
        let channel = CallChannel(
            address: try await indexServer.listen(on: "inproc://index"),
            loop: loop,
            context: context
        )
        let running = Task { await updater.run() }
        let replica = try await PlayedReplica(channel)
        let following = Task { await replica.follow() }
        let fixture = UpdaterFixture(
            updater: updater,
            log: log,
            channel: channel,
            encoders: encoders,
            replica: replica,
            snapshots: snapshots,
            folder: folder,
            snapshotFolder: directory.snapshots,
            server: indexServer
        )
        try await empty(fixture)
        _ = try await fixture.add("one")
        await replica.waitUntilApplied(1)
        try await body(fixture)
        await replica.leave()
        await following.value
        await channel.close()
        await indexServer.drain(until: .now + .seconds(1))
        for channel in channelsBefore { await channel.close() }
        await gatewayChannel.close()
        await gatewayServer.drain(until: .now + .seconds(1))
        running.cancel()
        await running.value
        executor.stop()
        try await log.close()
        try await feedback.close()
        loop.stop()
        context.close()
    }

    /// - Returns: how many exemplars that added.
    func add(_ text: String) async throws -> Int {
        try await channel.call(Methods.append, Self.request(text)).receipt.added
    }

    /// The same without a server that would end the call itself.
    func append(_ text: String, within time: Duration) async throws {
        _ = try await updater.append(Self.request(text), context(Methods.append.name, within: time))
    }

    /// A call as the updater sees it, without a server that would end it.
    func context(_ method: String, within time: Duration, by caller: Caller = .local) -> CallContext {
        CallContext(
            method: method,
            deadline: .now + time,
            metadata: [],
            arrival: .now,
            client: .none,
            serial: 0,
            server: server,
            caller: caller
        )
    }

    private static func request(_ text: String) throws -> AppendRequest {
        let upsert = UpsertCommand(vertical: .default, text: try UtteranceText(text), path: try IntentPath("x"))
        return AppendRequest(
            batch: AppendBatch(
                operation: Bits128.random().bytes,
                source: "tests",
                author: "tests",
                commands: [.upsert(upsert)]
            )
        )
    }

    /// All that the updater says of a change to the other encoder, until that has ended.
    func reencode() async throws -> [ReencodeResponse] {
        let stream = try await channel.open(Methods.reencode, ReencodeRequest(.encoder(Self.other)))
        var responses: [ReencodeResponse] = []
        while let response = try await stream.next() { responses.append(response) }
        return responses
    }
}

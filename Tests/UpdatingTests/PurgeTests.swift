import Core
import Index
import Logging
import Testing
import UpdateStore
import Wire

@testable import Calls
@testable import Updating

/// Erasing over real sockets, beside replicas that follow.
@Suite(.timeLimit(.minutes(1))) struct PurgeTests {
    private static func id(_ text: String) throws -> ExemplarID {
        ExemplarID(vertical: .default, text: try UtteranceText(text))
    }

    private static func word(_ text: String) throws -> Feedback {
        Feedback(
            replyID: .random(),
            text: try UtteranceText(text),
            vertical: .default,
            answeredIntent: nil,
            verdict: .rejected,
            source: .agent
        )
    }

    /// Runs a body beside a replica of the updater's log.
    private static func withReplica(
        of fixture: UpdaterFixture,
        _ body: (ReplicaWriter) async throws -> Void,
    ) async throws {
        let executor = ThreadExecutor(name: "test-replica")
        let writer = ReplicaWriter(executor: executor, settings: IndexSettings(dimension: 4))
        let follower = Follower(
            name: "real/retriever",
            sink: writer,
            channel: fixture.channel,
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
        let following = Task { await follower.run() }
        try await body(writer)
        following.cancel()
        await following.value
        await writer.shutDown()
        executor.stop()
    }

    @Test func whatIsErasedIsGoneFromLogFeedbackAndReplica() async throws {
        try await UpdaterFixture.run { fixture in
            for text in ["two", "three"] { _ = try await fixture.add(text) }
            for text in ["two", "three"] { _ = try await fixture.updater.addFeedback(try Self.word(text)) }
            try await Self.withReplica(of: fixture) { writer in
                try await writer.waitUntilApplied(fixture.log.head.position)
                let selection = PurgeSelection.exemplars([try Self.id("two")])
                let dry = try await fixture.channel.call(Methods.purge, PurgeRequest(selection, isDryRun: true))
                #expect(dry.removed == 1 && dry.blanked == 1 && dry.feedback == 1)
                #expect(dry.position == fixture.log.head.position)
                #expect(fixture.log.exemplarCount == 3)

                let done = try await fixture.channel.call(Methods.purge, PurgeRequest(selection, author: "ann"))
                #expect(done.removed == 1 && done.blanked == 1 && done.feedback == 1)
                #expect(!done.isMore && done.behind.isEmpty)
                #expect(done.position.sequence == LogSequence(4))
                let snapshot = try #require(writer.replica).snapshot
                #expect(snapshot.position == done.position)
                #expect(snapshot.digest == fixture.log.head.digest)
                let two = try Self.id("two")
                #expect(snapshot.exemplar(two) == nil)
                #expect(snapshot.count == 2)
                #expect(try await fixture.updater.stats().feedback == 1)

                let again = try await fixture.channel.call(Methods.purge, PurgeRequest(selection))
                #expect(again == PurgeReceipt(position: done.position))
            }
            // A replica that begins now comes to the same.
            try await Self.withReplica(of: fixture) { writer in
                try await writer.waitUntilApplied(fixture.log.head.position)
                let snapshot = try #require(writer.replica).snapshot
                #expect(snapshot.digest == fixture.log.head.digest)
                #expect(snapshot.count == 2)
            }
            #expect(try await fixture.log.check().fault == nil)
        }
    }

    @Test func whoWasAwayMeanwhileStartsAnew() async throws {
        try await UpdaterFixture.run { fixture in
            _ = try await fixture.add("two")
            let before = fixture.log.head
            let selection = PurgeSelection.exemplars([try Self.id("one")])
            _ = try await fixture.channel.call(Methods.purge, PurgeRequest(selection))
            // What is told of the log at that place is no longer what it was then.
            let stream = try await fixture.channel.open(Methods.follow)
            let start = FollowStart(name: "away", position: before.position, digest: before.digest)
            try await stream.send(.start(start))
            let error = await #expect(throws: SwitchboardError.self) { while try await stream.next() != nil {} }
            #expect(error?.code == .outOfRange)

            // A follower that is told so gives up what it has, and gets all of it again.
            let (executor, log) = (ThreadExecutor(name: "test-replica"), before.position.log)
            let writer = ReplicaWriter(executor: executor, settings: IndexSettings(dimension: 4))
            await writer.begin(at: LogPosition(log: log, sequence: LogSequence(2)))
            try await writer.apply(Self.records(of: "one", "two"), of: log)
            let follower = Follower(
                name: "real/retriever",
                sink: writer,
                channel: fixture.channel,
                logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
            )
            let following = Task { await follower.run() }
            try await writer.waitUntilApplied(fixture.log.head.position)
            #expect(writer.replica?.snapshot.digest == fixture.log.head.digest)
            let one = try Self.id("one")
            #expect(try #require(writer.replica).snapshot.exemplar(one) == nil)
            following.cancel()
            await following.value
            await writer.shutDown()
            executor.stop()
        }
    }

    @Test func oneThatTakesLongerThanItsCallGoesOnAndIsAskedAbout() async throws {
        try await UpdaterFixture.run { fixture in
            _ = try await fixture.add("two")
            let request = PurgeRequest(.exemplars([try Self.id("two")]), operation: Array("purge-7".utf8))
            // Less time than the updater leaves itself to say so.
            let error = await #expect(throws: SwitchboardError.self) {
                _ = try await fixture.channel.call(Methods.purge, request, within: .milliseconds(300))
            }
            #expect(error?.code == .deadlineExceeded)
            let receipt = try await fixture.channel.call(Methods.purge, request, within: .seconds(30))
            #expect(receipt.removed == 1 && receipt.blanked == 1)
            #expect(receipt.position == fixture.log.head.position)
            // Once, however often it is asked for.
            #expect(try await fixture.channel.call(Methods.purge, request) == receipt)
            #expect(fixture.log.head.position == receipt.position)
        }
    }

    /// It holds the log as it was for as long as its reader likes.
    @Test func anExportThatNobodyReadsDoesNotHoldUpAPurge() async throws {
        try await UpdaterFixture.run { fixture in
            for text in ["two", "three"] { _ = try await fixture.add(text) }
            let unread = await fixture.channel.openWithoutGrant(Methods.export, ExportRequest(), as: 1 << 40)
            while await fixture.updater.exports.isEmpty { await Task.yield() }
            let selection = PurgeSelection.exemplars([try Self.id("two")])
            let receipt = try await fixture.channel.call(Methods.purge, PurgeRequest(selection), within: .seconds(30))
            #expect(receipt.removed == 1)
            let error = await #expect(throws: SwitchboardError.self) { _ = try await unread.next() }
            #expect(error?.code == .aborted)
            #expect(error?.message.contains("export again") == true)
            #expect(await fixture.updater.exports.isEmpty)

            let again = try await fixture.channel.open(Methods.export, ExportRequest())
            var texts: [String] = []
            while let page = try await again.next() { texts += page.exemplars.map(\.text.value) }
            #expect(texts == ["one", "three"])
        }
    }

    private static func records(of texts: String...) throws -> [LogRecord] {
        try texts.enumerated().map { index, text in
            LogRecord(
                sequence: LogSequence(UInt64(index + 1)),
                stamp: OperationStamp(operation: [1], change: [1], source: "", author: "", timeMicroseconds: 0),
                fact: .exemplarUpserted(
                    ExemplarUpserted(
                        vertical: .default,
                        text: try UtteranceText(text),
                        path: try IntentPath("x"),
                        vector: [1, 0, 0, 0],
                        encoder: UpdaterFixture.encoder
                    )
                )
            )
        }
    }
}

extension CallChannel {
    /// Opens a stream whose server may send nothing yet.
    fileprivate func openWithoutGrant<Request, Response>(
        _ method: Method<Request, Response>,
        _ request: Request,
        as callID: UInt64,
    ) -> ClientStream<Request, Response> {
        var call = OpenCall(method: method.name, answer: .stream)
        call.stream = StreamState(granting: 0, maySend: 0)
        calls[callID] = call
        send(Header(kind: .call, callID: callID, method: method.name, grant: 0), request.encoded())
        return ClientStream(channel: self, callID: callID)
    }
}

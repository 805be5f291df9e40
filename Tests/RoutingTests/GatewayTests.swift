import Calls
import Core
import Logging
import Messaging
import Routing
import Testing
import Wire

/// A gateway and a worker that this test plays, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct GatewayTests {
    @Test func aCallThatItsWorkerDoesNotAnswerEndsAtItsDeadline() async throws {
        try await Self.withWorker { gateway, _, stream in
            // The answer of the first gives the credit back that the second takes.
            async let first = gateway.forward(Methods.score.name, [1], deadline: .now + .seconds(30))
            let answered = try await Self.nextCall(stream)
            try await stream.send(.result(WorkerResult(callID: answered, payload: [2])))
            let answer = try await first
            #expect(answer == [2])
            await #expect {
                _ = try await gateway.forward(Methods.score.name, [3], deadline: .now + .milliseconds(500))
            } throws: {
                ($0 as? SwitchboardError)?.code == .deadlineExceeded
            }
            let silent = try await Self.nextCall(stream)
            #expect(try await stream.next() == .cancel(WorkerCancel(callID: silent)))
        }
    }

    @Test func callsThatNoWorkerTakesEndAtTheirDeadlineTogether() async throws {
        try await Self.withWorker { gateway, _, stream in
            async let first = gateway.forward(Methods.score.name, [1], deadline: .now + .seconds(30))
            // Takes the only credit.
            let busy = try await Self.nextCall(stream)
            let deadline = ContinuousClock.now + .milliseconds(500)
            let codes = await withTaskGroup(of: StatusCode?.self) { group in
                for _ in 0..<900 {
                    group.addTask {
                        do throws(SwitchboardError) {
                            _ = try await gateway.forward(Methods.score.name, [3], deadline: deadline)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: [StatusCode?]()) { $0.append($1) }
            }
            #expect(codes == [StatusCode?](repeating: .deadlineExceeded, count: 900))
            try await stream.send(.result(WorkerResult(callID: busy, payload: [2])))
            let answer = try await first
            #expect(answer == [2])
        }
    }

    @Test func anAnswerIsDegradedWhereTheScorerSaysNothing() async throws {
        let retrieved = RetrieveResponse(
            neighbours: [try Self.neighbour(8, 0.9), try Self.neighbour(16, 0.8)],
            intents: [
                Intent(id: IntentID(8), vertical: .default, path: try IntentPath("a")),
                Intent(id: IntentID(16), vertical: .default, path: try IntentPath("b")),
            ],
            position: LogPosition(log: LogID(7), sequence: LogSequence(2)),
        )
        try await Self.withWorker { _, channel, stream in
            let request = ClassifyRequest(text: try UtteranceText("hello"), llm: .always)
            async let reply = channel.call(Methods.classify, request, within: .seconds(2))
            let retrieve = try await Self.nextCall(stream)
            try await stream.send(.result(WorkerResult(callID: retrieve, payload: retrieved.encoded())))
            // The scorer has the call, and leaves it.
            _ = try await Self.nextCall(stream)
            let answer = try await reply
            #expect(answer.decidedBy == .degraded)
            #expect(answer.candidates.count == 2)
        }
    }

    /// A client does not repeat what is INVALID_ARGUMENT, and the request was right.
    @Test func anAnswerThatCannotBeReadIsItsWorkersFault() async throws {
        try await Self.withWorker { _, channel, stream in
            let request = ClassifyRequest(text: try UtteranceText("hello"), llm: .off)
            let broken: [[UInt8]] = [[], [0xFF, 0xFF], Array("hello".utf8)]
            for payload in broken {
                let asked = Task { try await channel.call(Methods.classify, request, within: .seconds(10)) }
                let callID = try await Self.nextCall(stream)
                try await stream.send(.result(WorkerResult(callID: callID, payload: payload)))
                await #expect {
                    _ = try await asked.value
                } throws: { error in
                    let error = error as? SwitchboardError
                    return error?.code == .internal
                        && error?.message.hasPrefix("the worker worker answered what is no RetrieveResponse") == true
                }
            }
        }
    }

    @Test func vectorsThatMakeNoSenseAreTheirWorkersFault() async throws {
        try await Self.withWorker { gateway, _, stream in
            let encoder = try #require(ModelID(bytes: [UInt8](repeating: 1, count: ModelID.byteCount)))
            let request = EncodeRequest(texts: [try UtteranceText("one"), try UtteranceText("two")])
            let answers: [(vectors: [[Float]], code: StatusCode?)] = [
                ([[1, 0], [0, 1]], nil),
                ([[1, 0]], .internal),
                ([[1, 0], [0, 2]], .internal),
                ([[1, 0], [.nan, 1]], .internal),
                ([[1, 0], [0, 1, 0]], .internal),
                ([[], []], .internal),
            ]
            for (vectors, code) in answers {
                let payload = EncodeResponse(
                    encoder: encoder,
                    vectors: vectors,
                    truncated: vectors.map { _ in false }
                ).encoded()
                let asked = Task { () async -> StatusCode? in
                    do throws(SwitchboardError) {
                        let passedOn = try await gateway.forward(
                            Methods.encode,
                            request.encoded(),
                            deadline: .now + .seconds(30),
                            priority: .updates,
                            client: .none,
                            fault: { $0.fault(asAnswerTo: request) }
                        )
                        return passedOn == payload ? nil : .unknown
                    } catch {
                        return error.code
                    }
                }
                let callID = try await Self.nextCall(stream)
                try await stream.send(.result(WorkerResult(callID: callID, payload: payload)))
                let answered = await asked.value
                #expect(answered == code, "\(vectors)")
            }
        }
    }

    @Test func whatAnAnswerDoesNotExplainReachesTheClustererMasked() async throws {
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let feeder = PoolFeeder(
            rule: PoolRule(),
            masks: MaskRules(),
            events: RoutingEvents(),
            logger: logger,
            now: { 7 }
        )
        let retrieved = RetrieveResponse(
            neighbours: [],
            intents: [],
            position: LogPosition(log: LogID(7), sequence: LogSequence(2))
        )
        try await Self.withWorker(feeder: feeder) { gateway, channel, stream in
            let handing = Task { await feeder.run(through: gateway) }
            let request = ClassifyRequest(text: try UtteranceText("order 12 is late"), llm: .off, requestID: [1])
            async let reply = channel.call(Methods.classify, request, within: .seconds(10))
            let retrieve = try await Self.nextCall(stream)
            try await stream.send(.result(WorkerResult(callID: retrieve, payload: retrieved.encoded())))
            // It is there before the clusterer has done anything.
            let answer = try await reply
            #expect(answer.outcome == .unknown)
            let add = try await Self.next(stream)
            #expect(add.method == Methods.discoveryAdd.name)
            let entries = try DiscoveryAddRequest(decoding: add.payload).entries
            #expect(entries.map(\.text.value) == ["order <number> is late"])
            #expect(entries.map(\.requestID) == [[1]] && entries.map(\.reason) == [.unknown])
            let receipt = DiscoveryAddResponse(added: 1, repeated: 0)
            try await stream.send(.result(WorkerResult(callID: add.callID, payload: receipt.encoded())))
            handing.cancel()
            await handing.value
        }
    }

    @Test func theCallsOfAWorkerThatFallsSilentAreAnsweredByAnother() async throws {
        try await Self.withWorker { gateway, channel, stream in
            let silent = try await Self.attach(to: channel, "silent", heartbeat: .milliseconds(300))
            // Keeps the first worker busy, so that the next call is the second one's.
            async let first = gateway.forward(Methods.score.name, [1], deadline: .now + .seconds(30))
            let busy = try await Self.nextCall(stream)
            async let second = gateway.forward(Methods.score.name, [2], deadline: .now + .seconds(30))
            let lost = try await Self.nextCall(silent)
            try await stream.send(.result(WorkerResult(callID: busy, payload: [3])))
            let answered = try await first
            #expect(answered == [3])
            // The first worker, which promised no heartbeats, gets it for want of any sign of the second.
            #expect(try await Self.nextCall(stream) == lost)
            try await stream.send(.result(WorkerResult(callID: lost, payload: [4])))
            let passedOn = try await second
            #expect(passedOn == [4])
            await silent.cancel()
        }
    }

    @Test func aGatewayLetsAWorkerThatAsksForItHearSomething() async throws {
        try await Self.withWorker { _, channel, _ in
            let worker = try await Self.attach(to: channel, "listener", heartbeat: .seconds(60))
            for _ in 0..<2 {
                while try await worker.next() != .heartbeat {}
            }
            await worker.cancel()
        }
    }

    @Test func aWorkerThatLeavesAnswersWhatItHasAndIsLetGo() async throws {
        try await Self.withWorker { gateway, channel, stream in
            let worker = try await Self.attach(to: channel, "leaver", heartbeat: .seconds(60))
            async let first = gateway.forward(Methods.score.name, [1], deadline: .now + .seconds(30))
            let busy = try await Self.nextCall(stream)
            async let second = gateway.forward(Methods.score.name, [2], deadline: .now + .seconds(30))
            let last = try await Self.nextCall(worker)
            try await worker.send(.leaving)
            try await worker.send(.result(WorkerResult(callID: last, payload: [3])))
            let passedOn = try await second
            #expect(passedOn == [3])
            // The gateway ends the stream, with OK.
            var message = try await worker.next()
            while message == .heartbeat { message = try await worker.next() }
            #expect(message == nil)
            try await stream.send(.result(WorkerResult(callID: busy, payload: [4])))
            let answered = try await first
            #expect(answered == [4])
        }
    }

    @Test func aQuestionIsAskedOfAScorerWithTheModelsOfItsPolicy() async throws {
        func model(_ byte: UInt8) throws -> ModelID {
            try #require(ModelID(bytes: [UInt8](repeating: byte, count: ModelID.byteCount)))
        }
        let (base, prompt) = (try model(2), try model(9))
        try await Self.withWorker { gateway, channel, _ in
            // The one that is there does not say what it has.
            let other = try await Self.attach(to: channel, "other", (try model(1), prompt), heartbeat: .seconds(60))
            let right = try await Self.attach(to: channel, "right", (base, prompt), heartbeat: .seconds(60))
            let policy = LLMPolicy(
                baseModel: base,
                adapter: nil,
                prompt: prompt,
                evidenceWeight: 1,
                llmWeight: 1
            )
            for answer: UInt8 in 1...3 {
                async let asked = gateway.forward(
                    Methods.score.name,
                    [answer],
                    deadline: .now + .seconds(30),
                    scoringPolicy: policy
                )
                let callID = try await Self.nextCall(right)
                try await right.send(.result(WorkerResult(callID: callID, payload: [answer])))
                let answered = try await asked
                #expect(answered == [answer])
            }
            await other.cancel()
            await right.cancel()
        }
    }

    /// Attaches one more worker with credit for one call of a scorer, and waits until it is there.
    private static func attach(
        to channel: CallChannel,
        _ name: String,
        _ models: (base: ModelID, prompt: ModelID)? = nil,
        heartbeat: Duration,
    ) async throws -> ClientStream<WorkerMessage, GatewayMessage> {
        let stream = try await channel.open(Methods.attach)
        let hello = WorkerHello(
            name: name,
            services: [RoutingServices.scorer],
            baseModel: models?.base,
            prompt: models?.prompt,
            heartbeat: heartbeat
        )
        try await stream.send(.hello(hello))
        guard case .welcome(let welcome) = try await stream.next() else {
            throw SwitchboardError(.internal, "a worker is welcomed first")
        }
        #expect(welcome.heartbeat == WorkerTable.heartbeat)
        try await stream.send(.credit(WorkerCredit(service: RoutingServices.scorer, calls: 1)))
        return stream
    }

    /// Runs a body beside a gateway to which one worker with credit for one call of each service is attached.
    private static func withWorker(
        feeder: PoolFeeder? = nil,
        _ body: (Gateway, CallChannel, ClientStream<WorkerMessage, GatewayMessage>) async throws -> Void,
    ) async throws {
        let loop = PollLoop(name: "test-gateway")
        let context = MessagingContext()
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let gateway = Gateway(
            name: "gateway",
            loop: loop,
            updater: CallChannel(address: "inproc://nobody", loop: loop, context: context),
            names: NameFollower(),
            events: RoutingEvents(),
            feeder: feeder,
            logger: logger,
        )
        var services = ServiceTable()
        services.bothWays(Methods.attach) { reader, writer, _ in try await gateway.attach(reader, writer) }
        services.unary(Methods.classify) { try await gateway.classify($0, $1) }
        let server = CallServer(services: services, loop: loop, context: context)
        let address = try await server.listen(on: "inproc://workers")
        let channel = CallChannel(address: address, loop: loop, context: context)
        let stream = try await channel.open(Methods.attach)
        try await stream.send(.hello(WorkerHello(name: "worker", services: RoutingServices.all)))
        #expect(try await stream.next() == .welcome(GatewayWelcome(name: "gateway")))
        for service in RoutingServices.all {
            try await stream.send(.credit(WorkerCredit(service: service, calls: 1)))
        }
        for await served in gateway.served.values() where served.contains(RoutingServices.scorer) { break }
        try await body(gateway, channel, stream)
        await stream.cancel()
        for await served in gateway.served.values() where served.isEmpty { break }
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        loop.stop()
        context.close()
    }

    private static func neighbour(_ intent: UInt64, _ similarity: Double) throws -> Neighbour {
        let text = try UtteranceText("text \(intent)")
        return Neighbour(
            exemplar: ExemplarID(vertical: .default, text: text),
            text: text.value,
            intent: IntentID(intent),
            similarity: similarity
        )
    }

    /// - Returns: the id of the call that comes next.
    private static func nextCall(_ stream: ClientStream<WorkerMessage, GatewayMessage>) async throws -> UInt64 {
        try await next(stream).callID
    }

    /// - Returns: the call that comes next.
    private static func next(_ stream: ClientStream<WorkerMessage, GatewayMessage>) async throws -> WorkerCall {
        while let message = try await stream.next() {
            if case .call(let call) = message { return call }
            guard message == .heartbeat else { break }
        }
        throw SwitchboardError(.internal, "what came is no call")
    }
}

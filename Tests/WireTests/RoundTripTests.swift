import Core
import Testing

@testable import Wire

@Suite struct RoundTripTests {
    @Test(arguments: MessageKind.all)
    func everyValueComesBack(kind: MessageKind) throws {
        let seed = chosenSeed()
        var generator = SeededGenerator(seed: seed)
        for index in 0..<300 {
            let (_, comesBack) = try kind.sample(&generator)
            #expect(comesBack, "value \(index) of SWITCHBOARD_SEED=\(seed)")
        }
    }

    @Test func timesAreRoundedDownToMicroseconds() throws {
        let reply = ClassifyResponse(
            replyID: Bits128(1),
            text: "hello",
            outcome: .unknown,
            decidedBy: .retrieval,
            position: LogPosition(log: Bits128(1), sequence: .start),
            timings: Timings(queue: .nanoseconds(1_999), total: .seconds(-1))
        )
        let back = try ClassifyResponse(decoding: reply.encoded())
        #expect(back.timings == Timings(queue: .microseconds(1)))
    }

    @Test(arguments: [Duration.zero, .seconds(-3), .nanoseconds(1)])
    func aDeadlineThatHasPassedDoesNotBecomeTheDefault(timeLeft: Duration) throws {
        let header = Header(kind: .call, callID: 1, method: "m", timeLeft: timeLeft)
        #expect(try Header(decoding: header.encoded()).timeLeft == .microseconds(1))
    }

    @Test func aTimeBeyondACenturyIsOne() throws {
        let call = GatewayMessage.call(
            WorkerCall(callID: 1, method: "m", timeLeft: .seconds(Int64.max), payload: [])
        )
        guard case .call(let back) = try GatewayMessage(decoding: call.encoded()) else {
            Issue.record("it is another message")
            return
        }
        #expect(back.timeLeft == .seconds(100 * 366 * 86_400))
    }

    @Test func largeMessagesSurvive() throws {
        let vector = (0..<384).map { Float($0) / 384 }
        let commands = try (0..<1_000).map { index in
            LogCommand.upsert(
                UpsertCommand(
                    vertical: .default,
                    text: try UtteranceText("utterance number \(index) of a large batch"),
                    path: try IntentPath("a/b\(index % 60)"),
                    vector: vector,
                    encoder: ModelID(bytes: [UInt8](repeating: 7, count: 32))
                )
            )
        }
        let request = AppendRequest(
            batch: AppendBatch(operation: [1], source: "test", author: "test", commands: commands)
        )
        #expect(try AppendRequest(decoding: request.encoded()) == request)
    }

    @Test func shortTextsInGreatNumberFitTheBudget() throws {
        let request = EncodeRequest(texts: try (0..<1_000).map { try UtteranceText(String($0, radix: 36)) })
        #expect(try EncodeRequest(decoding: request.encoded()) == request)
        let attributes = Dictionary(uniqueKeysWithValues: (0..<64).map { (String($0), "") })
        let intents = try (1...10_000).map { number in
            Intent(
                id: IntentID(number),
                vertical: .default,
                path: try IntentPath("i"),
                attributes: number % 10 == 0 ? attributes : [:]
            )
        }
        let response = IntentsResponse(intents: intents, position: LogPosition(log: Bits128(1), sequence: .start))
        #expect(try IntentsResponse(decoding: response.encoded()) == response)
    }
}

import Core
import Testing
import Wire

@testable import Routing

/// What keeps messages within the size that the other side takes, and names fit for a log line.
@Suite struct BoundTests {
    @Test func anAnswerThatIsTooLargeBecomesAnError() {
        let payload = [UInt8](repeating: 1, count: Limits.maximumForwardedBytes + 1)
        let result = WorkerResult(callID: 7, payload: payload).fitting
        #expect(result.callID == 7)
        #expect(result.status.code == .resourceExhausted)
        #expect(result.payload.isEmpty)
    }

    @Test func theLargestAnswerAndTheLargestRequestPass() throws {
        let payload = [UInt8](repeating: 1, count: Limits.maximumForwardedBytes)
        let result = WorkerResult(callID: .max, payload: payload)
        #expect(result.fitting == result)
        #expect(try WorkerMessage(decoding: WorkerMessage.result(result).encoded()) == .result(result))
        let call = WorkerCall(
            callID: .max,
            method: "switchboard.v1.Retriever/Retrieve",
            timeLeft: .seconds(60),
            payload: payload
        )
        #expect(try GatewayMessage(decoding: GatewayMessage.call(call).encoded()) == .call(call))
    }

    @Test func pagesAreBoundedByCountAndBytes() {
        let sizes = [3, 3, 3, 20, 1, 1, 1, 1, 9]
        let pages = sizes.pages(atMost: 3, bytes: 10, size: { $0 }).map { Array($0) }
        #expect(pages == [[3, 3, 3], [20], [1, 1, 1], [1, 9]])
        let nothing: [Int] = []
        let none = nothing.pages(atMost: 3, bytes: 10, size: { $0 })
        #expect(none.isEmpty)
    }

    @Test func boundsAreNoLessThanWhatIsEncoded() throws {
        let position = LogPosition(log: LogID(7), sequence: LogSequence(.max))
        var intent = Intent(
            id: IntentID(.max),
            vertical: try Vertical(String(repeating: "v", count: 64)),
            path: try IntentPath("a%2Fb/c/d"),
            description: "what it is",
            phrase: "what to say",
        )
        for number in 0..<64 { intent.attributes["key \(number)"] = String(repeating: "x", count: 200) }
        let empty = IntentsResponse(intents: [], position: position).encoded().count
        let listed = IntentsResponse(intents: [intent], position: position).encoded().count
        #expect(listed - empty <= intent.encodedBound)
        let word = Feedback(
            replyID: .random(),
            text: try UtteranceText(String(repeating: "word ", count: 200)),
            vertical: .default,
            answeredIntent: try IntentPath("a/b"),
            verdict: .corrected(try IntentPath("a/b/c")),
            source: .analyst,
            conversationID: [1, 2, 3],
            outcome: .route,
            probability: 0.5,
            decidedBy: .exact,
            position: position,
            origin: [UInt8](repeating: 1, count: 256),
        )
        #expect(word.encoded().count + 8 <= word.encodedBound)
    }

    @Test func namesOfPeersAreFitForALogLine() {
        #expect("node-1/retriever".asPeerName == "node-1/retriever")
        #expect("münchen".asPeerName == "münchen")
        #expect("evil\n\u{1B}[2J\u{202E}".asPeerName == "evil??[2J?")
        #expect(String(repeating: "x", count: 1_000).asPeerName.count == 64)
        #expect("".asPeerName == "unnamed")
    }

    @Test func anUnknownVerticalIsAnsweredWithSomeThatThereAre() throws {
        let wanted = try Vertical("nope")
        let known = try (0..<1_000).map { try Vertical("v\($0)") }
        let error = Retrieval.noVertical(wanted, known: known)
        #expect(error.code == .notFound)
        #expect(error.message.contains("v19 and 980 more"))
        #expect(error.message.utf8.count < 2_000)
        #expect(Retrieval.noVertical(wanted, known: []).message.hasSuffix("it is empty"))
    }
}

import Calls
import Core
import Messaging
import Models
import Testing
import Wire

@testable import Discovering

/// Engines behind a gateway, over real sockets.
@Suite struct GatewayEnginesTests {
    private static func texts() throws -> [UtteranceText] { [try UtteranceText("where is my parcel")] }

    private static func scoring() throws -> ScoringInput {
        let (text, path) = (try UtteranceText("where is my parcel"), try IntentPath("parcel"))
        return ScoringInput(text: text, pairs: [.init(query: text, intent: path)], candidates: [path])
    }

    /// Runs a body beside a gateway whose language model answers each question with an error.
    ///
    /// - Parameter body: is given the number of questions so far, too.
    private static func with(
        _ code: StatusCode,
        _ body: (GatewayEngines, CurrentValue<Int>) async throws -> Void,
    ) async throws {
        let (loop, context, asked) = (PollLoop(name: "test-gateway"), MessagingContext(), CurrentValue(0))
        // On the loop of the server, so one after the other.
        let refuse: @Sendable () -> SwitchboardError = {
            asked.set(asked.value + 1)
            return SwitchboardError(code, "no answer, as the test wants it")
        }
        var services = ServiceTable()
        services.unary(Methods.score) { _, _ in throw refuse() }
        services.unary(Methods.judge) { _, _ in throw refuse() }
        services.unary(Methods.name) { _, _ in throw refuse() }
        let server = CallServer(services: services, loop: loop, context: context)
        let address = try await server.listen(on: "inproc://gateway")
        let channel = CallChannel(address: address, loop: loop, context: context)
        var patience = GatewayEngines.Patience()
        patience.language = .zero
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(GatewayEngines(gateways: [channel], patience: patience), asked))
        } catch {
            result = .failure(error)
        }
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        loop.stop()
        context.close()
        try result.get()
    }

    @Test(.timeLimit(.minutes(1)), arguments: [StatusCode.deadlineExceeded, .resourceExhausted, .unavailable])
    func aBusyLanguageModelIsNoneToAJudge(code: StatusCode) async throws {
        try await Self.with(code) { engines, asked in
            let answer = try await engines.judge(try Self.texts())?.value
            #expect(answer == nil)
            let tokens = try await engines.score(try Self.scoring())?.promptTokens
            #expect(tokens == nil)
            // One that is away is not asked again for a while.
            #expect(asked.value == (code == .unavailable ? 1 : 2))
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [StatusCode.deadlineExceeded, .resourceExhausted])
    func whoNamesIsToldThatTheLanguageModelIsBusy(code: StatusCode) async throws {
        try await Self.with(code) { engines, asked in
            for _ in 0..<2 {
                await #expect {
                    _ = try await engines.name(try Self.texts(), words: ["parcel"], taken: [])
                } throws: {
                    ($0 as? SwitchboardError)?.code == code
                }
            }
            #expect(asked.value == 2)
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatIsWrongWithTheQuestionIsToldToAJudge() async throws {
        try await Self.with(.invalidArgument) { engines, _ in
            await #expect { _ = try await engines.judge(try Self.texts()) } throws: {
                ($0 as? SwitchboardError)?.code == .invalidArgument
            }
        }
    }
}

import Core
import Testing

@testable import RemoteEngines

struct RetryRulesTests {
    private static let broken = EngineFailure(kind: .connection, detail: "broke")

    private func pause(
        _ rules: RetryRules = RetryRules(),
        after failure: EngineFailure = RetryRulesTests.broken,
        attempt: Int = 1,
        timeLeft: Duration = .seconds(10),
        jitter: Double = 1,
    ) -> Duration? {
        rules.pause(after: failure, attempt: attempt, timeLeft: timeLeft, jitter: jitter)
    }

    @Test func pausesDoubleAndEndAfterFourAttempts() {
        #expect(pause(attempt: 1) == .milliseconds(50))
        #expect(pause(attempt: 2) == .milliseconds(100))
        #expect(pause(attempt: 3) == .milliseconds(200))
        #expect(pause(attempt: 4) == nil)
        #expect(abs((pause(attempt: 1, jitter: 0.8) ?? .zero).milliseconds - 40) < 1e-6)
    }

    @Test func noPauseReachesBeyondTheDeadline() {
        #expect(pause(timeLeft: .milliseconds(50)) == nil)
        #expect(pause(timeLeft: .milliseconds(51)) == .milliseconds(50))
        #expect(pause(timeLeft: .milliseconds(-1)) == nil)
    }

    @Test func theServersOwnPauseCounts() {
        let busy = EngineFailure(kind: .status(429, retryAfter: .seconds(3)), detail: "is busy")
        #expect(pause(after: busy) == .seconds(3))
        #expect(pause(after: busy, timeLeft: .seconds(2)) == nil)
    }

    @Test(arguments: [502, 503, 429]) func someStatusesPass(code: Int) {
        #expect(pause(after: EngineFailure(kind: .status(code, retryAfter: nil), detail: "")) != nil)
    }

    @Test(arguments: [400, 401, 404, 422, 500, 501]) func othersStay(code: Int) {
        #expect(pause(after: EngineFailure(kind: .status(code, retryAfter: nil), detail: "")) == nil)
    }

    @Test func whatIsLateOrNonsenseIsNotSentAgain() {
        #expect(pause(after: .late) == nil)
        #expect(pause(after: .cancelled) == nil)
        #expect(pause(after: .nonsense("words")) == nil)
    }

    @Test func failuresUseUpTheTokensAndSuccessesGiveThemBack() {
        var rules = RetryRules()
        for _ in 0..<4 { rules.failed() }
        #expect(pause(rules) != nil)
        rules.failed()
        #expect(pause(rules) == nil)
        rules.succeeded()
        #expect(pause(rules) != nil)
        for _ in 0..<1_000 { rules.succeeded() }
        #expect(rules.tokens == RetryRules.maximumTokens)
        for _ in 0..<1_000 { rules.failed() }
        #expect(rules.tokens == 0)
    }

    @Test(arguments: [
        (401, StatusCode.failedPrecondition), (404, .failedPrecondition), (429, .resourceExhausted),
        (400, .invalidArgument),
        (413, .invalidArgument), (422, .invalidArgument), (409, .internal), (500, .unavailable), (503, .unavailable),
    ])
    func statusesAreToldInTheirOwnCodes(status: Int, code: StatusCode) throws {
        let address = try EngineAddress("openai:http://gpu-1:8000")
        let error = EngineConnection.refused(status, "7").error(of: address)
        #expect(error.code == code)
        #expect(error.message.contains("http://gpu-1:8000/v1 answered with status \(status)"))
        #expect(error.retryAfter == .seconds(7))
    }

    @Test(arguments: [301, 401, 403, 404, 500, 503]) func someStatusesSayThatTheServerIsOfNoUse(code: Int) {
        #expect(EngineFailure(kind: .status(code, retryAfter: nil), detail: "").blamesServer)
    }

    @Test(arguments: [400, 413, 422, 429]) func othersSaySomethingOfTheRequestOrTheMoment(code: Int) {
        #expect(!EngineFailure(kind: .status(code, retryAfter: nil), detail: "").blamesServer)
    }

    @Test func aRedirectSaysWhatToDo() throws {
        let error = EngineConnection.refused(302, nil).error(of: try EngineAddress("openai:http://gpu-1:8000"))
        #expect(error.code == .failedPrecondition)
        #expect(error.message.contains("name the address that it sends to"))
    }

    @Test func aPauseThatIsNoNumberIsPassedOver() {
        #expect(EngineConnection.refused(503, "soon").retryAfter == nil)
        #expect(EngineConnection.refused(503, nil).retryAfter == nil)
        #expect(EngineConnection.refused(503, "-5").retryAfter == Duration.zero)
        #expect(EngineConnection.refused(503, "99999").retryAfter == .seconds(60))
    }
}

import Core
import Testing

@Suite struct RetryThrottleTests {
    @Test func whatIsSentTwiceStaysAShareOfAllCalls() {
        for seed in 0..<50 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var throttle = RetryThrottle(most: 10, ratio: 0.05)
            var (answered, extra) = (0, 0)
            for _ in 0..<5_000 {
                if Bool.random(using: &generator) {
                    throttle.answered()
                    answered += 1
                } else if throttle.takes() {
                    extra += 1
                }
                #expect(Double(extra) <= 6 + 0.05 * Double(answered) + 1e-6, "seed \(seed)")
            }
        }
    }

    @Test func withoutAnswersFewAreSentTwice() {
        var throttle = RetryThrottle(most: 10, ratio: 0.05)
        #expect((0..<100).count { _ in throttle.takes() } == 5)
    }

    @Test func answersFillItAgainUpToTheBrim() {
        var throttle = RetryThrottle(most: 10, ratio: 0.5)
        while throttle.takes() {}
        let whileEmpty = throttle.takes()
        #expect(!whileEmpty)
        throttle.answered()
        let afterAnAnswer = throttle.takes()
        #expect(afterAnAnswer)
        for _ in 0..<1_000 { throttle.answered() }
        #expect((0..<100).count { _ in throttle.takes() } == 5)
    }
}

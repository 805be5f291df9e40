import Core
import Testing

@Suite struct TellingPaceTests {
    private let start = ContinuousClock.now

    @Test func whatGoesOnIsSaidAtOnceAndThenOnceAMinute() {
        var pace = TellingPace()
        #expect(pace.take("away", at: start) == 1)
        for second in 1..<60 { #expect(pace.take("away", at: start + .seconds(second)) == nil) }
        #expect(pace.take("away", at: start + .seconds(60)) == 60)
        #expect(pace.take("away", at: start + .seconds(61)) == nil)
    }

    @Test func anotherReasonIsNews() {
        var pace = TellingPace()
        #expect(pace.take("away", at: start) == 1)
        #expect(pace.take("refused", at: start) == 1)
        #expect(pace.take("away", at: start) == nil)
    }

    @Test func whatIsRememberedIsBounded() {
        var pace = TellingPace()
        for number in 0..<1_000 { #expect(pace.take("record \(number)", at: start) == 1) }
        #expect(pace.take("record 999", at: start) == nil)
        #expect(pace.take("record 0", at: start) == 1)
    }
}

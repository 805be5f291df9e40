import Core
import Testing

@Suite struct UsualTimeTests {
    @Test func itSaysNothingBeforeItHasSeenEnough() {
        var usual = UsualTime(quantile: 0.95, needed: 50)
        for _ in 0..<49 { usual.observe(.milliseconds(3)) }
        #expect(usual.value == nil)
        usual.observe(.milliseconds(3))
        #expect(usual.value != nil)
    }

    @Test(arguments: [0.5, 0.95, 0.99]) func itIsAtTheQuantileOrAtMostANinthAbove(quantile: Double) throws {
        for seed in 0..<20 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var usual = UsualTime(quantile: quantile, memory: 100_000, needed: 1)
            // From 100 us to 10 s, all magnitudes alike.
            let times = (0..<2_000).map { _ -> Duration in
                let exponent = Double.random(in: 0...4, using: &generator)
                return .microseconds(Int64(100 * tenToThe(exponent)))
            }
            for time in times { usual.observe(time) }
            let exact = times.sorted()[Int((quantile * 2_000).rounded(.up)) - 1]
            let value = try #require(usual.value)
            #expect(value.seconds >= exact.seconds * 0.999_999, "seed \(seed)")
            #expect(value.seconds <= exact.seconds * 10 / 9, "seed \(seed)")
        }
    }

    @Test func itFollowsWhatHasChanged() throws {
        var usual = UsualTime(quantile: 0.95)
        for _ in 0..<10_000 { usual.observe(.milliseconds(5)) }
        #expect(try #require(usual.value) < .milliseconds(6))
        for _ in 0..<3_000 { usual.observe(.milliseconds(50)) }
        let slow = try #require(usual.value)
        #expect(slow >= .milliseconds(50) && slow < .milliseconds(56))
        for _ in 0..<6_000 { usual.observe(.milliseconds(5)) }
        #expect(try #require(usual.value) < .milliseconds(6))
    }

    @Test func whatIsOutOfItsRangeCountsAsTheNearest() throws {
        var usual = UsualTime(quantile: 0.5, needed: 1)
        usual.observe(.zero)
        #expect(try #require(usual.value) <= .microseconds(50))
        for _ in 0..<3 { usual.observe(.seconds(3_600)) }
        #expect(try #require(usual.value) > .seconds(60))
    }

    /// By repeated squaring of the tenth part of the exponent, so that this needs no library.
    private func tenToThe(_ exponent: Double) -> Double {
        // ln 10 / 1024, and 1024 = 2^10.
        var value = 1 + exponent * 2.302_585_092_994_046 / 1_024
        for _ in 0..<10 { value *= value }
        return value
    }
}

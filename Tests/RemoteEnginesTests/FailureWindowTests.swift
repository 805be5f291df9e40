import Testing

@testable import RemoteEngines

struct FailureWindowTests {
    private static let start = ContinuousClock.now

    /// Outcomes a tenth of a second apart.
    private func window(_ outcomes: [Bool], from first: Duration = .zero) -> FailureWindow {
        var window = FailureWindow()
        for (place, isFailure) in outcomes.enumerated() {
            window.note(isFailure: isFailure, at: Self.start + first + .milliseconds(100 * place))
        }
        return window
    }

    @Test func aFewFailuresSayNothing() {
        #expect(!window([]).isAway)
        #expect(!window([Bool](repeating: true, count: FailureWindow.leastOutcomes - 1)).isAway)
        #expect(window([Bool](repeating: true, count: FailureWindow.leastOutcomes)).isAway)
    }

    @Test func failuresInARowAmongManySuccessesTakeNothingAway() {
        let successes = [Bool](repeating: false, count: 40)
        #expect(!window(successes + [Bool](repeating: true, count: 15)).isAway)
        // A success now and then does not keep what is broken.
        #expect(window((0..<40).map { $0 % 10 > 0 }).isAway)
        #expect(!window((0..<40).map { $0 % 5 > 0 }).isAway)
    }

    @Test func oldOutcomesAreForgottenAsLongAsThereAreEnough() {
        var window = self.window([Bool](repeating: false, count: 50))
        for place in 0..<8 {
            window.note(isFailure: true, at: Self.start + .seconds(60 + place))
            #expect(!window.isAway)
        }
        // The ninth of the last ten.
        window.note(isFailure: true, at: Self.start + .seconds(70))
        #expect(window.isAway)
    }

    @Test func rareFailuresAddUpToo() {
        var window = FailureWindow()
        for place in 0..<FailureWindow.leastOutcomes {
            window.note(isFailure: true, at: Self.start + .seconds(600 * place))
        }
        #expect(window.isAway)
    }

    @Test func aLongMemoryOfSuccessIsBounded() {
        var window = self.window([Bool](repeating: false, count: 10_000))
        for _ in 0..<FailureWindow.maximumOutcomes { window.note(isFailure: true, at: Self.start + .seconds(1_001)) }
        #expect(window.isAway)
    }
}

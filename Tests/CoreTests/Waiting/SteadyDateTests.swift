import Core
import Testing

@Suite struct SteadyDateTests {
    private static let second: Int64 = 1_000_000
    private static let day: Int64 = 24 * 3_600 * second
    private static let start: Int64 = 1_700_000_000 * second
    private static let begin = ContinuousClock.now

    /// Reads with a clock that is ahead by some microseconds, so many seconds after the start.
    private static func read(_ date: inout SteadyDate, after seconds: Int64, ahead: Int64 = 0) -> Int64 {
        date.read(start + seconds * second + ahead, at: begin + .seconds(seconds))
    }

    @Test func goesWithAClockThatIsRight() {
        var date = SteadyDate(Self.start, at: Self.begin)
        for seconds: Int64 in [0, 1, 3_600, 86_400, 400 * 86_400] {
            let time = Self.read(&date, after: seconds)
            #expect(time == Self.start + seconds * Self.second)
        }
    }

    @Test(arguments: [200 * day, -200 * day, 2 * 60 * second, -2 * 60 * second])
    func aClockThatIsWrongForLessThanADayChangesNothing(ahead: Int64) {
        var date = SteadyDate(Self.start, at: Self.begin)
        // Wrong again and again, but never for a day.
        for hours: Int64 in 0..<100 {
            let time = Self.read(&date, after: hours * 3_600, ahead: hours % 24 == 23 ? 0 : ahead)
            #expect(time == Self.start + hours * 3_600 * Self.second)
        }
    }

    @Test(arguments: [200 * day, -200 * day]) func whatHasStoodForADayIsBelieved(ahead: Int64) {
        var date = SteadyDate(Self.start, at: Self.begin)
        // It is counted from when it was seen, not from the start.
        for seconds: Int64 in [7_200, 86_400, 93_599] {
            let time = Self.read(&date, after: seconds, ahead: ahead)
            #expect(time == Self.start + seconds * Self.second)
        }
        for seconds: Int64 in [93_600, 93_700] {
            let time = Self.read(&date, after: seconds, ahead: ahead)
            #expect(time == Self.start + seconds * Self.second + ahead)
        }
        // From there on it goes steadily again, and the old time is the wrong one.
        let back = Self.read(&date, after: 93_800)
        #expect(back == Self.start + 93_800 * Self.second + ahead)
    }

    @Test func aClockThatIsSetAgainAndAgainIsNotBelieved() {
        var date = SteadyDate(Self.start, at: Self.begin)
        for hours: Int64 in 0..<100 {
            let time = Self.read(&date, after: hours * 3_600, ahead: (hours + 1) * 3 * Self.day)
            #expect(time == Self.start + hours * 3_600 * Self.second)
        }
    }
}

/// How often something that goes on for long is said: at once the first time, then once a minute with how often it came.
///
/// A value: it asks no clock itself. It remembers a few things that are said; what comes beyond is said as if it were new.
package struct TellingPace: Sendable {
    package static let pause = Duration.seconds(60)
    static let most = 16

    private var said: [String: (last: ContinuousClock.Instant, unsaid: Int)] = [:]

    package init() {}

    /// It has come again.
    ///
    /// - Returns: how often it came since it was said last, this time included: 1 is the first time. Nil where it is left
    ///   unsaid.
    package mutating func take(_ what: String, at now: ContinuousClock.Instant = .now) -> Int? {
        guard let known = said[what] else {
            if said.count >= Self.most { said.removeAll() }
            said[what] = (now, 0)
            return 1
        }
        guard known.last.duration(to: now) >= Self.pause else {
            said[what] = (known.last, known.unsaid + 1)
            return nil
        }
        said[what] = (now, 0)
        return known.unsaid + 1
    }
}

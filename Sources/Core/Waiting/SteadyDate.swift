internal import Synchronization

/// The time of day by which it is told what is old: that of the start, and what has passed since by the monotonic clock. So
/// a clock that is set wrong and right again makes nothing old, and nothing young.
///
/// A difference from the system's clock that has stood for a day is believed: the clock was wrong at the start, or the
/// machine stood still. A value: it asks no clock itself. It cannot tell a clock that is wrong when the process starts.
package struct SteadyDate: Sendable {
    /// Microseconds by which two readings may be apart: they are taken one after the other, and a clock is corrected a
    /// little now and then.
    private static let tolerance: Int64 = 60 * 1_000_000
    private static let patience = Duration.seconds(24 * 3_600)

    private var start: (time: Int64, instant: ContinuousClock.Instant)
    /// How far the system's clock is ahead, in microseconds, and since when.
    private var jump: (ahead: Int64, since: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - time: of the system's clock, in microseconds since 1970.
    ///   - instant: at the same moment.
    package init(_ time: Int64, at instant: ContinuousClock.Instant) {
        start = (time, instant)
    }

    /// - Parameters:
    ///   - time: of the system's clock, in microseconds since 1970.
    ///   - instant: at the same moment; not before that of an earlier reading.
    /// - Returns: microseconds since 1970.
    package mutating func read(_ time: Int64, at instant: ContinuousClock.Instant) -> Int64 {
        let steady = start.time + Int64(start.instant.duration(to: instant).microseconds)
        let ahead = time - steady
        guard abs(ahead) > Self.tolerance else {
            jump = nil
            return steady
        }
        guard let known = jump, abs(ahead - known.ahead) <= Self.tolerance else {
            jump = (ahead, instant)
            return steady
        }
        guard known.since.duration(to: instant) >= Self.patience else { return steady }
        self = SteadyDate(time, at: instant)
        return time
    }

    /// One for all who ask from whatever thread; it starts now.
    ///
    /// - Parameters:
    ///   - time: the system's clock, in microseconds since 1970.
    ///   - instant: the monotonic one.
    package static func clock(
        _ time: @escaping @Sendable () -> Int64,
        steadily instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    ) -> @Sendable () -> Int64 {
        let date = Mutex(SteadyDate(time(), at: instant()))
        return { date.withLock { $0.read(time(), at: instant()) } }
    }
}

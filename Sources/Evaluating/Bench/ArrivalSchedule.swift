internal import Core
internal import Foundation

/// When calls of an open loop arrive, whatever becomes of those before: at random, so many a second on the average (a
/// Poisson process). A value; the same seed gives the same times.
struct ArrivalSchedule: Sendable {
    /// Since the start, ascending.
    let offsets: [Duration]

    init(perSecond: Double, seconds: Double, seed: UInt64) {
        precondition(perSecond > 0, "calls come some time")
        var random = SeededGenerator(seed: seed)
        var offsets: [Duration] = []
        var time = 0.0
        while true {
            time += -log(Double.random(in: Double.leastNonzeroMagnitude...1, using: &random)) / perSecond
            guard time < seconds else { break }
            offsets.append(.seconds(time))
        }
        self.offsets = offsets
    }

    /// One after the other at the same distance.
    init(everySeconds distance: Double, seconds: Double) {
        precondition(distance > 0, "something lies between two calls")
        offsets = stride(from: 0, to: seconds, by: distance).map { .seconds($0) }
    }
}

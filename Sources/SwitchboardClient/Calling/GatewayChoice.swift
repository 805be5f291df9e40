/// Which of several gateways is asked next: one after the other; one that did not answer rests for a while, and is asked
/// meanwhile only where no other is left. A value.
struct GatewayChoice: Sendable {
    private struct Place: Sendable {
        var restsUntil: ContinuousClock.Instant?
        var rest = GatewayChoice.firstRest
    }

    /// Doubles with each failure in a row.
    static let firstRest = Duration.milliseconds(100)
    static let longestRest = Duration.seconds(5)

    private var places: [Place]
    private var turn = 0

    /// - Parameter count: at least 1.
    init(count: Int) {
        places = Array(repeating: Place(), count: count)
    }

    /// - Parameter tried: those that are not meant.
    /// - Returns: a number below the count; nil where all were tried.
    mutating func next(at now: ContinuousClock.Instant, besides tried: Set<Int>) -> Int? {
        let left = places.indices.map { (turn + $0) % places.count }.filter { !tried.contains($0) }
        let awake = left.first { places[$0].restsUntil.map { $0 <= now } ?? true }
        let first = awake ?? left.min { (places[$0].restsUntil ?? now) < (places[$1].restsUntil ?? now) }
        if let first { turn = (first + 1) % places.count }
        return first
    }

    mutating func failed(_ number: Int, at now: ContinuousClock.Instant) {
        places[number].restsUntil = now + places[number].rest
        places[number].rest = min(places[number].rest * 2, Self.longestRest)
    }

    mutating func answered(_ number: Int) { places[number] = Place() }
}

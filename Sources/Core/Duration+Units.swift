extension Duration {
    /// As a fraction, for people and JSON.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
    /// As a fraction, for people and JSON.
    package var milliseconds: Double { seconds * 1e3 }
    /// As a fraction, for people and JSON.
    package var microseconds: Double { seconds * 1e6 }
    /// Milliseconds with three digits after the point, so that JSON shows no more than was measured.
    package var roundedMilliseconds: Double { microseconds.rounded() / 1e3 }
}

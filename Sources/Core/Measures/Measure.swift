/// The measures by which answers and clusterings are judged: pure functions on plain arrays, in the contract's words.
///
/// Nothing is fitted or drawn here, but for `pairedBootstrap`, which takes its seed. Fractions are in 0...1. Where there
/// is nothing to measure the result is nil and never a figure that looks like one. Arrays that belong together must be
/// equally long; that is the caller's to keep and is checked.
package enum Measure {
    /// The share of true ones.
    ///
    /// - Returns: nil for none at all.
    package static func share(_ claims: some Collection<Bool>) -> Double? {
        claims.isEmpty ? nil : Double(claims.count { $0 }) / Double(claims.count)
    }

    static func requireEqual(_ first: Int, _ second: Int) {
        precondition(first == second, "arrays of \(first) and \(second) elements do not belong together")
    }
}

internal import Foundation

/// Makes names of changes: readable, in the order of time, different each time.
package enum ChangeID {
    /// - Parameter kind: what is done, in a word.
    /// - Returns: such as `load-20261121T113015Z-1a2b3c4d`.
    package static func make(_ kind: String) -> String {
        make(kind, at: Date(), random: UInt32.random(in: 0...UInt32.max))
    }

    static func make(_ kind: String, at date: Date, random: UInt32) -> String {
        let calendar = Calendar(identifier: .gregorian)
        // GMT always exists.
        let parts = calendar.dateComponents(in: TimeZone(secondsFromGMT: 0)!, from: date)
        let time = String(
            format: "%04d%02d%02dT%02d%02d%02dZ",
            parts.year ?? 0,
            parts.month ?? 0,
            parts.day ?? 0,
            parts.hour ?? 0,
            parts.minute ?? 0,
            parts.second ?? 0
        )
        return "\(kind)-\(time)-" + String(format: "%08x", random)
    }
}

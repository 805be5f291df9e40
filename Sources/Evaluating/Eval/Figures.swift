internal import Foundation

extension Double {
    /// With so many digits after the point.
    func formatted(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
    /// A fraction as people read it, such as `92.44 %`.
    var percent: String { String(format: "%.2f %%", 100 * self) }
}

extension Int {
    /// With commas between thousands.
    var grouped: String {
        var digits = String(magnitude)
        var place = digits.endIndex
        while digits.distance(from: digits.startIndex, to: place) > 3 {
            place = digits.index(place, offsetBy: -3)
            digits.insert(",", at: place)
        }
        return self < 0 ? "-" + digits : digits
    }
}

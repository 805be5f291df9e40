internal import Foundation

extension Double {
    /// With so many digits after the point.
    func formatted(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
    /// A fraction as people read it, such as `92.44 %`.
    var percent: String { String(format: "%.2f %%", 100 * self) }
}

internal import Foundation

extension Double {
    /// With so many digits after the point.
    func formatted(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
    /// A fraction as people read it, such as `92.44 %`.
    var percent: String { String(format: "%.2f %%", 100 * self) }
}

extension String {
    /// With spaces behind it, at least one.
    func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self + " "
    }

    var trimmedRight: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

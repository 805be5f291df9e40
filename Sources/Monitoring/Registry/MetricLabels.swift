/// The labels of one series, in the order of their names, in the form that the text format allows.
///
/// Values longer than 128 bytes are cut, so that input from outside cannot make a series large.
package struct MetricLabels: Hashable, Sendable {
    package struct Label: Hashable, Sendable {
        package let name: String
        package let value: String
    }

    static let maximumValueBytes = 128
    /// The value of every label in the series that takes what exceeds a metric's number of label sets.
    package static let otherValue = "other"
    static let none = MetricLabels([])

    package let labels: [Label]

    /// - Parameter pairs: names and values; of two with one name the first counts.
    package init(_ pairs: [(String, String)]) {
        var labels: [Label] = []
        labels.reserveCapacity(pairs.count)
        for (name, value) in pairs {
            let name = MetricNames.label(name)
            guard !labels.contains(where: { $0.name == name }) else { continue }
            labels.append(Label(name: name, value: Self.cut(value)))
        }
        self.labels = labels.count > 1 ? labels.sorted { $0.name < $1.name } : labels
    }

    /// The same names, each with the value `other`.
    var other: MetricLabels {
        MetricLabels(labels.map { ($0.name, Self.otherValue) })
    }

    private static func cut(_ value: String) -> String {
        guard value.utf8.count > maximumValueBytes else { return value }
        var cut = ""
        var bytes = 0
        for scalar in value.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > maximumValueBytes { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut
    }
}

extension MetricLabels: Comparable {
    /// By values, then by names: the order of the output.
    package static func < (left: MetricLabels, right: MetricLabels) -> Bool {
        for (one, other) in zip(left.labels, right.labels) where one != other {
            return (one.value, one.name) < (other.value, other.name)
        }
        return left.labels.count < right.labels.count
    }
}

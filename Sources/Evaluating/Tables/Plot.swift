/// Lines over two axes, to be drawn. A value.
package struct Plot: Sendable, Equatable {
    package struct Point: Sendable, Equatable {
        package var x: Double
        package var y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    package struct Series: Sendable, Equatable {
        package var name: String
        /// In the order in which the line joins them; finite.
        package var points: [Point]

        package init(_ name: String, _ points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    package var title: String
    package var xLabel: String
    package var yLabel: String
    package var series: [Series]
    /// Whether equal steps on the x axis are equal factors; its values are above 0 then.
    package var isLogarithmic = false
    /// Draws the line y = x.
    package var showsDiagonal = false

    package init(_ title: String, x: String, y: String, _ series: [Series]) {
        self.title = title
        xLabel = x
        yLabel = y
        self.series = series
    }
}

/// Where an axis begins and ends, and where it has its marks.
struct PlotAxis: Equatable {
    let range: ClosedRange<Double>
    let marks: [Double]

    /// - Parameter values: what is drawn; may be empty.
    init(around values: [Double]) {
        let low = values.min() ?? 0
        let high = values.max() ?? 1
        // One value alone gets some room on both sides.
        let span = high > low ? high - low : max(abs(high), 1) * 0.1
        let step = Self.step(for: span / 5)
        let first = (low / step).rounded(.down)
        let last = max((high / step).rounded(.up), first + 1)
        range = first * step...last * step
        marks = stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// For values that are marked themselves, as few figures tried are.
    init(marking values: [Double]) {
        let axis = PlotAxis(around: values)
        range = (values.min() ?? axis.range.lowerBound)...(values.max() ?? axis.range.upperBound)
        marks = Set(values).sorted()
    }

    /// 1, 2 or 5 times a power of ten, not below the least.
    private static func step(for least: Double) -> Double {
        var power = 1.0
        while power < least { power *= 10 }
        while power / 10 >= least { power /= 10 }
        return [power / 5, power / 2].first { $0 >= least } ?? power
    }
}

internal import Foundation

/// Plots, three a row, as an SVG document, the same bytes for the same plots. A value.
package struct SVGFigure: Sendable, Equatable {
    /// Of its file, without ending.
    package let name: String
    package let plots: [Plot]

    package init(_ name: String, _ plots: [Plot]) {
        self.name = name
        self.plots = plots
    }

    private static let plotsInARow = 3
    private static let width = 480.0
    private static let height = 360.0
    private static let margin = (left: 64.0, right: 16.0, top: 36.0, bottom: 52.0)
    /// Told apart also by those who do not see every colour (Okabe and Ito 2008).
    private static let colours = [
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999",
    ]

    package var document: String {
        let width = Self.width * Double(max(min(plots.count, Self.plotsInARow), 1))
        let height = Self.height * Double(max((plots.count + Self.plotsInARow - 1) / Self.plotsInARow, 1))
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\" "
                + "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" font-family=\"sans-serif\" "
                + "font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        ]
        for (place, plot) in plots.enumerated() {
            let x = Self.width * Double(place % Self.plotsInARow)
            let y = Self.height * Double(place / Self.plotsInARow)
            lines.append("<g transform=\"translate(\(Self.number(x)),\(Self.number(y)))\">")
            lines += Self.lines(of: plot)
            lines.append("</g>")
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    // MARK: One plot

    /// Turns figures into places on the page.
    private struct Scale {
        let x: PlotAxis
        let y: PlotAxis
        let isLogarithmic: Bool

        init(_ plot: Plot) {
            let points = plot.series.flatMap(\.points)
            let (xs, ys) = (points.map(\.x), points.map(\.y))
            x = plot.isLogarithmic ? PlotAxis(marking: xs) : PlotAxis(around: plot.showsDiagonal ? xs + [0, 1] : xs)
            y = PlotAxis(around: plot.showsDiagonal ? ys + [0, 1] : ys)
            isLogarithmic = plot.isLogarithmic
        }

        func place(_ point: Plot.Point) -> (x: Double, y: Double) { (placeX(point.x), placeY(point.y)) }

        func placeX(_ value: Double) -> Double {
            let share =
                isLogarithmic
                ? Self.share(log(value), of: log(x.range.lowerBound), log(x.range.upperBound))
                : Self.share(value, of: x.range.lowerBound, x.range.upperBound)
            return SVGFigure.margin.left + share * (SVGFigure.width - SVGFigure.margin.left - SVGFigure.margin.right)
        }

        func placeY(_ value: Double) -> Double {
            let share = Self.share(value, of: y.range.lowerBound, y.range.upperBound)
            return SVGFigure.height - SVGFigure.margin.bottom
                - share * (SVGFigure.height - SVGFigure.margin.top - SVGFigure.margin.bottom)
        }

        private static func share(_ value: Double, of low: Double, _ high: Double) -> Double {
            high > low ? (value - low) / (high - low) : 0.5
        }
    }

    private static func lines(of plot: Plot) -> [String] {
        let scale = Scale(plot)
        var lines = [textElement(plot.title, width / 2, 20, size: 14)]
        lines += axes(of: plot, scale)
        if plot.showsDiagonal {
            let (from, to) = (scale.place(.init(x: 0, y: 0)), scale.place(.init(x: 1, y: 1)))
            lines.append(lineElement(from, to, stroke: "#999999", dashed: true))
        }
        for (place, series) in plot.series.enumerated() {
            let colour = colours[place % colours.count]
            let places = series.points.map(scale.place)
            let path = places.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
            lines.append("<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\"/>")
            // Many points make a line by themselves.
            if places.count <= 20 {
                lines += places.map {
                    "<circle cx=\"\(number($0.x))\" cy=\"\(number($0.y))\" r=\"2.5\" fill=\"\(colour)\"/>"
                }
            }
        }
        return lines + legend(of: plot)
    }

    private static func axes(of plot: Plot, _ scale: Scale) -> [String] {
        let (left, right) = (margin.left, width - margin.right)
        let (top, bottom) = (margin.top, height - margin.bottom)
        var lines: [String] = []
        for mark in scale.y.marks {
            let y = scale.placeY(mark)
            lines.append(lineElement((left, y), (right, y), stroke: "#DDDDDD"))
            lines.append(textElement(label(mark), left - 6, y + 4, anchor: "end"))
        }
        for mark in scale.x.marks {
            let x = scale.placeX(mark)
            lines.append(lineElement((x, bottom), (x, bottom + 4), stroke: "black"))
            lines.append(textElement(label(mark), x, bottom + 18))
        }
        lines.append(lineElement((left, bottom), (right, bottom), stroke: "black"))
        lines.append(lineElement((left, top), (left, bottom), stroke: "black"))
        lines.append(textElement(plot.xLabel, (left + right) / 2, height - 12))
        let middle = number((top + bottom) / 2)
        lines.append(
            "<text transform=\"translate(16,\(middle)) rotate(-90)\" text-anchor=\"middle\">\(escaped(plot.yLabel))</text>"
        )
        return lines
    }

    /// Below each other, in the lower right corner; one line alone needs no name.
    private static func legend(of plot: Plot) -> [String] {
        guard plot.series.count > 1 else { return [] }
        let bottom = height - margin.bottom - 10
        return plot.series.enumerated().flatMap { place, series -> [String] in
            let y = bottom - 16 * Double(plot.series.count - 1 - place)
            let x = width - margin.right - 8
            return [
                textElement(series.name, x - 24, y, anchor: "end"),
                lineElement((x - 18, y - 4), (x, y - 4), stroke: colours[place % colours.count], width: 2),
            ]
        }
    }

    // MARK: Elements

    private static func lineElement(
        _ from: (x: Double, y: Double),
        _ to: (x: Double, y: Double),
        stroke: String,
        width: Double = 1,
        dashed: Bool = false,
    ) -> String {
        "<line x1=\"\(number(from.x))\" y1=\"\(number(from.y))\" x2=\"\(number(to.x))\" y2=\"\(number(to.y))\" "
            + "stroke=\"\(stroke)\" stroke-width=\"\(number(width))\"\(dashed ? " stroke-dasharray=\"4 3\"" : "")/>"
    }

    private static func textElement(
        _ text: String,
        _ x: Double,
        _ y: Double,
        anchor: String = "middle",
        size: Int = 12,
    ) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(escaped(text))</text>"
    }

    /// With at most two digits after the point, which is finer than a screen.
    private static func number(_ value: Double) -> String { shortened(value.formatted(2)) }

    private static func label(_ value: Double) -> String { shortened(value.formatted(4)) }

    /// Without the zeros at the end of a fraction.
    private static func shortened(_ digits: String) -> String {
        var digits = digits
        while digits.last == "0" { digits.removeLast() }
        if digits.last == "." { digits.removeLast() }
        return digits == "-0" ? "0" : digits
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;")
            .replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}

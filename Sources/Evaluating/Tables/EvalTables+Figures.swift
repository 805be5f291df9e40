internal import Core

// Figures into plots.
extension EvalTables {
    static func plot(_ neighbours: [NeighbourFigures]) -> SVGFigure {
        func series(_ name: String, _ figure: (NeighbourFigures) -> Double?) -> Plot.Series {
            Plot.Series(
                name,
                neighbours.compactMap { row in figure(row).map { Plot.Point(x: Double(row.k), y: $0) } }
            )
        }
        var accuracy = Plot(
            "Accuracy by k",
            x: "k (exemplars)",
            y: "accuracy",
            [series("vote", \.voteAccuracy), series("retrieval", \.retrievalAccuracy)]
        )
        var latency = Plot(
            "Latency by k",
            x: "k (exemplars)",
            y: "p50 of Retrieve, ms",
            [series("Retrieve", \.medianMs)]
        )
        accuracy.isLogarithmic = true
        latency.isLogarithmic = true
        return SVGFigure("neighbours", [accuracy, latency])
    }

    static func plotCoverage(_ results: [MethodResult]) -> SVGFigure {
        let series = results.map { result in
            Plot.Series(result.method, coverage(of: result).map { Plot.Point(x: $0.coverage, y: $0.accuracy) })
        }
        return SVGFigure("coverage", [Plot("Coverage against accuracy", x: "coverage", y: "accuracy", series)])
    }

    /// A plot each, since lines that all follow one diagonal hide each other.
    static func plotReliability(_ results: [MethodResult]) -> SVGFigure {
        let plots = results.map { result in
            var plot = Plot(
                result.method,
                x: "probability",
                y: "share that is right",
                [
                    Plot.Series(
                        result.method,
                        reliability(of: result).map { Plot.Point(x: $0.probability, y: $0.accuracy) }
                    )
                ]
            )
            plot.showsDiagonal = true
            return plot
        }
        return SVGFigure("reliability", plots)
    }
}

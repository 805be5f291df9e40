import Evaluating
import Foundation
import FoundationXML
import Testing

struct DataTableTests {
    @Test func quotesWhatNeedsIt() {
        var table = DataTable("t", title: "Title", columns: ["a", "b"])
        table.add(["1", "x, \"y\""])
        table.add(["22", ""])
        #expect(table.csv == "a,b\n1,\"x, \"\"y\"\"\"\n22,\n")
        #expect(table.lines == ["Title", "  a   b", "  1   x, \"y\"", "  22"])
    }

    @Test func figuresAreNumbersInJSONAndWordsAreNot() throws {
        var table = DataTable("t", title: "Title", columns: ["vertical", "n", "p50_ms", "of"], words: ["vertical"])
        table.add(["7", "12", "", "share"])
        #expect(table.objects == [["vertical": .word("7"), "n": .figure(12), "of": .word("share")]])
        let json = try JSONEncoder().encode(table.objects)
        #expect(try JSONDecoder().decode([DataTable.Row].self, from: json) == table.objects)
        let rows = try #require(try JSONSerialization.jsonObject(with: json) as? [[String: Any]])
        #expect(rows[0]["n"] as? Double == 12 && rows[0]["vertical"] as? String == "7")
    }
}

struct SVGFigureTests {
    private func isWellFormed(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

    private func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }

    @Test func isXMLWithALineForEachSeries() {
        let plots = (0..<4).map { place in
            Plot(
                "Plot <\(place)> & more",
                x: "k",
                y: "accuracy",
                [
                    .init("one", [.init(x: 1, y: 0.5), .init(x: 10, y: 0.75)]),
                    .init("two", [.init(x: 1, y: 0.25), .init(x: 10, y: 0.5)]),
                ]
            )
        }
        let text = SVGFigure("plots", plots).document
        #expect(isWellFormed(text))
        #expect(count("<polyline", in: text) == 8)
        #expect(count("<circle", in: text) == 16)
        #expect(text.contains("Plot &lt;0&gt; &amp; more"))
        // Three a row.
        #expect(text.contains("viewBox=\"0 0 1440 720\""))
        #expect(text == SVGFigure("plots", plots).document)
    }

    @Test func pointsStandWhereTheirValuesAre() throws {
        var plot = Plot(
            "t",
            x: "x",
            y: "y",
            [.init("s", [.init(x: 1, y: 0), .init(x: 10, y: 1), .init(x: 100, y: 0.5)])]
        )
        plot.isLogarithmic = true
        let text = SVGFigure("s", [plot]).document
        // Left end, middle and right end of the x axis; low end, high end and middle of the y axis.
        #expect(text.contains("points=\"64,308 264,36 464,172\""))
        // The marks of a logarithmic axis are its values.
        for mark in [">1<", ">10<", ">100<"] { #expect(text.contains(mark)) }
    }

    @Test func drawsWhatHasNothingToShow() {
        var diagonal = Plot("empty", x: "x", y: "y", [])
        diagonal.showsDiagonal = true
        let plots = [
            diagonal, Plot("no point", x: "x", y: "y", [.init("s", [])]),
            Plot("one point", x: "x", y: "y", [.init("s", [.init(x: 3, y: 3)])]),
        ]
        for text in [SVGFigure("some", plots).document, SVGFigure("none", []).document] {
            #expect(isWellFormed(text))
            #expect(!text.contains("nan") && !text.contains("inf"))
        }
    }
}

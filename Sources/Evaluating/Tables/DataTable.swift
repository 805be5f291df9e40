/// A table of figures, for a spreadsheet and for people. A value.
package struct DataTable: Sendable, Equatable {
    /// Of its file, without ending.
    package let name: String
    package let title: String
    package let columns: [String]
    /// Each with as many cells as there are columns; an empty cell: not measured.
    package private(set) var rows: [[String]] = []

    package init(_ name: String, title: String, columns: [String]) {
        self.name = name
        self.title = title
        self.columns = columns
    }

    package mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// RFC 4180, lines ended by a line feed.
    package var csv: String {
        ([columns] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
    }

    /// The title and the rows, in columns as wide as they need.
    package var lines: [String] {
        let widths = columns.indices.map { column in
            ([columns] + rows).map { $0[column].count }.max() ?? 0
        }
        return [title]
            + ([columns] + rows).map { row in
                "  " + zip(row, widths).map { $0.padded(to: $1 + 2) }.joined().trimmedRight
            }
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension Optional where Wrapped == Double {
    /// A cell: with so many digits after the point, empty where nothing was measured.
    func cell(_ digits: Int = 4) -> String { map { $0.formatted(digits) } ?? "" }
}

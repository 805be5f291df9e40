/// A table of figures, for a spreadsheet and for people. A value.
package struct DataTable: Sendable, Equatable {
    /// Of its file, without ending.
    package let name: String
    package let title: String
    package let columns: [String]
    /// Those of the columns whose cells are no figures.
    private let words: Set<String>
    /// Each with as many cells as there are columns; an empty cell: not measured.
    package private(set) var rows: [[String]] = []

    package init(_ name: String, title: String, columns: [String], words: Set<String> = []) {
        self.name = name
        self.title = title
        self.columns = columns
        self.words = words
    }

    package mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// A row as JSON has it: by column, without what was not measured.
    package typealias Row = [String: Cell]

    package enum Cell: Sendable, Equatable {
        case figure(Double)
        case word(String)
    }

    package var objects: [Row] {
        rows.map { row in
            var object: Row = [:]
            for (column, cell) in zip(columns, row) where !cell.isEmpty {
                if !words.contains(column), let figure = Double(cell), figure.isFinite {
                    object[column] = Cell.figure(figure)
                } else {
                    object[column] = Cell.word(cell)
                }
            }
            return object
        }
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

extension DataTable.Cell: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let figure = try? container.decode(Double.self) {
            self = .figure(figure)
        } else {
            self = .word(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .figure(let figure): try container.encode(figure)
        case .word(let word): try container.encode(word)
        }
    }
}

extension Optional where Wrapped == Double {
    /// A cell: with so many digits after the point, empty where nothing was measured.
    func cell(_ digits: Int = 4) -> String { map { $0.formatted(digits) } ?? "" }
}

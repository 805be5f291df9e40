import ArgumentParser
import Core
import Datasets
import Foundation

/// Where pairs are read from, and how: can be opened several times.
struct PairSource: Sendable {
    let location: DatasetLocation
    let format: DatasetFormat?
    let fromLine: Int
    let vertical: Vertical
    let takesOutOfScope: Bool

    func open() throws(DatasetError) -> PairFile {
        try PairFile(
            location,
            format: format,
            fromLine: fromLine,
            vertical: vertical,
            takesOutOfScope: takesOutOfScope
        )
    }

    /// - Throws: of usage, where the line to begin at lies behind the last one.
    func requireFirstLine() throws(CommandFailure) {
        guard fromLine > 1 else { return }
        // A `lines-dir` counts the lines of its texts.
        guard let lines = LineCount.of(location.path) ?? LineCount.of(location.path + "/seq.in"), fromLine > lines
        else { return }
        throw CommandFailure(
            "--from-line \(fromLine) is beyond the end of \(location.path), which has \(Figures.count(lines, "line"))",
            exitCode: CommandFailure.usage
        )
    }

    /// Lines of a folder's files do not follow each other.
    var isFolder: Bool {
        var flag: ObjCBool = false
        return FileManager.default.fileExists(atPath: location.path, isDirectory: &flag) && flag.boolValue
            && format != .linesDirectory
    }
}

/// The options that say what is read.
struct PairFileOptions: ParsableArguments {
    @Argument(help: "A data set: a file, FILE#part of one with parts, or a folder.")
    var file: String

    @Option(
        help: ArgumentHelp("\(DatasetFormat.accepted). Default: told from the file.", valueName: "format")
    )
    var format: String?

    @Option(help: "Vertical of rows that name none. Default: default.")
    var vertical: String = Vertical.default.name

    @Option(help: ArgumentHelp("Begin at this line, counted from 1; the header is read anyway.", valueName: "line"))
    var fromLine = 1

    @Flag(help: "Take a label that says that no intent fits (such as 'oos') for an intent.")
    var withOutOfScope = false

    /// - Throws: `CommandFailure` of usage, saying what is accepted.
    func source() throws -> PairSource {
        guard fromLine >= 1 else {
            throw CommandFailure(
                "lines are counted from 1, so --from-line \(fromLine) is none",
                exitCode: CommandFailure.usage
            )
        }
        guard file != "-" else {
            throw CommandFailure(
                "stdin is not read here: a load that ended early is to go on from a line of its file. Write the pairs to a "
                    + "file first, such as pairs.jsonl, then: switchboard index load pairs.jsonl",
                exitCode: CommandFailure.usage
            )
        }
        do {
            return PairSource(
                location: DatasetLocation(file),
                format: try format.map { name throws(DatasetError) in try DatasetFormat(named: name) },
                fromLine: fromLine,
                vertical: try Vertical(vertical),
                takesOutOfScope: withOutOfScope,
            )
        } catch let error as SwitchboardError {
            throw CommandFailure(error)
        } catch let error as DatasetError {
            throw CommandFailure("\(error)", exitCode: CommandFailure.usage)
        }
    }
}

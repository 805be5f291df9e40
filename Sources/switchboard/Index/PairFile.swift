import Core
import Datasets
import SwitchboardClient

/// The pairs of a data set file, one after the other: labelled rows of callers. Rows that are no pairs are passed over
/// and counted.
final class PairFile {
    /// What was passed over, and what else a person should be told.
    struct Notes: Equatable {
        var agentRows = 0
        var outOfScopeRows = 0
        var tally = DatasetTally()

        /// A sentence for each thing.
        var sentences: [String] {
            var sentences: [String] = []
            if outOfScopeRows > 0 {
                sentences.append(
                    "\(Figures.count(outOfScopeRows, "row")) passed over whose label says that no intent fits "
                        + "(--with-out-of-scope takes it for an intent)"
                )
            }
            if agentRows > 0 { sentences.append("\(Figures.count(agentRows, "row")) of agents passed over") }
            if tally.skippedUnlabelled > 0 {
                sentences.append("\(Figures.count(tally.skippedUnlabelled, "row")) without an intent passed over")
            }
            if tally.skippedEmpty > 0 {
                sentences.append("\(Figures.count(tally.skippedEmpty, "row")) without a text passed over")
            }
            if tally.severalIntents > 0 {
                sentences.append(
                    "\(Figures.count(tally.severalIntents, "row names", "rows name")) several intents; the first was taken"
                )
            }
            if tally.endsWithoutLineEnd {
                sentences.append("the last line has no line end; if the file was cut there, that cannot be seen")
            }
            return sentences
        }
    }

    let location: DatasetLocation
    var format: DatasetFormat { reader.format }
    private let reader: DatasetReader
    private let vertical: Vertical
    private let takesOutOfScope: Bool
    private var skipped = Notes()

    /// - Parameters:
    ///   - vertical: of rows that name none.
    ///   - takesOutOfScope: a label that says that no intent fits is an intent like others.
    init(
        _ location: DatasetLocation,
        format: DatasetFormat?,
        fromLine: Int,
        vertical: Vertical,
        takesOutOfScope: Bool,
    ) throws(DatasetError) {
        self.location = location
        self.vertical = vertical
        self.takesOutOfScope = takesOutOfScope
        reader = try DatasetReader(location, format: format, fromLine: fromLine, requiresIntent: true)
    }

    var notes: Notes {
        var notes = skipped
        notes.tally = reader.tally
        return notes
    }

    /// The next pair and its line; nil after the last.
    ///
    /// - Throws: where a row is wrong, with file, line and reason; another call goes on after it.
    func next() throws(DatasetError) -> (exemplar: Exemplar, number: Int)? {
        while let row = try reader.next() {
            // A reader that asks for labelled rows hands out no others.
            guard let path = row.path else { continue }
            if row.role == .agent {
                skipped.agentRows += 1
                continue
            }
            if row.isOutOfScope, !takesOutOfScope {
                skipped.outOfScopeRows += 1
                continue
            }
            do throws(SwitchboardError) {
                let exemplar = try Exemplar(
                    text: row.text,
                    path: path,
                    vertical: row.vertical ?? vertical,
                    origin: row.origin ?? row.conversation,
                    vector: row.vector,
                    encoder: row.encoder,
                )
                return (exemplar, row.line)
            } catch {
                throw DatasetError(file: row.file, line: row.line, reason: error.message, code: error.code)
            }
        }
        return nil
    }
}

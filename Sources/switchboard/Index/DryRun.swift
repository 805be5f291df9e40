import Core
import Datasets
import SwitchboardClient

/// Shows what a load would do, finding by finding, and changes nothing.
struct DryRun: Sendable {
    /// Findings of a kind that are shown to a person; all are counted.
    private static let shown = 20

    let source: PairSource
    let options: PublishOptions
    let isJSON: Bool

    /// - Returns: how many rows are wrong.
    func run(_ client: SwitchboardClient) async throws -> Int {
        let format = try source.open().format
        var badRows: [DatasetError] = []
        var isFirstReading = true
        var notes = PairFile.Notes()
        var line = ProgressLine()
        var counts: [String: Int] = [:]
        let rehearsal = LoadRehearsal(
            client: client,
            options: options,
            open: {
                let file = try source.open()
                let tellsErrors = isFirstReading
                isFirstReading = false
                return {
                    while true {
                        do throws(DatasetError) {
                            let pair = try file.next()
                            if pair == nil { notes = file.notes }
                            return pair
                        } catch {
                            if tellsErrors { badRows.append(error) }
                        }
                    }
                }
            },
            onFinding: { finding in
                let shown = FindingText(finding)
                counts[shown.kind, default: 0] += 1
                line.clear()
                if isJSON {
                    Terminal.line(shown.json)
                } else if counts[shown.kind, default: 0] <= Self.shown {
                    Terminal.line(shown.words)
                } else if counts[shown.kind, default: 0] == Self.shown + 1 {
                    Terminal.line("  more of these are counted below (all of them with --json)")
                }
            },
            onProgress: { progress in line.show { Self.words(progress) } },
        )
        let summary = try await rehearsal.run()
        line.clear()
        for error in badRows.prefix(isJSON ? badRows.count : Self.shown) {
            Terminal.line(isJSON ? FindingText(badRow: error).json : FindingText(badRow: error).words)
        }
        let report = RehearsalText(
            summary,
            file: source.location.description,
            format: format.rawValue,
            badRows: badRows.count,
            notes: notes.sentences
        )
        Terminal.line(isJSON ? try JSONLine.encode(report.json) : report.words)
        return badRows.count
    }

    private static func words(_ progress: RehearsalProgress) -> String {
        switch progress {
        case .reading(let rows): "reading: \(Figures.count(rows, "row"))"
        case .comparing(let exemplars): "comparing with the index: \(Figures.count(exemplars, "exemplar"))"
        case .encoding(let rows, let all, let encoded):
            "looking for near-duplicates: row \(rows.grouped) of \(all.grouped), "
                + "\(encoded.grouped) encoded"
        }
    }
}

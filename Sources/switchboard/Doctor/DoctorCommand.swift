import ArgumentParser
import Foundation
import Node

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what is wrong with an installation, and how to mend it.",
        discussion: """
            Takes the options of 'node' and looks at the same things as a start with them would: libraries, CPU, models, \
            data directory, log, ports. Changes nothing. Exits 1 where something keeps a node from working.
            """,
    )

    @Flag(help: "Measure for a second each how fast the encoder is in the quantisations that are there.")
    var measure = false

    @Flag(help: "One JSON object a line, for each check.")
    var json = false

    @Flag(help: .hidden)
    var onlyModels = false

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let configuration = try await NodeSettings(node).configuration
        var report = DoctorReport(
            isJSON: json || onlyModels,
            start: StartAdvice(arguments: CommandLine.arguments).command
        )
        if onlyModels {
            ModelChecks(configuration, table: ModelTable.find()).run(measuresSpeed: measure) { report.tell($0) }
            return
        }
        for check in await ModelProbe().run() { report.tell(check) }
        let isNodeRunning = await Doctor(configuration).run { report.tell($0) }
        try report.end(isNodeRunning: isNodeRunning)
    }
}

/// Prints checks as they come and counts them.
struct DoctorReport {
    let isJSON: Bool
    /// The command that starts the node that was looked at.
    let start: String
    private var problems = 0
    private var warnings = 0

    init(isJSON: Bool, start: String) {
        self.isJSON = isJSON
        self.start = start
    }

    mutating func tell(_ check: DoctorCheck) {
        switch check.state {
        case .ok: break
        case .warning: warnings += 1
        case .problem: problems += 1
        }
        if isJSON, let line = try? JSONLine.encode(check) {
            Terminal.line(line)
        } else {
            Terminal.line(Self.words(check))
        }
    }

    /// - Throws: `CommandFailure` where there is a problem.
    func end(isNodeRunning: Bool) throws {
        if problems > 0 {
            throw CommandFailure(
                "\(Figures.count(problems, "problem"))"
                    + (warnings > 0 ? " and \(Figures.count(warnings, "warning"))" : "")
            )
        }
        guard !isJSON else { return }
        let verdict = isNodeRunning ? "A node runs" : "A node would work"
        guard warnings == 0 else { return Terminal.line("\(verdict); \(Figures.count(warnings, "warning")).") }
        Terminal.line(
            isNodeRunning
                ? "All is well, and a node runs. Ask it: switchboard classify \"where is my parcel\""
                : "All is well. Start with: \(start)"
        )
    }

    static func words(_ check: DoctorCheck) -> String {
        let state = check.state.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        let name = check.name.padding(toLength: max(15, check.name.count), withPad: " ", startingAt: 0)
        let marked = check.state == .ok ? state : Terminal.bold(state)
        var text = "\(marked) \(name) \(check.detail)"
        if let remedy = check.remedy { text += "\n" + String(repeating: " ", count: 25) + "-> \(remedy)" }
        return text
    }
}

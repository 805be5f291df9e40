import ArgumentParser
import Calls
import Core
import Foundation
import SwitchboardClient
import Wire

struct IndexReencodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reencode",
        abstract: "Makes the vectors of all exemplars anew with another encoder, and switches to them.",
        discussion: """
            The node goes on answering with the vectors it has; the new ones are made behind live requests and kept as \
            they come. When every exemplar has one, one record switches to them. Ctrl-C ends the work and keeps what is \
            done: the same command goes on from there, also after the node was stopped. The encoder that serves, named \
            here, gives up a change that was begun.

            The file, NAME.gguf, is a sentence encoder with mean pooling and vectors as long as the index's. The node copies it \
            into models/ of its data directory and finds it there when it starts again. A policy that was fitted for the \
            old encoder holds no more: run 'switchboard calibrate --llm auto' after the \
            switch (without --llm auto the language model is not asked any more).
            """,
    )

    @Option(help: ArgumentHelp("The encoder's file, on the machine of the index updater.", valueName: "file"))
    var encoder: String

    @Flag(help: "Say at the end, as one JSON object, what was done.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    struct Report: Encodable, Equatable {
        let encoder: String
        let exemplars: Int
        /// False: the index was made with this encoder already.
        let switched: Bool
        let logID: String
        let seq: UInt64
        let lapsedPolicies: [String]
        let behind: [String]

        enum CodingKeys: String, CodingKey {
            case encoder, exemplars, switched
            case logID = "log_id"
            case seq
            case lapsedPolicies = "lapsed_policies"
            case behind
        }
    }

    func validate() throws {
        guard !encoder.isEmpty else { throw ValidationError("--encoder needs the path of a GGUF file") }
    }

    func run() async throws {
        let path = Self.wholePath(of: encoder)
        let last = try await connection.withClient { client in
            try await Interrupt.ending { try await Self.follow(client, path) }
        }
        let report = Report(last)
        if json {
            Terminal.line(try JSONLine.encode(report))
        } else {
            Terminal.line(report.words)
        }
    }

    /// The node may have been started in another folder. Links are left for the machine of the updater to follow.
    static func wholePath(of written: String) -> String {
        let whole = written.hasPrefix("/") ? written : FileManager.default.currentDirectoryPath + "/" + written
        return URL(filePath: whole).standardized.path
    }

    private static func follow(_ client: SwitchboardClient, _ path: String) async throws -> ReencodeResponse {
        let stream = try await client.reencoded(withFile: path)
        var line = ProgressLine()
        defer { line.clear() }
        var last: ReencodeResponse?
        do {
            while let response = try await stream.next() {
                last = response
                line.show { Self.progress(response) }
            }
        } catch {
            // The node is to stop too; what it has made stays.
            await stream.cancel()
            throw error
        }
        guard let last, last.position != nil else {
            throw CommandFailure("the node ended the work without a word of how")
        }
        return last
    }

    static func progress(_ response: ReencodeResponse) -> String {
        let share = response.total > 0 ? Double(response.done) / Double(response.total) : 1
        let line =
            "\(Figures.bar(share, width: 24)) \(String(format: "%3.0f %%", 100 * share))  "
            + "\(response.done.grouped) of \(Figures.count(response.total, "exemplar"))"
        guard response.graphsDue > 0 else { return line }
        return "\(line), \(Figures.count(response.graphsDue, "graph")) to build"
    }
}

extension IndexReencodeCommand.Report {
    init(_ response: ReencodeResponse) {
        encoder = response.encoder.description
        exemplars = response.total
        switched = response.isSwitched
        logID = response.position?.log.description ?? ""
        seq = response.position?.sequence.number ?? 0
        lapsedPolicies = response.lapsedPolicies
        behind = response.behind
    }

    var words: String {
        guard switched else {
            return "the vectors of the index are of encoder \(encoder.prefix(12)) already; nothing was switched"
        }
        var lines = [
            "\(Figures.count(exemplars, "exemplar")) switched to encoder \(encoder.prefix(12)) as of record \(seq.grouped) of "
                + "log \(logID)"
        ]
        if !behind.isEmpty {
            lines.append("\(behind.joined(separator: ", ")) has not applied it yet and answers with the old vectors")
        }
        if !lapsedPolicies.isEmpty {
            lines.append(
                "policies fitted for another encoder hold no more (\(lapsedPolicies.joined(separator: ", "))); run "
                    + "'switchboard calibrate --llm auto', since until then the language model is not asked"
            )
        }
        return lines.joined(separator: "\n")
    }
}

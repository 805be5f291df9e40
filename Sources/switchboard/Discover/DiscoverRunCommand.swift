import ArgumentParser
import Core
import Datasets
import Foundation
import SwitchboardClient
import Wire

struct DiscoverRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Looks through the utterances of a file and proposes intents.",
        discussion: """
            Rows need no label; roles and conversations are used where the file has them. A row that cannot be read is told \
            with its line and passed over; where the file cannot be read to its end (a line of more than 4 MiB), what stands \
            before that is looked through, and the exit status is 1. The utterances go into a pool of their own at the \
            running node, masked, and stay out of the live pool. Ctrl-C ends the watching; the run goes on, also when the \
            node was started again.

              switchboard discover run dialogues.jsonl --vertical shop --tune
              switchboard discover run calls.txt --format lines
            """,
    )

    @Argument(help: "A data set: a file, FILE#part of one with parts, or a folder.")
    var file: String

    @Option(
        help: ArgumentHelp("\(DatasetFormat.accepted). Default: told from the file.", valueName: "format")
    )
    var format: String?

    @Option(help: "Vertical of rows that name none.")
    var vertical: String = Vertical.default.name

    @Option(
        help: ArgumentHelp(
            "Name of the pool that they go to; the same again adds what is new in the file. Default: one of its own.",
            valueName: "name"
        )
    )
    var pool: String?

    @Flag(help: "The proposals, one JSON object a line.")
    var json = false

    @OptionGroup(title: "How it looks") var options: RunOptions
    @OptionGroup var connection: DiscoveryConnectionOptions

    func run() async throws {
        let settings = try options.settings()
        let pool = try Self.poolName(pool)
        let source = try utterances(for: pool)
        try await connection.withClient { client in
            // Before the node has made a pool, of which it keeps few.
            if settings.isTuned { try await client.requireRun(with: settings) }
            try await Self.add(source, to: pool, client)
            let run = try await client.startRun(pool: pool, settings: settings)
            if !json { Terminal.note("run \(run) of pool \(pool)") }
            _ = try await RunFollowing.follow(client, run)
            try ProposalReport(try await client.proposals(of: run)).show(asJSON: json)
        }
        try source.requireWhole()
    }

    /// What the live pool is called where pools are named.
    static let livePool = "live"

    /// The pool that is meant where there may be one; the live one's own name is empty.
    ///
    /// - Throws: as `poolName`.
    static func pool(named name: String) throws(CommandFailure) -> String {
        name == livePool ? "" : try poolName(name)
    }

    /// The name of a file's pool.
    ///
    /// - Throws: of usage, for a name that is empty or too long, or the live pool's.
    static func poolName(_ named: String?) throws(CommandFailure) -> String {
        guard let named else { return ChangeID.make("file") }
        guard named != livePool else {
            throw CommandFailure(
                "--pool \(livePool) is what the live pool is called; choose another name",
                exitCode: CommandFailure.usage
            )
        }
        guard (1...DiscoveryAddRequest.maximumPoolBytes).contains(named.utf8.count) else {
            throw CommandFailure(
                "--pool has \(named.utf8.count) bytes; 1 to \(DiscoveryAddRequest.maximumPoolBytes) are accepted",
                exitCode: CommandFailure.usage
            )
        }
        return named
    }

    func utterances(for pool: String) throws(CommandFailure) -> UtteranceFile {
        let vertical = try checkedVertical(vertical)
        let named: DatasetFormat?
        do throws(DatasetError) {
            named = try format.map { name throws(DatasetError) in try DatasetFormat(named: name) }
        } catch {
            throw CommandFailure("\(error)", exitCode: CommandFailure.usage)
        }
        do throws(DatasetError) {
            return try UtteranceFile(
                DatasetLocation(file),
                format: named,
                vertical: vertical,
                pool: pool,
                beginning: Int64(Date().timeIntervalSince1970 * 1e6),
                tell: { Terminal.note($0) }
            )
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// - Throws: `CommandFailure` where the file has no utterance at all.
    private static func add(_ source: UtteranceFile, to pool: String, _ client: SwitchboardClient) async throws {
        var line = ProgressLine()
        defer { line.clear() }
        var sum = DiscoveryAddResponse(added: 0)
        var batch: [PoolEntry] = []
        while true {
            let entry = source.next()
            if let entry { batch.append(entry) }
            if batch.count == DiscoveryAddRequest.maximumEntries || (entry == nil && !batch.isEmpty) {
                let response = try await client.addToPool(batch, pool: pool)
                sum.added += response.added
                sum.repeated += response.repeated
                batch.removeAll(keepingCapacity: true)
                line.show { "\(Figures.count(sum.added, "utterance")) added" }
            }
            if entry == nil { break }
        }
        line.clear()
        for sentence in source.notes.sentences { Terminal.note(sentence) }
        guard sum.added + sum.repeated > 0 else {
            throw CommandFailure("there is no utterance to look through in the file; nothing was started")
        }
        var words = "\(Figures.count(sum.added, "utterance")) added"
        if sum.repeated > 0 { words += ", \(sum.repeated.grouped) were there" }
        Terminal.note(words)
    }
}

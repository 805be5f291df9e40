import ArgumentParser
import Core
import Foundation
import SwitchboardClient
import Wire

struct IndexPurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Erases exemplars for good: from the log's history, feedback, every replica, the pool and its runs.",
        discussion: """
            Where 'remove' leaves the text in the log's history, this takes it out, and no rollback brings it back. It says \
            first what would go and asks, unless told --yes. The clusterer erases it first from the utterances it keeps \
            and from its proposals, so that nobody accepts it again meanwhile; where none answers the command ends with \
            69, since a pool may still hold it: name the clusterer with --discovery and say the same again, or --no-pool \
            where there is none. Appends wait while the log's file is written anew.

            Backups, exports and copies made before still hold what was erased: delete them, or give a restore the list \
            that the node keeps ('switchboard restore BACKUP --data DIR --purges OLD/purges.jsonl').

              switchboard index purge --text "my number is 0123" --vertical orders
              switchboard index purge --origin conversation-4711 --yes
            """,
    )

    @Option(help: "The exemplar with this text.")
    var text: String?

    @Option(help: ArgumentHelp("The exemplar with this id: 32 hexadecimal digits.", valueName: "id"))
    var id: String?

    @Option(help: "All that came from this conversation or person, as its pairs and feedback name it.")
    var origin: String?

    @Option(
        help: "The text's or the origin's vertical (of a text, default: default); alone: all that it holds and held."
    )
    var vertical: String?

    @Flag(help: "There is no clusterer and so no pool: erase from the index and feedback alone.")
    var noPool = false

    @Flag(help: "Ask nothing.")
    var yes = false

    @Flag(help: "Say what would go, and change nothing.")
    var dryRun = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: DiscoveryConnectionOptions

    struct Report: Encodable, Equatable {
        /// Exemplars that lived.
        var exemplars = 0
        /// Of the log.
        var records = 0
        /// Words.
        var feedback = 0
        /// Utterances; nil: no clusterer was there, as of the next.
        var poolEntries: Int?
        /// That lost utterances.
        var proposals: Int?
        var dryRun = false
        var changeID = ""
        var logID = ""
        var seq: UInt64 = 0
        var behind: [String] = []

        enum CodingKeys: String, CodingKey {
            case exemplars, records, feedback
            case poolEntries = "pool_entries"
            case proposals
            case dryRun = "dry_run"
            case changeID = "change_id"
            case logID = "log_id"
            case seq, behind
        }
    }

    func validate() throws {
        guard [text, id, origin].compactMap({ $0 }).count <= 1 else {
            throw ValidationError("it is one of --text, --id and --origin")
        }
        guard text != nil || id != nil || origin != nil || vertical != nil else {
            throw ValidationError("say what is to be erased: --text, --id, --origin or --vertical")
        }
        guard id == nil || vertical == nil else { throw ValidationError("an --id needs no --vertical") }
        guard !noPool || connection.discovery == nil else {
            throw ValidationError("--discovery names the clusterer that --no-pool says there is not")
        }
    }

    func run() async throws {
        let selection = try Self.usage { () throws(SwitchboardError) in
            try Self.selection(text: text, id: id, origin: origin, vertical: vertical)
        }
        let changeID = ChangeID.make("purge")
        let author = try change.options(source: "index purge", at: connection.place()).author
        let place = try connection.place()
        let pool = PoolErasure(place, isLeftOut: noPool)
        let report = try await connection.withClient(asksIndex: true, asksDiscovery: pool.isThere) { client in
            let found = try await client.purge(selection, isDryRun: true, change: changeID, author: author)
            var expected = Report(found, changeID: changeID, isDryRun: true)
            expected.add(try await pool.erase(selection, client, isDryRun: true))
            guard !dryRun else { return expected }
            // Where there is nothing, the node finishes what an earlier purge may have left undone.
            if expected.isSomething, !yes { try Self.ask(expected) }
            // The clusterer first: what is accepted meanwhile is in the log by then, and nothing of it comes later.
            let pooled = try await pool.erase(selection, client, isDryRun: false)
            var report = try await Self.erase(selection, client, changeID, author)
            report.add(pooled)
            return report
        }
        if json {
            Terminal.line(try JSONLine.encode(report))
        } else {
            Terminal.line(report.words)
        }
        guard report.poolEntries == nil, !noPool else { return }
        let missing = Self.missingPool(at: place)
        guard !dryRun else { return Terminal.note(missing) }
        throw CommandFailure(missing, exitCode: CommandFailure.unavailable)
    }

    /// Why an erasure without a clusterer may not be all, and what to do.
    static func missingPool(at place: NodePlace) -> String {
        let asked = place.discovery.map { " at \($0.text)" } ?? ", and no address of one is known"
        return "no clusterer answers\(asked), so no pool was looked at, which may hold the same words. Say the same "
            + "again with --discovery ADDRESS of the clusterer, or with --no-pool where there is none"
    }

    static func selection(
        text: String?,
        id: String?,
        origin: String?,
        vertical: String?,
    ) throws(SwitchboardError) -> PurgeSelection {
        let named = try vertical.map { name throws(SwitchboardError) in try Vertical(name) }
        if let text {
            return .exemplars([ExemplarID(vertical: named ?? .default, text: try UtteranceText(text))])
        }
        if let id {
            guard let bits = Bits128(hex: id) else { throw .invalid("an exemplar's id is 32 hexadecimal digits") }
            return .exemplars([ExemplarID(bits)])
        }
        if let origin {
            guard !origin.isEmpty else { throw .invalid("an origin is not empty") }
            return .origin(Array(origin.utf8), in: named)
        }
        guard let named else { throw .invalid("nothing names what is to be erased") }
        return .vertical(named)
    }

    private static func usage<Result>(_ body: () throws(SwitchboardError) -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw CommandFailure(error.message, exitCode: CommandFailure.usage)
        }
    }

    private static func ask(_ expected: Report) throws {
        Terminal.note("\(expected.words). This cannot be undone.")
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(
                "nothing was erased; say --yes where nobody can be asked",
                exitCode: CommandFailure.usage
            )
        }
        FileHandle.standardError.write(Data("Erase it? Type yes: ".utf8))
        guard readLine()?.trimmingCharacters(in: .whitespaces) == "yes" else {
            throw CommandFailure("nothing was erased")
        }
    }

    private static func erase(
        _ selection: PurgeSelection,
        _ client: SwitchboardClient,
        _ changeID: String,
        _ author: String,
    ) async throws -> Report {
        var report = Report(changeID: changeID)
        var line = ProgressLine()
        defer { line.clear() }
        while true {
            let receipt = try await patiently(saying: { Terminal.note($0) }) { (operation) async throws(ClientError) in
                try await client.purge(selection, change: changeID, author: author, operation: operation)
            }
            report.add(receipt)
            guard receipt.isMore else { return report }
            line.show { "\(Figures.count(report.records, "record")) erased" }
        }
    }

    /// Makes a call that may take longer than a call may, and asks about what goes on until it has ended.
    ///
    /// - Parameters:
    ///   - say: told once that it takes longer.
    ///   - call: gets the operation id, the same each time.
    static func patiently(
        saying say: (String) -> Void,
        _ call: (_ operation: [UInt8]) async throws(ClientError) -> PurgeReceipt,
    ) async throws(ClientError) -> PurgeReceipt {
        let operation = Bits128.random().bytes
        var wasSaid = false
        while true {
            do throws(ClientError) {
                return try await call(operation)
            } catch {
                guard error.status == StatusCode.deadlineExceeded.description, !Task.isCancelled else { throw error }
                if !wasSaid {
                    say("the node is still erasing; it goes on whatever becomes of this command, which waits for it")
                }
                wasSaid = true
            }
        }
    }
}

extension IndexPurgeCommand.Report {
    init(_ receipt: PurgeReceipt, changeID: String, isDryRun: Bool) {
        self.init(dryRun: isDryRun, changeID: changeID)
        add(receipt)
    }

    mutating func add(_ receipt: PurgeReceipt) {
        exemplars += receipt.removed
        records += receipt.blanked
        feedback += receipt.feedback
        logID = receipt.position.log.description
        seq = receipt.position.sequence.number
        behind = receipt.behind
    }

    /// - Parameter erased: nil: no clusterer was there.
    mutating func add(_ erased: DiscoveryPurgeResponse?) {
        poolEntries = erased?.entries
        proposals = erased?.proposals
    }

    var isSomething: Bool { records > 0 || feedback > 0 || poolEntries ?? 0 > 0 || proposals ?? 0 > 0 }

    var words: String {
        guard isSomething else { return "there is nothing to erase" }
        var what =
            "\(Figures.count(exemplars, "exemplar")), \(Figures.count(records, "record")) of the log and "
            + "\(Figures.count(feedback, "word")) of feedback"
        if let poolEntries, let proposals {
            what +=
                ", \(Figures.count(poolEntries, "utterance")) of the pool and parts of "
                + Figures.count(proposals, "proposal")
        }
        guard !dryRun else { return "would erase \(what)" }
        var text = "erased \(what) (change \(changeID), record \(seq.grouped))"
        if !behind.isEmpty { text += "\nnot yet applied by \(behind.joined(separator: ", "))" }
        return text
    }
}

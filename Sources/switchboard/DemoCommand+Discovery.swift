import Core
import Evaluating
import Foundation
import Node
import SwitchboardClient
import Synchronization

// The story of an intent that nobody has taught.
extension DemoCommand {
    func showDiscovery(of story: DemoData) async throws {
        let seed = seed
        let data = try story.holdingBack(try heldIntent.map { try IntentPath($0) }, seed: seed)
        Terminal.note("starting a node on a temporary folder")
        let models = ModelPaths.installed(in: ModelPaths.cache(environment: Environment.variables))
        try await Interrupt.ending {
            try await TemporaryNode.run(
                models: models,
                computeThreads: ProcessInfo.processInfo.activeProcessorCount,
                discovers: true
            ) { client in
                try await Self.tell(DiscoveryDemoRun(data: data, client: client, seed: seed), data)
            }
        }
    }

    private static func tell(_ run: DiscoveryDemoRun, _ data: DemoData) async throws {
        guard let held = run.held else { throw CommandFailure("there is no intent to hold back") }
        let bar = EvalProgressBar()
        defer { bar.clear() }
        try await run.teach { bar.show($0) }
        bar.clear()
        say("1. The node knows \(data.train.count.grouped) utterances. Nobody has told it of \(held.path).")

        let (callers, others) = try await run.call()
        say("2. \(callers.asked) callers want just that, and \(others.asked) others want what nobody can help with.")
        Terminal.line("   The \(callers.asked) were told: \(words(of: callers))")
        Terminal.line("   What was not understood is in the pool, numbers and addresses masked.")

        let found = try await discover(run, expected: callers.unexplained + others.unexplained)
        say("3. A run over \(found.utterances.grouped) different utterances proposes \(found.proposals) intents:")
        tell(found)

        let intent = try await run.accept(found)
        say("4. Accepted as \(intent.path): its \(found.proposal.members.count) utterances are exemplars now.")

        let answers = try await run.callAgain(intent)
        say("5. The next of these callers:")
        for (answer, _) in answers.prefix(2) { Terminal.line(ClassificationText(answer).text) }
        Terminal.line(
            Terminal.bold("   \(answers.count { $0.isRight }) of \(answers.count) such callers are routed to it")
        )
        let program = ShellCommand.quoted(CommandLine.arguments[0])
        Terminal.line(
            "\nTry next: \(program) node &, then \(program) discover run FILE on your own calls and \(program) discover list"
        )
    }

    private static func discover(_ run: DiscoveryDemoRun, expected: Int) async throws -> DiscoveryDemoRun.Found {
        let line = Mutex(ProgressLine())
        defer { line.withLock { $0.clear() } }
        return try await run.discover(expected: expected) { progress in
            line.withLock { line in
                line.show { "discovering \(Figures.bar(progress.fraction, width: 30)) \(progress.phase.rawValue)" }
            }
        }
    }

    private static func tell(_ found: DiscoveryDemoRun.Found) {
        let proposal = found.proposal
        let source = proposal.name.source == .model ? "named by the language model" : "named by its keywords"
        Terminal.line("   \(Terminal.bold(proposal.name.label))  \(Terminal.dim(source))")
        Terminal.line(
            "   \(proposal.members.count) utterances, keywords: \(proposal.keywords.prefix(6).joined(separator: ", "))"
        )
        Terminal.line(
            String(
                format: "   one intent with probability %.2f (%.2f to %.2f); %d of them are of these callers",
                proposal.judgement.probability,
                proposal.judgement.low,
                proposal.judgement.high,
                found.matching
            )
        )
        for member in proposal.members.prefix(3) { Terminal.line(Terminal.dim("     \"\(member.text)\"")) }
        if found.unclear > 0 { Terminal.line("   \(Figures.count(found.unclear, "cluster")) stayed unclear") }
    }

    private static func words(of told: DiscoveryDemoRun.Told) -> String {
        "UNKNOWN \(told.unknown), asked back \(told.clarified), routed elsewhere \(told.routed)"
    }

    private static func say(_ scene: String) {
        Terminal.line("\n" + Terminal.bold(scene))
    }
}

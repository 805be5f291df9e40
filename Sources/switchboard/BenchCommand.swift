import ArgumentParser
import Core
import Datasets
import Evaluating
import Foundation
import Node
import SwitchboardClient

/// Speed, each figure beside the thing that it is compared with, in one run.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures speed, each figure beside what it is compared with, in one run.",
        discussion: """
            Starts what it needs in this process, on temporary folders. What counts are the ratios: machines differ, and \
            both sides of a ratio are measured on this one. Measure on a machine that does nothing else. \
            docs/performance.md says what is to be reached.

            Options differ from one to the next: only 'bench classify' takes --connect, to ask a running node. \
            'switchboard bench NAME --help' lists them.
            """,
        subcommands: [
            RPC.self, Encode.self, Search.self, Score.self, Classify.self, Update.self, Start.self, Replica.self,
            Cluster.self,
            Discover.self,
        ],
    )

    struct RPC: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rpc",
            abstract: "An empty call over tcp, beside a bare libzmq echo of the same frames in C."
        )

        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report { settings in
                let bench = RPCBench(seconds: settings.isQuick ? 0.1 : 5)
                return [try await bench.run(inFlight: 1), try await bench.run(inFlight: 64)]
            }
        }
    }

    struct Encode: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "encode",
            abstract: "The encoder on one thread with texts of 12 tokens, beside llama-bench.",
            discussion: "'deploy/setup --with llama-bench' installs the peer; without it that comparison is left out."
        )

        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report { try await EncodeBench($0).run() }
        }
    }

    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "search",
            abstract: "Search among 50,000 vectors, beside the exact scan, and that beside the memory's bandwidth."
        )

        @OptionGroup var options: BenchOptions
        @OptionGroup var data: BenchDataOptions

        func run() async throws {
            let corpus = try data.corpus()
            try await options.report { try await SearchBench($0, corpus: corpus).run() }
        }
    }

    struct Score: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "score",
            abstract: "The language model's scores of 3, 5 and 10 candidates, beside full passes for each candidate."
        )

        @OptionGroup var options: BenchOptions
        @OptionGroup var data: BenchDataOptions

        func run() async throws {
            let corpus = try data.corpus()
            try await options.report { try await ScoreBench($0, corpus: corpus).run() }
        }
    }

    struct Classify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "classify",
            abstract: "Classifying over tcp with 1 and 16 calls in flight, beside the models by themselves.",
            discussion: """
                Without the language model (--llm off, the default) beside the encoder by itself. With --llm always, where \
                the language model is asked about every utterance, beside llama-bench reading as many tokens as the prompts \
                have ('deploy/setup --with llama-bench' installs it). With --llm auto a policy is fitted on --valid, or on \
                the index's own utterances, and asking only where the other evidence is not sure stands beside asking always.
                """
        )

        @OptionGroup var options: BenchOptions
        @OptionGroup var data: BenchDataOptions

        @Option(help: "Whether the language model is asked: off, auto or always.")
        var llm: LLMOption?

        @Option(
            parsing: .upToNextOption,
            help: ArgumentHelp("With --llm auto: labelled utterances to fit the policy on.", valueName: "file")
        )
        var valid: [String] = []

        @Option(help: "With --llm auto: at most so many utterances are asked.")
        var sample = 400

        @Option(
            help: ArgumentHelp(
                """
                A running node's gateway, tcp://host:7700, asked as it stands, instead of a node of its own. Several, \
                given again or with commas, are asked in turn.
                """,
                valueName: "address"
            )
        )
        var connect: [String] = []

        func validate() throws {
            guard sample > 0 else { throw ValidationError("--sample is at least 1") }
            guard llm?.value == .auto else {
                guard valid.isEmpty else { throw ValidationError("--valid goes with --llm auto") }
                return
            }
            guard connect.isEmpty else {
                throw ValidationError("--llm auto fits a policy, on a node of its own; leave out --connect")
            }
        }

        func run() async throws {
            if llm?.value == .auto {
                let (labelled, sample) = (try data.evalData(valid: valid), sample)
                return try await options.report { try await AutoBench($0, data: labelled, sample: sample).run() }
            }
            let asksLLM = llm?.value == .always
            let corpus = try data.corpus()
            let addresses =
                try connect.isEmpty
                ? nil : NodePlace(connect: connect, updater: nil).addresses(asksIndex: false)
            try await options.report(addresses == nil ? .alone : .asking) { settings in
                var settings = settings
                if asksLLM {
                    let bench = LLMClassifyBench(settings, corpus: corpus)
                    guard let addresses else { return try await bench.run() }
                    return try await SwitchboardClient.with(addresses, refused: Terminal.noteRefusal) {
                        try await bench.run(connectedTo: $0)
                    }
                }
                settings.models.scorer = nil
                settings.models.adapter = nil
                let bench = ClassifyBench(settings, corpus: corpus)
                guard let addresses else { return try await bench.run() }
                return try await SwitchboardClient.with(addresses, refused: Terminal.noteRefusal) {
                    try await bench.run(connectedTo: $0)
                }
            }
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Classifying at half its highest rate while pairs stream in, beside the same without them."
        )

        @OptionGroup var options: BenchOptions
        @OptionGroup var data: BenchDataOptions

        func run() async throws {
            let corpus = try data.corpus()
            try await options.report { settings in
                var settings = settings
                settings.models.scorer = nil
                return try await UpdateBench(settings, corpus: corpus).run()
            }
        }
    }

    struct Replica: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replica",
            abstract:
                "The start of a node with 100,000 logged pairs from a snapshot, beside one from the log, and its memory."
        )

        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report { settings in
                var settings = settings
                settings.models.scorer = nil
                settings.models.adapter = nil
                return try await ReplicaBench(settings).run()
            }
        }
    }

    struct Cluster: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cluster",
            abstract:
                "Several processes: two scorers, a retriever apart, one that is killed, three replicas, the log's rate.",
            discussion:
                "Each node is a process with one compute thread; what they are compared with is measured in between."
        )

        @OptionGroup var options: BenchOptions
        @OptionGroup var data: BenchDataOptions

        @Option(
            parsing: .upToNextOption,
            help: ArgumentHelp("Only these: scorers, apart, failover, applied, durable.", valueName: "part")
        )
        var only: [ClusterBench.Part] = []

        func run() async throws {
            let corpus = try data.corpus()
            let parts = only.isEmpty ? ClusterBench.Part.allCases : only
            try await options.report { try await ClusterBench($0, corpus: corpus, parts: parts).run() }
        }
    }

    struct Discover: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "discover",
            abstract:
                "Clustering 100,000 vectors at ten resolutions, beside a plain program that looks for neighbours.",
            discussion: """
                No model is used: the vectors are made up. With --live instead: classifying at half its highest rate while \
                runs of discovery go on in the same node, beside the same without them.
                """
        )

        @Flag(help: "Measure what runs cost those who ask.")
        var live = false

        @OptionGroup var options: BenchOptions
        @OptionGroup var data: BenchDataOptions

        func run() async throws {
            guard live else { return try await options.report { try await DiscoverBench($0).run() } }
            let corpus = try data.corpus()
            try await options.report { try await LiveDiscoverBench($0, corpus: corpus).run() }
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start",
            abstract: "The start of a node with 10,000 logged pairs, and its memory with both models."
        )

        @OptionGroup var options: BenchOptions

        func run() async throws {
            try await options.report { try await StartBench($0).run() }
        }
    }
}

extension ClusterBench.Part: ExpressibleByArgument {}

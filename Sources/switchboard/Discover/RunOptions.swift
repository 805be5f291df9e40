import ArgumentParser
import Core
import Wire

/// A word out of a list, such as `graph` of `--method graph`.
struct Choice<Value: RawRepresentable<String> & CaseIterable & Sendable>: ExpressibleByArgument, Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Value(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
    var defaultValueDescription: String { value.rawValue }
}

/// How a run looks for intents; docs/discovery.md says what each does.
struct RunOptions: ParsableArguments {
    @Option(help: "How utterances are clustered.")
    var method = Choice<DiscoverySettings.Method>(.graph)

    @Option(help: "Who judges whether a cluster is one intent.")
    var judge = Choice<DiscoverySettings.JudgeKind>(.vectors)

    @Option(help: "How finely they are cut: as the run finds best, or with fewer or more clusters.")
    var cut = Choice<DiscoverySettings.Cut>(.chosen)

    @Flag(help: "Tune the vectors to these utterances first, for some minutes: better clusters. Takes node --tuner.")
    var tune = false

    @Option(help: "Equal seeds give equal proposals.")
    var seed = DiscoverySettings().seed

    @Option(help: ArgumentHelp("How many clusters there are. Default: found.", valueName: "number"))
    var clusters: Int?

    @Option(help: ArgumentHelp("Clusters of fewer utterances are no proposals.", valueName: "utterances"))
    var minSize = DiscoverySettings().minimumSize

    @Option(help: ArgumentHelp("Nearest neighbours of an utterance in the graph.", valueName: "number"))
    var neighbours = DiscoverySettings().neighbours

    @Option(help: ArgumentHelp("A cluster is good from this probability on.", valueName: "share"))
    var goodProbability = DiscoverySettings().goodProbability

    @Option(help: ArgumentHelp("Sentences of a cluster that are judged, and named.", valueName: "number"))
    var samples = DiscoverySettings().samples

    @Option(
        help: "Which sentences a judge that is a model is asked about: any, those around the medoid, the farthest ones."
    )
    var sampling = Choice<DiscoverySettings.Sampling>(.random)

    @Option(help: ArgumentHelp("Of dial-in: at most so many.", valueName: "number"))
    var rounds = DiscoverySettings().rounds

    @Option(help: "Of dial-in: what clusters the rest.")
    var base = Choice<DiscoverySettings.Base>(.kMeans)

    @Option(
        help: ArgumentHelp("Of dial-in: it ends when at most this share is left unassigned.", valueName: "share")
    )
    var unassigned = DiscoverySettings().unassignedShare

    @Flag(help: "Name clusters by their keywords, without the language model.")
    var keywordNames = false

    /// - Throws: of usage, with what is accepted.
    func settings() throws(CommandFailure) -> DiscoverySettings {
        var settings = DiscoverySettings()
        settings.method = method.value
        settings.judge = judge.value
        settings.cut = cut.value
        settings.isTuned = tune
        settings.seed = seed
        settings.clusters = try clusters.map { number throws(CommandFailure) in
            try Self.number(number, "--clusters", in: 1...DiscoverySettings.maximumClusters)
        }
        settings.minimumSize = try Self.number(minSize, "--min-size", in: 1...DiscoverySettings.maximumMinimumSize)
        settings.neighbours = try Self.number(neighbours, "--neighbours", in: DiscoverySettings.acceptedNeighbours)
        settings.goodProbability = try Self.share(goodProbability, "--good-probability")
        settings.samples = try Self.number(samples, "--samples", in: 1...DiscoverySettings.maximumSamples)
        settings.sampling = sampling.value
        settings.rounds = try Self.number(rounds, "--rounds", in: 1...DiscoverySettings.maximumRounds)
        settings.base = base.value
        settings.unassignedShare = try Self.share(unassigned, "--unassigned")
        settings.namesByModel = !keywordNames
        return settings
    }

    private static func number(
        _ number: Int,
        _ flag: String,
        in accepted: ClosedRange<Int>,
    ) throws(CommandFailure) -> Int {
        guard accepted.contains(number) else {
            throw CommandFailure(
                "\(flag) is \(number); \(accepted.lowerBound) to \(accepted.upperBound) is accepted",
                exitCode: CommandFailure.usage
            )
        }
        return number
    }

    private static func share(_ share: Double, _ flag: String) throws(CommandFailure) -> Double {
        guard (0...1).contains(share) else {
            throw CommandFailure("\(flag) is \(share); 0 to 1 is accepted", exitCode: CommandFailure.usage)
        }
        return share
    }
}

/// The verticals that a command is about.
struct VerticalOptions: ParsableArguments {
    @Option(
        name: .customLong("vertical"),
        help: "Only this vertical; may be repeated. Default: all that your key may see."
    )
    var names: [String] = []

    /// - Throws: of usage, for what is no vertical's name.
    func verticals() throws(CommandFailure) -> [Vertical] {
        var verticals: [Vertical] = []
        for name in names { verticals.append(try checkedVertical(name)) }
        return verticals
    }
}

/// - Throws: of usage, for what is no vertical's name.
func checkedVertical(_ name: String) throws(CommandFailure) -> Vertical {
    do {
        return try Vertical(name)
    } catch {
        throw CommandFailure(error)
    }
}

package import Core

/// What an evaluation of discovery measures beside the run itself.
package struct DiscoveryEvalSettings: Sendable {
    /// Of the run; its seed draws samples, mixes and clusterings too.
    package var run: DiscoverySettings
    /// Also the cut nearest to the number of gold labels.
    package var measuresGoldCount = false
    /// Also the judge, on clusters and mixes whose labels are known.
    package var measuresJudge = false
    /// Also one line for each step of the method.
    package var measuresSteps = false
    /// Labels that are no intents, such as `contentonly`; coverage is told without their utterances too.
    package var noise: Set<String> = []
    /// That neighbours are looked for on.
    package var threads: Int

    package init(run: DiscoverySettings, threads: Int) {
        self.run = run
        self.threads = threads
    }

    /// - Throws: `.invalidArgument`, with what is accepted.
    package func validate() throws(SwitchboardError) {
        guard (1...100).contains(run.neighbours) else {
            throw .invalid("an utterance has 1 to 100 neighbours in the graph, not \(run.neighbours)")
        }
        guard (0...1).contains(run.goodProbability) else {
            throw .invalid("a cluster is good from a probability of 0 to 1 on, not \(run.goodProbability)")
        }
        guard (1...1_000).contains(run.samples) else {
            throw .invalid("a judge is shown 1 to 1,000 sentences of a cluster, not \(run.samples)")
        }
        guard run.minimumSize >= 1 else {
            throw .invalid("a proposal has 1 or more utterances, not \(run.minimumSize)")
        }
        if let clusters = run.clusters, clusters < 1 { throw .invalid("there is 1 cluster or more, not \(clusters)") }
    }
}

/// How far an evaluation of discovery has come.
package struct DiscoveryEvalProgress: Sendable, Equatable {
    package enum Stage: String, Sendable, CaseIterable {
        case running = "discovering"
        case goldCount = "cutting at the number of gold labels"
        case judge = "trying the judge"
        case names = "comparing names"
        case downstream = "asking the test utterances"
        case steps = "measuring each step"
    }

    package let stage: Stage
    /// Of the stage, 0 to 1.
    package let fraction: Double
    /// What a run says that it is doing, and nothing elsewhere.
    package let note: String

    package init(_ stage: Stage, _ fraction: Double, note: String = "") {
        self.stage = stage
        self.fraction = fraction
        self.note = note
    }
}

package import Core

extension Clusterer {
    /// Carries runs out on live engines: `DiscoveryRun`, compared with the index as it is when the run begins or goes on.
    ///
    /// - Parameter tuner: of a run, by the folder that it may use; nil: vectors cannot be tuned here.
    package static func liveBody(
        engines: any DiscoveryEngines,
        taxonomy: GatewayTaxonomy,
        tuner: (@Sendable (Bits128) -> any VectorTuner)? = nil,
    ) -> RunBody {
        { (task: RunTask) async throws -> RunOutcome in
            let verticals = Set(task.utterances.map(\.vertical)).sorted()
            let intents = try await Clusterer.view(of: verticals, taxonomy)
            let run = DiscoveryRun(
                settings: task.settings,
                engines: engines,
                taxonomy: intents,
                previous: task.previous,
                tuner: tuner?(task.id)
            )
            return try await run.run(
                task.utterances,
                runID: task.id,
                checkpoints: task.checkpoints,
                report: task.report
            )
        }
    }

    /// A node that starts goes on with its runs before its gateways are there.
    private static let patience = Duration.seconds(600)

    private static func view(of verticals: [Vertical], _ taxonomy: GatewayTaxonomy) async throws -> TaxonomyView {
        let end = ContinuousClock.now + patience
        // More are not named in one request; then all are meant.
        let named = verticals.count > 1_000 ? [] : verticals
        while true {
            do {
                return try await taxonomy.view(of: named)
            } catch let error as SwitchboardError {
                guard error.code == .unavailable, end > .now else { throw error }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

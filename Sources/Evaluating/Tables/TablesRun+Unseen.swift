internal import Core

// Table 3: a vertical whose pairs are in the index and on whose utterances nothing was fitted.
extension TablesRun {
    /// Each vertical in turn is the unseen one. A linear classifier that was trained on the others could name none of
    /// its intents, so there is no row of it.
    ///
    /// - Parameter results: of the methods that fit nothing, on all test utterances.
    /// - Returns: empty where there is one vertical alone.
    func unseen(_ results: [MethodResult], _ material: Material) async throws -> [EvalTables.UnseenFigures] {
        guard data.verticals.count > 1 else { return [] }
        var figures: [EvalTables.UnseenFigures] = []
        for vertical in data.verticals {
            let places = data.test.indices.filter { data.test[$0].gold.vertical == vertical }
            guard !places.isEmpty else { continue }
            let votes = results.filter { $0.method.hasPrefix("vote-") }.map { $0.at(places) }
            let fitted = try await fittedElsewhere(vertical, places, material)
            figures += (votes + fitted).compactMap { result in
                result.figures.map {
                    EvalTables.UnseenFigures(vertical: vertical, method: result.method, figures: $0)
                }
            }
        }
        return figures
    }

    /// The product under a policy that was fitted on the other verticals' utterances, asked in those verticals alone.
    private func fittedElsewhere(
        _ vertical: Vertical,
        _ places: [Int],
        _ material: Material,
    ) async throws -> [MethodResult] {
        let seen = EvalRun(
            client: client,
            data: EvalData(
                train: data.train.filter { $0.gold.vertical != vertical },
                valid: data.valid.filter { $0.gold.vertical != vertical },
                test: [],
                outOfScopeValid: data.outOfScopeValid
            ),
            settings: settings,
            progress: progress,
        )
        let (fit, unsure) = try await seen.fit(at: material.position)
        let result = MethodResult(
            method: "retrieval",
            answers: Self.answers(places.map { material.test[$0] }, k: settings.k, fit.policy)
        )
        guard settings.asksLLM else { return [result] }
        let llm = try await seen.fitLLM(unsure, beside: fit.policy, at: material.position).policy
        let utterances = base.sample(places, tables.sample).map { data.test[$0] }
        let samples = try await asker(material.position).scoreAll(
            EvalRun.questions(utterances, outOfScope: []),
            under: fit.policy,
            // The node's own policy ranks a little otherwise, and whom it ranks lower is to have its exemplars too.
            showing: Decision.maximumCandidates,
        ) {
            progress(EvalProgress(.scoring, done: $0, of: utterances.count))
        }
        return [result] + Self.withRetrieval(samples, fit.policy, llm)
    }
}

internal import Core

// The methods that need no language model.
extension TablesRun {
    /// What one retriever found for each utterance.
    struct Rankings: Sendable {
        let retriever: String
        let test: [Ranking]
        let outOfScope: [Ranking]
    }

    /// Of BM25, of the encoder and of both fused, in this order.
    func rankings(of material: Material) async throws -> [Rankings] {
        try await WorkThread("eval-rankings").run { [data, depth] () -> [Rankings] in
            let texts = material.baselines.texts
            let hits = data.test.map { texts.bm25.nearest($0.text.value, depth) }
            let outside = data.outOfScope.map { texts.bm25.nearest($0.value, depth) }
            return [
                Rankings(
                    retriever: "bm25",
                    test: hits.map { Ranking($0, of: texts.exemplars) },
                    outOfScope: outside.map { Ranking($0, of: texts.exemplars) },
                ),
                Rankings(
                    retriever: "encoder",
                    test: material.test.map { Ranking($0) },
                    outOfScope: material.outOfScope.map { Ranking($0) },
                ),
                Rankings(
                    retriever: "hybrid",
                    test: zip(hits, material.test).map { Ranking(fusing: $0, of: texts.exemplars, with: $1) },
                    outOfScope: zip(outside, material.outOfScope).map {
                        Ranking(fusing: $0, of: texts.exemplars, with: $1)
                    },
                ),
            ]
        }
    }

    func linear(_ material: Material) async throws -> [MethodResult] {
        let answers = try await WorkThread("eval-linear").run { [data] () -> [[EvalAnswer]] in
            let (texts, words, head) = (material.baselines.texts, material.baselines.words, material.baselines.head)
            func byWords(_ text: UtteranceText, _ gold: NamedIntent?) -> EvalAnswer {
                EvalAnswer(words.answer(to: texts.tfidf.row(of: text.value)), gold: gold)
            }
            func byVector(_ vector: [Float], _ gold: NamedIntent?) -> EvalAnswer {
                EvalAnswer(head.answer(to: FeatureRow(vector)), gold: gold)
            }
            return [
                data.test.map { byWords($0.text, $0.gold) },
                data.outOfScope.map { byWords($0, nil) },
                zip(material.testVectors, data.test).map { byVector($0, $1.gold) },
                material.outOfScopeVectors.map { byVector($0, nil) },
            ]
        }
        let times = try await linearTimes(material)
        return [
            MethodResult(
                method: "linear-tfidf",
                answers: answers[0],
                outOfScope: answers[1],
                known: material.baselines.words.trainedOn,
                medianMs: times.words,
            ),
            MethodResult(
                method: "linear-encoder",
                answers: answers[2],
                outOfScope: answers[3],
                known: material.baselines.head.trainedOn,
                medianMs: times.head,
            ),
        ]
    }

    /// The votes of what each retriever found.
    func voting(_ rankings: [Rankings], _ material: Material) async throws -> [MethodResult] {
        let times = try await votingTimes(material)
        return rankings.map { ranked in
            MethodResult(
                method: "vote-\(ranked.retriever)",
                answers: zip(ranked.test, data.test).map { $0.answer(settings.k, gold: $1.gold) },
                outOfScope: ranked.outOfScope.map { $0.answer(settings.k, gold: nil) },
                known: material.baselines.texts.exemplars.count,
                medianMs: times[ranked.retriever],
            )
        }
    }

    /// What the node answers without language model: vote and class evidence under the fitted policy.
    func retrieval(_ material: Material) async throws -> MethodResult {
        MethodResult(
            method: "retrieval",
            answers: Self.answers(material.test, k: settings.k, material.policy),
            outOfScope: Self.answers(material.outOfScope, k: settings.k, material.policy),
            refuses: true,
            known: material.baselines.texts.exemplars.count,
            medianMs: try await classifyTime(.off, material),
        )
    }

    static func answers(_ samples: [FitSample], k: Int, _ policy: RetrievalPolicy) -> [EvalAnswer] {
        samples.map { sample in
            let sample = sample.nearest(k)
            return EvalAnswer(sample.decision(under: policy), on: sample, under: policy)
        }
    }

    // MARK: Retrievers

    /// Table 2: how often the right intent is among the first k, and what they vote for.
    func retrievers(_ rankings: [Rankings]) -> [EvalTables.RetrieverFigures] {
        let gold = data.test.map(\.gold)
        return rankings.flatMap { ranked in
            let retrieved = ranked.test.map { $0.entries.map(\.intent) }
            return tables.neighbours.map { k in
                EvalTables.RetrieverFigures(
                    retriever: ranked.retriever,
                    k: k,
                    recall: Measure.recall(atK: k, gold: gold, retrieved: retrieved),
                    voteAccuracy: Measure.share(
                        zip(ranked.test, gold).map { $0.answer(k, gold: $1).isRight }
                    ),
                )
            }
        }
    }

    /// Figure 4: what each number of exemplars gives and costs.
    func neighbours(_ rankings: [Rankings], _ material: Material) async throws -> [EvalTables.NeighbourFigures] {
        let gold = data.test.map(\.gold)
        let encoder = rankings.first { $0.retriever == "encoder" }?.test ?? []
        var figures: [EvalTables.NeighbourFigures] = []
        for k in tables.neighbours {
            figures.append(
                EvalTables.NeighbourFigures(
                    k: k,
                    voteAccuracy: Measure.share(zip(encoder, gold).map { $0.answer(k, gold: $1).isRight }),
                    retrievalAccuracy: Measure.share(
                        Self.answers(material.test, k: k, material.policy).map(\.isRight)
                    ),
                    medianMs: try await retrievalTime(k, material),
                )
            )
        }
        return figures
    }
}

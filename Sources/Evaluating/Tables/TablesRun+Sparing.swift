internal import Core

// What settings that spare work, or add some, would change: tried on what was retrieved and scored already.
extension TablesRun {
    private static let belowShares = [0.5, 0.7, 0.9]
    private static let skipShares = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99]
    private static let leastShares = [0.001, 0.01, 0.02, 0.05, 0.1, 0.2]

    /// More exemplars where the vote's leader has less than a share.
    func widening(_ material: Material) -> [EvalTables.WideningFigures] {
        Self.widening(material.test, k: settings.k, material.policy, tables.neighbours)
    }

    /// - Parameters:
    ///   - samples: with as many neighbours as the greatest of `wider`.
    ///   - wider: those above `k` are tried.
    static func widening(
        _ samples: [FitSample],
        k: Int,
        _ policy: RetrievalPolicy,
        _ wider: [Int],
    ) -> [EvalTables.WideningFigures] {
        let usual = samples.map { $0.nearest(k) }
        let isRight = usual.map { $0.isRight($0.decision(under: policy)) }
        var figures: [EvalTables.WideningFigures] = []
        for wide in wider where wide > k {
            for share in belowShares {
                var tried = policy
                tried.k = k
                tried.widening = Widening(k: wide, belowShare: share)
                var widened = 0
                let isRightThen = samples.indices.map { place in
                    guard let more = tried.widerK(than: usual[place].input.neighbours) else { return isRight[place] }
                    widened += 1
                    let sample = samples[place].nearest(more)
                    return sample.isRight(sample.decision(under: policy))
                }
                figures.append(
                    EvalTables.WideningFigures(
                        k: wide,
                        belowShare: share,
                        widened: Double(widened) / Double(max(samples.count, 1)),
                        accuracy: Measure.share(isRightThen),
                        against: Measure.mcNemar(first: isRightThen, second: isRight)
                    )
                )
            }
        }
        return figures
    }

    /// When the language model is asked, and between how many: each share tried beside what was fitted.
    ///
    /// - Parameter samples: with the model's scores of the usual candidates, so that fewer can be tried. With fewer the
    ///   prompt would lose their exemplars too; here the scores stay.
    static func asking(
        _ samples: [FitSample],
        _ policy: RetrievalPolicy,
        _ llm: LLMPolicy,
    ) -> [EvalTables.AskingFigures] {
        let fitted = asked(samples, policy, llm)
        var trials: [(setting: String, value: Double, llm: LLMPolicy)] = [("fitted", llm.skipShare, llm)]
        for share in skipShares {
            var tried = llm
            tried.skipShare = share
            trials.append(("skip_share", share, tried))
        }
        for share in leastShares {
            var tried = llm
            tried.leastShare = share
            trials.append(("least_share", share, tried))
        }
        return trials.map { trial in
            let tried = asked(samples, policy, trial.llm)
            return EvalTables.AskingFigures(
                setting: trial.setting,
                value: trial.value,
                asked: Double(tried.asked) / Double(max(samples.count, 1)),
                candidates: tried.asked > 0 ? Double(tried.candidates) / Double(tried.asked) : nil,
                accuracy: Measure.share(tried.isRight),
                against: Measure.mcNemar(first: tried.isRight, second: fitted.isRight)
            )
        }
    }

    /// Which are right in the mode AUTO, how many were asked about, and how many candidates these had together.
    private static func asked(
        _ samples: [FitSample],
        _ policy: RetrievalPolicy,
        _ llm: LLMPolicy,
    ) -> (isRight: [Bool], asked: Int, candidates: Int) {
        var (asked, candidates) = (0, 0)
        let isRight = samples.map { sample in
            let decision = sample.decision(under: policy)
            guard sample.isScored, decision.asksLLM(.auto, llm) else { return sample.isRight(decision) }
            let contenders = decision.contenders(under: llm)
            asked += 1
            candidates += contenders.count
            let heard = sample.hearing(contenders)
            return heard.isRight(heard.decision(under: policy, llm: llm))
        }
        return (isRight, asked, candidates)
    }
}

/// A fit whose features are found among those of a cluster.
struct FeatureFit {
    private let fit: LogisticFit
    /// Among `JudgeFeature.allCases`; nil: the scorer's figure.
    private let places: [Int?]

    init(_ fit: LogisticFit) {
        self.fit = fit
        places = fit.features.map { name in JudgeFeature.allCases.firstIndex { $0.rawValue == name } }
    }

    /// The calibrated logit of a cluster.
    ///
    /// - Parameters:
    ///   - features: in the order of `JudgeFeature.allCases`.
    ///   - ownShare: the scorer's figure, for a fit that has it.
    func logit(_ features: [Double], ownShare: Double = 0) -> Double {
        fit.logit(places.map { place in place.map { features[$0] } ?? ownShare })
    }
}

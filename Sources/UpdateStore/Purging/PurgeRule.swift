package import Core

/// Tells of an exemplar or a word of feedback whether it is to be erased.
package struct PurgeRule: Sendable {
    /// Where exemplars are named by ids and by nothing else.
    let exemplars: Set<ExemplarID>?
    private let test: @Sendable (ExemplarID, _ origin: [UInt8], Vertical) -> Bool

    package init(_ selection: PurgeSelection) {
        switch selection {
        case .exemplars(let ids):
            let wanted = Set(ids)
            exemplars = wanted
            test = { id, _, _ in wanted.contains(id) }
        case .origin(let wanted, let vertical):
            exemplars = nil
            test = { _, origin, place in origin == wanted && (vertical == nil || vertical == place) }
        case .vertical(let wanted):
            exemplars = nil
            test = { _, _, vertical in vertical == wanted }
        }
    }

    init(_ test: @escaping @Sendable (ExemplarID, _ origin: [UInt8], Vertical) -> Bool) {
        exemplars = nil
        self.test = test
    }

    /// The same, and these exemplars too: their texts may stand in feedback of another origin.
    package func adding(_ ids: Set<ExemplarID>) -> PurgeRule {
        let (test, own) = (self.test, exemplars)
        if let own, own.isSuperset(of: ids) { return self }
        return PurgeRule { id, origin, vertical in ids.contains(id) || test(id, origin, vertical) }
    }

    /// - Parameter origin: empty where the record does not say.
    func matches(_ exemplar: ExemplarID, origin: [UInt8], vertical: Vertical) -> Bool {
        test(exemplar, origin, vertical)
    }
}

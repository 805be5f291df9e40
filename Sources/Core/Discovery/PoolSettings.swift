/// What an operator decides about unexplained utterances.
package struct PoolSettings: Sendable, Hashable {
    /// Which answers explain nothing.
    package var rule = PoolRule()
    /// What is masked before anything is kept.
    package var masks = MaskRules()
    package var limits = PoolLimits()

    package init() {}
}

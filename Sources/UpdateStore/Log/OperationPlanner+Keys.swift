internal import Core

/// What a batch does to keys.
extension OperationPlanner {
    /// The rules of `KeyRegister` hold for the whole batch: one that breaks them is refused, not half of it done.
    mutating func run(_ command: KeyCommand) throws(SwitchboardError) {
        guard let fact = try state.keys.fact(for: command) else {
            plan.receipt.unchanged += 1
            return
        }
        let sequence = record(.keySet(fact))
        if let old = state.keys.apply(fact) { state.digest.remove(StateDigest.term(key: old)) }
        state.digest.add(StateDigest.term(key: fact))
        plan.keys.append((fact, sequence))
    }
}

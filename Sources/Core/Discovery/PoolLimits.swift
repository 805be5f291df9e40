/// How much a pool of unexplained utterances holds, and for how long.
package struct PoolLimits: Sendable, Hashable {
    /// Different utterances of one pool.
    package var utterances = 200_000
    /// Of one pool: texts, calls, vectors.
    package var bytes = 512 << 20
    /// Calls of one utterance that are told apart; those beyond are counted alone.
    package var callsPerUtterance = 1_000
    /// Pools of files beside the live one; the one that was filled longest ago makes room.
    package var namedPools = 8
    /// Since it was said, or came in a file.
    package var retention = Duration.seconds(90 * 24 * 3_600)

    package init() {}

    /// - Throws: `.invalidArgument` for a limit that nothing fits into.
    package func validate() throws(SwitchboardError) {
        guard utterances > 0, bytes > 0, callsPerUtterance > 0, namedPools > 0 else {
            throw .invalid("a pool holds 1 utterance, 1 byte, 1 call of each, 1 file or more")
        }
        guard retention > .zero, retention <= .seconds(100 * 366 * 24 * 3_600) else {
            throw .invalid("utterances are kept for a time greater than 0 and at most 100 years")
        }
    }
}

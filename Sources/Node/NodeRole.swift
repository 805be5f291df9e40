/// What a node does; one that is not told does all of it.
package enum NodeRole: String, Sendable, Hashable, CaseIterable {
    /// Answers routers, passes work to workers.
    case gateway
    /// Encodes and searches a replica of the index.
    case retriever
    /// Runs the language model.
    case scorer
    /// Writes the log.
    case updater
    /// Keeps what nobody could explain, discovers intents in it, and keeps proposals until a person has decided.
    case clusterer
}

package import Node

/// What benchmarks work with, and whether they measure at all or only show that they work.
package struct BenchSettings: Sendable {
    /// A moment each and small sizes: the figures mean nothing then.
    package var isQuick: Bool
    package var models: ModelPaths
    /// What is made once and kept for the next time lies here, in `bench/`.
    package var cachePath: String
    /// Of nodes, and of the encoder by itself where it is compared with one.
    package var computeThreads: Int
    /// Of a benchmark's own node, as in `NodeConfiguration`.
    package var languageBatchTokens: Int?
    /// The `switchboard` command: what is measured in a process of its own is started with it.
    package var executable: String
    /// Of noise, samples and arrivals.
    package var seed: UInt64
    /// Told what is being done.
    package var tell: @Sendable (String) -> Void

    package init(
        isQuick: Bool,
        models: ModelPaths,
        cachePath: String,
        computeThreads: Int,
        languageBatchTokens: Int? = nil,
        executable: String = "/proc/self/exe",
        seed: UInt64 = 1,
        tell: @escaping @Sendable (String) -> Void = { _ in },
    ) {
        self.isQuick = isQuick
        self.models = models
        self.cachePath = cachePath
        self.computeThreads = computeThreads
        self.languageBatchTokens = languageBatchTokens
        self.executable = executable
        self.seed = seed
        self.tell = tell
    }

    func choose<Value>(_ full: Value, quick: Value) -> Value { isQuick ? quick : full }
}

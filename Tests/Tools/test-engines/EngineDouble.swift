internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A model server for tests: real HTTP on 127.0.0.1, toy models, and whatever can be wrong with a server.
///
/// To be stopped.
package final class EngineDouble: Sendable {
    /// What it does with a request.
    package enum Behaviour: Sendable, Equatable {
        case answers
        /// Takes the request and never answers.
        case isSilent
        /// Closes the connection in place of an answer.
        case hangsUp
        case refuses(Int, retryAfter: String? = nil)
        /// Sends this status and never what it says of it.
        case refusesAndHangs(Int)
        /// 200, and these words as the body.
        case says(String)
        /// Figures that belong to the token after.
        case isShifted
        /// One completion or vector less than asked for.
        case leavesOneOut
    }

    /// What it serves, and how its tokenizer is.
    package struct Settings: Sendable {
        package var models = ["toy"]
        package var dimension = 16
        /// That its models read, as vLLM tells; nil: it does not tell.
        package var maximumTokens: Int?
        /// Several prompts in one request.
        package var takesSeveral = true
        /// Tokens lose the space before them, as SentencePiece's do where each is read by itself.
        package var losesSpaces = false
        /// Nil: whoever asks.
        package var key: String?
        /// A request that has it in its body is refused with status 400; nil: none is.
        package var refusedWord: String?

        package init() {}
    }

    package struct Seen: Sendable {
        package let path: String
        package let body: String
    }

    struct State: Sendable {
        var settings: Settings
        var behaviour = Behaviour.answers
        var next: [Behaviour] = []
        var seen: [Seen] = []
    }

    let state: Mutex<State>
    private let listener = Mutex<(any Channel)?>(nil)

    private init(_ settings: Settings) {
        state = Mutex(State(settings: settings))
    }

    /// Starts one on a port that the system picks.
    package static func start(_ settings: Settings = Settings()) async throws -> EngineDouble {
        let double = EngineDouble(settings)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(EngineDoubleHandler(double))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        double.listener.withLock { $0 = channel }
        return double
    }

    /// No connection is taken any more; those that there are stay.
    package func stop() async {
        let channel = listener.withLock { $0 }
        try? await channel?.close().get()
    }

    /// Such as `http://127.0.0.1:1234`.
    package var url: String { "http://127.0.0.1:\(listener.withLock { $0?.localAddress?.port } ?? 0)" }

    /// From now on, for each request.
    package func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

    /// For the next requests, one after the other; after them as before.
    package func next(_ behaviours: Behaviour...) { state.withLock { $0.next += behaviours } }

    package func change(_ body: @Sendable (inout Settings) -> Void) { state.withLock { body(&$0.settings) } }

    /// The requests so far, oldest first.
    package var seen: [Seen] { state.withLock { $0.seen } }

    package func count(of path: String) -> Int { seen.count { $0.path == path } }
}

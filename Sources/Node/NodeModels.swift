internal import Core
internal import Glibc
internal import Logging
internal import Models

/// The models of a node, loaded once and shared by its compute threads.
struct NodeModels {
    let encoder: EncoderModel
    /// Nil where the node has no scorer's role or no language model is there.
    let scorer: ScorerModel?

    /// - Throws: where the encoder, or a scorer that was named, cannot be loaded: with the command that installs it.
    init(_ paths: ModelPaths, roles: Set<NodeRole>, logger: Logger) throws(SwitchboardError) {
        let backend = Self.makeBackend(logger)
        guard let encoderPath = paths.encoder else {
            throw .invalid("no encoder is named; deploy/setup installs one")
        }
        encoder = try EncoderModel(path: encoderPath, backend: backend)
        guard roles.contains(.scorer), let scorerPath = paths.scorer else {
            scorer = nil
            return
        }
        scorer = try ScorerModel(path: scorerPath, adapterPath: paths.adapter, backend: backend)
    }

    static func makeBackend(_ logger: Logger) -> LlamaBackend {
        LlamaBackend { level, line in
            if level == .error || level == .warning {
                logger.debug("llama.cpp", metadata: ["line": "\(line)"])
            }
        }
    }
}

extension ModelPaths {
    /// What deploy/setup puts into the cache: the encoder always, the scorer where it is there.
    ///
    /// - Parameter cache: `$SWITCHBOARD_CACHE` or its default.
    package static func installed(in cache: String) -> ModelPaths {
        let scorer = cache + "/models/SmolLM2-135M-Instruct.Q8_0.gguf"
        return ModelPaths(
            encoder: cache + "/models/all-MiniLM-L6-v2.Q8_0.gguf",
            scorer: access(scorer, R_OK) == 0 ? scorer : nil,
        )
    }

    /// `$SWITCHBOARD_CACHE`, else `$XDG_CACHE_HOME/switchboard`, else `~/.cache/switchboard`.
    package static func cache(environment: [String: String]) -> String {
        if let cache = environment["SWITCHBOARD_CACHE"], !cache.isEmpty { return cache }
        if let base = environment["XDG_CACHE_HOME"], !base.isEmpty { return base + "/switchboard" }
        return (environment["HOME"] ?? "") + "/.cache/switchboard"
    }
}

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
        let backend = LlamaBackend { level, line in
            if level == .error || level == .warning {
                logger.debug("llama.cpp", metadata: ["line": "\(line)"])
            }
        }
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
}

extension ModelPaths {
    /// What deploy/setup puts into the cache: the encoder always; scorer, adapter and policy where they are there.
    ///
    /// - Parameter cache: `$SWITCHBOARD_CACHE` or its default.
    package static func installed(in cache: String) -> ModelPaths {
        func present(_ name: String) -> String? {
            let path = "\(cache)/models/\(name)"
            return access(path, R_OK) == 0 ? path : nil
        }
        let scorer = present("SmolLM2-135M-Instruct.Q8_0.gguf")
        return ModelPaths(
            encoder: present("switchboard-encoder.gguf") ?? "\(cache)/models/all-MiniLM-L6-v2.Q8_0.gguf",
            scorer: scorer,
            adapter: scorer == nil ? nil : present("switchboard-scorer.gguf"),
            policy: present("switchboard-policy.json"),
        )
    }

    /// These files with what a user names instead; "none" leaves scorer or adapter out.
    ///
    /// A scorer that is named comes without the installed adapter, which is another model's.
    package func replacing(encoder: String?, scorer: String?, adapter: String?) -> ModelPaths {
        var paths = self
        if let encoder { paths.encoder = encoder }
        if let scorer {
            paths.scorer = scorer == "none" ? nil : scorer
            paths.adapter = nil
        }
        if let adapter { paths.adapter = adapter == "none" ? nil : adapter }
        return paths
    }

    /// `$SWITCHBOARD_CACHE`, else `$XDG_CACHE_HOME/switchboard`, else `~/.cache/switchboard`.
    package static func cache(environment: [String: String]) -> String {
        if let cache = environment["SWITCHBOARD_CACHE"], !cache.isEmpty { return cache }
        if let base = environment["XDG_CACHE_HOME"], !base.isEmpty { return base + "/switchboard" }
        return (environment["HOME"] ?? "") + "/.cache/switchboard"
    }
}

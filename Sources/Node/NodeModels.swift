internal import Core
internal import Glibc
internal import Logging
internal import Models
internal import RemoteEngines

/// The models of a node: those in its process, loaded once and shared by its compute threads, and those on servers
/// elsewhere.
struct NodeModels {
    /// Where the node has a retriever's role and its encoder is a file, or words by themselves.
    private(set) var encoder: (any TextEncoding)?
    /// Where the node has a scorer's role and its language model is a file.
    private(set) var scorer: ScorerModel?
    /// Instead of `encoder`; to be connected, and to be closed.
    private(set) var remoteEncoder: RemoteEncoder?
    /// Instead of `scorer`; to be closed.
    private(set) var remoteScorer: RemoteScorer?
    /// Why there is no `scorer` though files for one are there; nil: there is one, or none was asked for.
    private(set) var scorerFault: String?

    /// - Parameter goesOnWithoutScorer: as in `NodeConfiguration`.
    /// - Throws: where the encoder, or a scorer that was named, cannot be loaded: with the command that installs it. Where
    ///   there is none for a node that is to be nothing but a scorer.
    init(
        _ paths: ModelPaths,
        roles: Set<NodeRole>,
        goesOnWithoutScorer: Bool,
        logger: Logger,
    ) throws(SwitchboardError) {
        let backend = Self.makeBackend(logger)
        if roles.contains(.retriever), paths.encoder == nil {
            throw .invalid("no encoder is named; deploy/setup installs one")
        }
        if roles == [.scorer], paths.scorer == nil {
            throw .invalid(
                "a node with the role scorer alone needs a language model: name one with --scorer FILE or --scorer openai:URL; "
                    + "deploy/setup installs one"
            )
        }
        let encoderPath = roles.contains(.retriever) ? paths.encoder : nil
        let scorerPath = roles.contains(.scorer) ? paths.scorer : nil
        let encoderAddress = try EngineAddress.named(encoderPath)
        let scorerAddress = try EngineAddress.named(scorerPath)
        if let encoderPath, encoderAddress == nil {
            if encoderPath == WordEncoder.name {
                encoder = WordEncoder()
            } else {
                encoder = try EncoderModel(path: encoderPath, backend: backend)
            }
        }
        if let scorerPath, scorerAddress == nil {
            do throws(SwitchboardError) {
                scorer = try ScorerModel(
                    path: scorerPath,
                    adapterPath: paths.adapter,
                    namerPath: paths.namer,
                    backend: backend
                )
            } catch {
                // A name of what is not there is a slip, which whoever wrote it is told at once. A scorer by itself would be
                // of no use.
                let files = [scorerPath, paths.adapter, paths.namer].compactMap(\.self)
                guard goesOnWithoutScorer, roles != [.scorer], files.allSatisfy({ access($0, F_OK) == 0 }) else {
                    throw error
                }
                scorerFault = error.message
                logger.error(
                    "the language model cannot be used; answers come from retrieval alone",
                    metadata: ["reason": "\(error.message)"]
                )
            }
        }
        // Last, when nothing throws any more: they have to be closed.
        remoteEncoder = encoderAddress.map { RemoteEncoder($0, key: paths.engineKey, logger: logger) }
        remoteScorer = scorerAddress.map { RemoteScorer($0, key: paths.engineKey, logger: logger) }
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
            namer: scorer == nil ? nil : present("switchboard-namer.gguf"),
            policy: present("switchboard-policy.json"),
        )
    }

    /// These files with what a user names instead; "none" leaves scorer, adapter or namer out.
    ///
    /// A scorer that is named comes without the installed adapters, which are another model's.
    package func replacing(
        encoder: String?,
        scorer: String?,
        adapter: String?,
        namer: String? = nil,
    ) -> ModelPaths {
        var paths = self
        if let encoder { paths.encoder = encoder }
        if let scorer {
            paths.scorer = scorer == "none" ? nil : scorer
            paths.adapter = nil
            paths.namer = nil
        }
        if let adapter { paths.adapter = adapter == "none" ? nil : adapter }
        if let namer { paths.namer = namer == "none" ? nil : namer }
        return paths
    }

    /// `$SWITCHBOARD_CACHE`, else `$XDG_CACHE_HOME/switchboard`, else `~/.cache/switchboard`.
    package static func cache(environment: [String: String]) -> String {
        CacheFolder.path(environment: environment)
    }
}

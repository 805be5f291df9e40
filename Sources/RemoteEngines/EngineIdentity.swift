internal import Core

/// How a remote model is named in the log and in policies.
///
/// A server's files are out of sight, so the id follows from what does not hang on where it runs: what it is used for, its
/// name as the server lists it, and of an encoder the width of its vectors. Whoever serves other weights gives them
/// another name.
enum EngineIdentity {
    static func encoder(_ model: String, dimension: Int) -> ModelID {
        id(["embeddings", model, String(dimension)])
    }

    static func scorer(_ model: String) -> ModelID { id(["completions", model]) }

    private static func id(_ parts: [String]) -> ModelID {
        var hash = Hash256()
        hash.update("switchboard remote engine 1\n".utf8)
        for part in parts {
            hash.update(part.utf8)
            hash.update(CollectionOfOne(0))
        }
        return ModelID(bytes: hash.digest())!  // A SHA-256 has the 32 bytes that a model id has.
    }
}

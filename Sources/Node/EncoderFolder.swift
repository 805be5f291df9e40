internal import Core
internal import Foundation
internal import Glibc
internal import Logging
internal import Models

/// The encoders' files that a data directory keeps: models/ID.gguf, ID an encoder's 64 hexadecimal digits, so that a
/// node that starts again finds what its index was made with.
///
/// Reading, copying and loading block, on a thread of its own. It keeps nothing loaded and takes no file away.
actor EncoderFolder {
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Of the data directory; nil: there is none, so that nothing is found.
    private let data: String?
    private let executor: ThreadExecutor
    private let logger: Logger
    // Made when it is needed: most nodes load what they are told to at their start, and nothing here.
    private lazy var backend = NodeModels.makeBackend(logger)

    init(data: String?, executor: ThreadExecutor, logger: Logger) {
        self.data = data
        self.executor = executor
        self.logger = logger
    }

    /// Where the file of an encoder is, in a data directory.
    static func path(of encoder: ModelID, in data: String) -> String { "\(data)/models/\(encoder).gguf" }

    /// - Throws: `.failedPrecondition` where there is no such file, or it cannot be used or holds another encoder.
    func load(_ id: ModelID) throws(SwitchboardError) -> EncoderModel {
        guard let data else {
            throw SwitchboardError(
                .failedPrecondition,
                "encoder \(id.short) is not loaded, and this node has no data directory to look for its file in (--data)"
            )
        }
        let path = Self.path(of: id, in: data)
        let model = try EncoderModel(path: path, kind: .ownEncoder, backend: backend)
        guard model.id == id else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(path) holds another encoder, \(model.id.short); replace the file"
            )
        }
        return model
    }

    /// Takes a copy of an encoder's file, whole and on disk when this returns. Does nothing more where it is there.
    ///
    /// - Throws: `.failedPrecondition` where the file is no encoder that can be used, or cannot be copied.
    func install(_ file: String) throws(SwitchboardError) -> ModelID {
        guard let data else {
            throw SwitchboardError(.failedPrecondition, "this node has no data directory to keep an encoder's file in")
        }
        // Opening a pipe or a device might never return.
        let kind =
            try? FileManager.default.attributesOfItem(
                atPath: (file as NSString).resolvingSymlinksInPath
            )[.type] as? FileAttributeType
        guard kind == nil || kind == .typeRegular else {
            throw SwitchboardError(.failedPrecondition, "\(file) is no ordinary file; name a GGUF file")
        }
        let id = try EncoderModel(path: file, kind: .ownEncoder, backend: backend).id
        let place = Self.path(of: id, in: data)
        if let kept = try? ModelFile(path: place, kind: .encoder), EncoderModel.id(of: kept) == id { return id }
        let part = place + ".part"
        do {
            try? FileManager.default.removeItem(atPath: part)
            try FileManager.default.copyItem(atPath: (file as NSString).resolvingSymlinksInPath, toPath: part)
            let handle = try FileHandle(forUpdating: URL(filePath: part))
            try handle.synchronize()
            try handle.close()
            guard EncoderModel.id(of: try ModelFile(path: part, kind: .ownEncoder)) == id else {
                throw SwitchboardError(.failedPrecondition, "\(file) was changed while it was copied; start again")
            }
            try Self.check(rename(part, place), "rename")
            // The entry itself has to survive a power cut too.
            let folder = open("\(data)/models", O_RDONLY | O_CLOEXEC)
            try Self.check(folder, "open")
            defer { close(folder) }
            try Self.check(fsync(folder), "fsync")
            return id
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error as? SwitchboardError
                ?? SwitchboardError(
                    .failedPrecondition,
                    "\(file) could not be copied to \(place): \(error.localizedDescription)",
                    cause: error
                )
        }
    }

    private static func check(_ result: Int32, _ call: String) throws(SwitchboardError) {
        guard result < 0 else { return }
        throw SwitchboardError(
            .failedPrecondition,
            "the encoder's file cannot be kept in the data directory: \(call): \(String(cString: strerror(errno)))"
        )
    }
}

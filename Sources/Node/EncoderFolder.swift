internal import Core
internal import Foundation
internal import Glibc
internal import Logging
internal import Models
internal import UpdateStore

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
        guard access(path, F_OK) == 0 else {
            throw SwitchboardError(
                .failedPrecondition,
                "a retriever has no file of encoder \(id.short); put it there as \(path)"
            )
        }
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
    /// To be called by the one who holds the data directory's lock.
    ///
    /// - Parameter dimensions: of the index's vectors; nil: it has none.
    /// - Throws: `.failedPrecondition` where the file is no encoder that can be used, has vectors of another length, or
    ///   cannot be copied; `.resourceExhausted` where the disk has no room for it.
    func install(_ file: String, dimensions: Int?) throws(SwitchboardError) -> ModelID {
        guard let data else {
            throw SwitchboardError(.failedPrecondition, "this node has no data directory to keep an encoder's file in")
        }
        let source = try ModelFile(path: file, kind: .ownEncoder)
        let model = try EncoderModel(path: file, kind: .ownEncoder, backend: backend)
        let id = model.id
        guard model.dimension == dimensions ?? model.dimension else {
            throw Self.otherLength(of: id, model.dimension, instead: dimensions ?? 0)
        }
        let place = Self.path(of: id, in: data)
        if let kept = try? ModelFile(path: place, kind: .encoder), EncoderModel.id(of: kept) == id { return id }
        try copy(source, id, to: place, in: "\(data)/models")
        return id
    }

    static func otherLength(of encoder: ModelID, _ count: Int, instead held: Int) -> SwitchboardError {
        SwitchboardError(
            .failedPrecondition,
            "encoder \(encoder.short) makes vectors of \(count) figures, this index holds \(held); only an encoder of as "
                + "many can take the place of the one that serves"
        )
    }

    private func copy(
        _ source: ModelFile,
        _ id: ModelID,
        to place: String,
        in folder: String,
    ) throws(SwitchboardError) {
        Self.removeParts(in: folder)
        let free = try DataDirectory.freeBytes(at: folder)
        let needed = UInt64(source.byteCount) + DataDirectory.minimumFreeBytes
        guard free >= needed else {
            throw SwitchboardError(
                .resourceExhausted,
                "the disk of \(folder) has \(free >> 20) MiB free; \(needed >> 20) MiB are needed for a copy of the "
                    + "encoder's file and what is written meanwhile. Free some space"
            )
        }
        let part = place + Self.partSuffix
        do {
            try FileManager.default.copyItem(
                atPath: (source.path as NSString).resolvingSymlinksInPath,
                toPath: part
            )
            try Self.synchronize(part)
            guard EncoderModel.id(of: try ModelFile(path: part, kind: .ownEncoder)) == id else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "\(source.path) was changed while it was copied; start again"
                )
            }
            try Self.check(rename(part, place), "rename")
            // The entry itself has to survive a power cut too.
            try Self.synchronize(folder)
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error as? SwitchboardError
                ?? SwitchboardError(
                    .failedPrecondition,
                    "\(source.path) could not be copied to \(place): \(error.localizedDescription)",
                    cause: error
                )
        }
    }

    private static let partSuffix = ".part"

    /// What a node that was killed had copied so far.
    private static func removeParts(in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasSuffix(".gguf" + partSuffix) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// Of a file or a folder. Read only is enough, and all that a copy of a file that is read only allows.
    private static func synchronize(_ path: String) throws(SwitchboardError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        try check(descriptor, "open")
        defer { close(descriptor) }
        try check(fsync(descriptor), "fsync")
    }

    private static func check(_ result: Int32, _ call: String) throws(SwitchboardError) {
        guard result < 0 else { return }
        throw SwitchboardError(
            .failedPrecondition,
            "the encoder's file cannot be kept in the data directory: \(call): \(String(cString: strerror(errno)))"
        )
    }
}

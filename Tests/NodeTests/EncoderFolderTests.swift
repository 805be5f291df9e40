import Core
import Foundation
import Models
import Testing

@testable import Node

/// Files of encoders that come into a data directory.
@Suite(.timeLimit(.minutes(2))) struct EncoderFolderTests {
    private static let file =
        ModelPaths.cache(environment: ProcessInfo.processInfo.environment) + "/models/all-MiniLM-L6-v2.F16.gguf"

    private static func withFolder(_ body: (EncoderFolder, _ models: URL) async throws -> Void) async throws {
        let data = NodeFixture.makeFolder()
        let models = data.appending(path: "models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: data) }
        let executor = ThreadExecutor(name: "test-models")
        let folder = EncoderFolder(data: data.path, executor: executor, logger: NodeFixture.logger)
        try await body(folder, models)
        executor.stop()
    }

    private static func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    @Test func anEncoderWithVectorsOfAnotherLengthIsNotCopied() async throws {
        try await Self.withFolder { folder, models in
            let error = await #expect(throws: SwitchboardError.self) {
                _ = try await folder.install(Self.file, dimensions: 8)
            }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains("this index holds 8") == true)
            let names = try Self.names(in: models)
            #expect(names.isEmpty)
        }
    }

    @Test func whatAKilledNodeHadCopiedGoesAndAReadOnlyFileIsTaken() async throws {
        try await Self.withFolder { folder, models in
            try Data("half".utf8).write(to: models.appending(path: "some.gguf.part"))
            let source = models.deletingLastPathComponent().appending(path: "source.gguf")
            try FileManager.default.copyItem(atPath: Self.file, toPath: source.path)
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: source.path)
            let id = try await folder.install(source.path, dimensions: nil)
            #expect(try Self.names(in: models) == ["\(id).gguf"])
            #expect(try await folder.install(source.path, dimensions: 384) == id)
            #expect(try await folder.load(id).id == id)
        }
    }
}

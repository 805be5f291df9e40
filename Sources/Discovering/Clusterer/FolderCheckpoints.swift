internal import Core
internal import Foundation
package import Logging
internal import UpdateStore

/// Keeps a run's stages in its folder, each written whole or not at all.
///
/// One that is damaged counts as lost, which is said. A run that leaves a new one gets on, so that ends of the process
/// before it do not count against it. Blocks for the disk, so that it is used on a run's own thread.
package struct FolderCheckpoints: RunCheckpoints {
    private let run: RunFolder
    private let folder: String
    private let logger: Logger

    package init(_ folder: RunFolder, logger: Logger) {
        run = folder
        self.folder = "\(folder.path)/stages"
        self.logger = logger
    }

    package func load(_ stage: String) async throws -> [UInt8]? {
        let path = try place(of: stage)
        do {
            return try CheckedFile.read(path)
        } catch {
            logger.warning("a stage of a run is worked out again", metadata: ["reason": "\(error)"])
            try? FileManager.default.removeItem(atPath: path)
            return nil
        }
    }

    package func save(_ stage: String, _ bytes: [UInt8]) async throws {
        let path = try place(of: stage)
        // Before it: who is ended in between has it neither counted nor saved, and saves it the next time.
        if !FileManager.default.fileExists(atPath: path) { run.forgetAttempts() }
        try CheckedFile.write(bytes, to: path)
    }

    private func place(of stage: String) throws -> String {
        let isName = stage.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isName, (1...80).contains(stage.utf8.count) else {
            throw SwitchboardError.invalid("a stage is named by 1 to 80 characters of a-z, 0-9 and '-'")
        }
        return "\(folder)/\(stage)"
    }
}

import Foundation
import Models
import Synchronization

/// The real models that deploy/setup puts into the cache. A test that needs one fails without it and says so.
enum TestModels {
    static let cache: URL = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["SWITCHBOARD_CACHE"] { return URL(fileURLWithPath: path) }
        let home =
            environment["XDG_CACHE_HOME"].map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
        return home.appendingPathComponent("switchboard")
    }()

    static func path(_ name: String) -> String {
        cache.appendingPathComponent("models").appendingPathComponent(name).path
    }

    static let encoder = path("all-MiniLM-L6-v2.Q8_0.gguf")
    static let encoderF16 = path("all-MiniLM-L6-v2.F16.gguf")
    static let scorer = path("SmolLM2-135M-Instruct.Q8_0.gguf")
    static let scorerF16 = path("SmolLM2-135M-Instruct.F16.gguf")

    /// One for the whole test process: llama.cpp keeps one log destination.
    static let backend = LlamaBackend()

    /// A folder of its own for a test's files, removed when it goes.
    final class Folder {
        let url: URL

        init() throws {
            url = FileManager.default.temporaryDirectory.appendingPathComponent("models-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        func write(_ bytes: [UInt8], to name: String) throws -> String {
            let file = url.appendingPathComponent(name)
            try Data(bytes).write(to: file)
            return file.path
        }

        deinit {
            try? FileManager.default.removeItem(at: url)
        }
    }
}

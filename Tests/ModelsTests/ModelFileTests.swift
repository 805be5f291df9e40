import Core
import Foundation
import Testing

@testable import Models

@Suite(.timeLimit(.minutes(1))) struct ModelFileTests {
    @Test func whatIsNoOrdinaryFileIsNeitherWaitedForNorRead() throws {
        let pipe = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString).gguf").path
        #expect(mkfifo(pipe, 0o600) == 0)
        defer { try? FileManager.default.removeItem(atPath: pipe) }
        for path in [pipe, "/dev/zero", "/"] {
            let error = #expect(throws: SwitchboardError.self) { _ = try ModelFile(path: path, kind: .ownEncoder) }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains("no ordinary file") == true, "\(path)")
        }
    }
}

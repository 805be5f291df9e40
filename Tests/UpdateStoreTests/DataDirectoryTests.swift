import Core
import Foundation
import Testing

@testable import UpdateStore

@Suite struct DataDirectoryTests {
    @Test func makesItsFoldersForItsOwnerAlone() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a/b"
        let directory = try DataDirectory(path + "/")
        for name in ["", "/runs", "/keys", "/models", "/segments", "/snapshots"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
            #expect(attributes[.type] as? FileAttributeType == .typeDirectory)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
        }
        #expect(directory.logPath == path + "/log.sqlite")
        #expect(try DataDirectory.freeBytes(at: directory.path) > 0)
    }

    @Test func refusesASecondNodeAndNamesTheFirst() throws {
        let folder = try TemporaryFolder()
        let first = try DataDirectory(folder.path)
        do {
            _ = try DataDirectory(folder.path)
            Issue.record("a second one was let in")
        } catch {
            #expect(error.code == .failedPrecondition)
            #expect(error.message.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
        }
        withExtendedLifetime(first) {}
    }

    @Test func givesTheLockBack() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<3 { _ = try DataDirectory(folder.path) }
    }

    @Test func refusesAFullDisk() throws {
        let folder = try TemporaryFolder()
        #expect { try DataDirectory(folder.path, minimumFreeBytes: .max) } throws: {
            ($0 as? SwitchboardError)?.code == .resourceExhausted
        }
    }

    @Test func refusesAPathThatIsNoFolder() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        for wrong in [path, path + "/below"] {
            let error = #expect(throws: SwitchboardError.self) { _ = try DataDirectory(wrong) }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains("is a file") == true)
        }
    }

    @Test func aFolderOfSomebodyElseIsNotTakenForADataDirectory() throws {
        let folder = try TemporaryFolder()
        try DataDirectory.requireOwnOrEmpty(folder.path + "/absent")
        try DataDirectory.requireOwnOrEmpty(folder.path)
        func make(_ name: String) {
            #expect(FileManager.default.createFile(atPath: "\(folder.path)/\(name)", contents: nil))
        }
        _ = try DataDirectory(folder.path)
        let own = [".bash_history", "adapter.gguf", "pool.sqlite-wal", "audit.jsonl.1", "keys/node.key"]
        for name in own { make(name) }
        try DataDirectory.requireOwnOrEmpty(folder.path)
        make("thesis.tex")
        let error = #expect(throws: SwitchboardError.self) { try DataDirectory.requireOwnOrEmpty(folder.path) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("thesis.tex") == true)
        make("log.sqlite")
        try DataDirectory.requireOwnOrEmpty(folder.path)
    }
}

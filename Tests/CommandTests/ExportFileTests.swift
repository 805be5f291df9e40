import ArgumentParser
import Foundation
import Testing

@testable import switchboard

/// A file that is named as a place for something is lost only to what is whole.
@Suite(.timeLimit(.minutes(1))) struct ExportFileTests {
    private let scratch: Scratch
    private let path: String

    init() throws {
        scratch = try Scratch()
        path = try scratch.write("before", to: "out")
    }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
    }

    @Test func whatIsThereStaysUntilAllIsWritten() throws {
        let file = try ExportFile(path)
        try file.write("after")
        #expect(try text() == "before")
        try file.keep()
        #expect(try text() == "after")
        #expect(file.bytes == 5)
        #expect(try names() == ["out"])
    }

    @Test func whatFailsLeavesWhatWasThereAndNothingBesides() async throws {
        await #expect(throws: CommandFailure.self) {
            try await ExportFile.writing(path) { file in
                try file.write("half")
                throw CommandFailure("broken")
            }
        }
        #expect(try text() == "before")
        #expect(try names() == ["out"])
    }

    @Test func aTrainingSetOfAFileThatIsNotThereLeavesWhatWasThere() async throws {
        for trained in ["encoder", "namer", "scorer"] {
            let command = try TrainingSetCommand.parse(
                ["\(scratch.path)/none.csv", "--for", trained, "--out", path]
            )
            await #expect(throws: (any Error).self) { try await command.run() }
            #expect(try text() == "before")
        }
        #expect(try names() == ["out"])
    }

    @Test func aDeviceStaysADevice() throws {
        try ExportFile.write(Data("gone".utf8), to: "/dev/null")
        var status = stat()
        let result = stat("/dev/null", &status)
        #expect(result == 0)
        #expect(status.st_mode & S_IFMT == S_IFCHR)
    }

    @Test func aLinkStaysALink() throws {
        let link = scratch.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try ExportFile.write(Data("after".utf8), to: link)
        #expect(try text() == "after")
        // Not followed.
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        #expect(try names() == ["link", "out"])
    }
}

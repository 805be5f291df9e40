import Foundation
import Testing

@testable import Monitoring

struct ReadingTests {
    @Test func readsWhatTheKernelWrites() {
        let samples = ProcessSamples(
            status: "Name:\tVmRSS: 1 kB\nVmSize:\t  200000 kB\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\nThreads:\t7\n",
            // The command holds what a command can.
            stat: "42 (a) R b) S 1 42 42 0 -1 4194304 9 9 9 9 250 50 0 0 20 0 7 0 12345 204800000 512",
            limits: """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             unlimited            unlimited            processes
                Max open files            1024                 524288               files
                """,
            systemStat: "cpu  1 2 3\nbtime 1700000000\n",
            openDescriptors: 9,
            ticksPerSecond: 100,
        )
        #expect(samples.residentBytes == 2048 * 1024)
        #expect(samples.peakResidentBytes == 4096 * 1024)
        #expect(samples.virtualBytes == 200_000 * 1024)
        #expect(samples.threads == 7)
        #expect(samples.cpuSeconds == 3)
        #expect(samples.openDescriptors == 9)
        #expect(samples.maximumDescriptors == 1_024)
        #expect(samples.startTime == 1_700_000_123.45)
        #expect(samples.samples.count == 8)
    }

    @Test(arguments: ["", "garbage", "Max open files unlimited unlimited files", "1 (x", "1 (x) S 1", "VmRSS:\t-3 kB"])
    func leavesOutWhatIsNotSaid(text: String) {
        let samples = ProcessSamples(
            status: text,
            stat: text,
            limits: text,
            systemStat: text,
            openDescriptors: nil,
            ticksPerSecond: 100
        )
        #expect(samples.samples.isEmpty)
    }

    /// A 64 MiB block that is written to shows in the memory; a file that is opened shows in the descriptors.
    @Test func seesThisProcessGrow() throws {
        let size = 64 << 20
        let before = ProcessSamples.current()
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4_096)
        block.initializeMemory(as: UInt8.self, repeating: 1, count: size)
        let pipes = (0..<40).map { _ in Pipe() }
        let after = ProcessSamples.current()
        #expect(try #require(after.residentBytes) > #require(before.residentBytes) + UInt64(size / 2))
        #expect(try #require(after.peakResidentBytes) >= #require(after.residentBytes) - (1 << 20))
        #expect(try #require(after.openDescriptors) > #require(before.openDescriptors) + 40)
        #expect(try #require(after.cpuSeconds) >= #require(before.cpuSeconds))
        #expect(try #require(after.threads) >= 1)
        #expect(try #require(after.maximumDescriptors) > 0)
        let age = try Date().timeIntervalSince1970 - #require(after.startTime)
        #expect((-2...3_600).contains(age))
        withExtendedLifetime(pipes) {}
        block.deallocate()
    }

    @Test func addsUpFilesByStore() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "stores-\(UUID())")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "runs/first"),
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let megabyte = Data(repeating: 1, count: 1 << 20)
        for name in ["log.sqlite", "log.sqlite-wal", "runs/a", "runs/first/b", "runs/first/c"] {
            try megabyte.write(to: folder.appending(path: name))
        }
        // A link out of the folder is not followed, nor one that leads back into it.
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "linked"),
            withDestinationURL: URL(filePath: "/usr")
        )
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "runs/round"),
            withDestinationURL: folder
        )
        let sizes = StoreSizes(directory: folder.path())
        #expect(Set(sizes.bytes.keys) == ["log", "runs", "linked"])
        // The file system adds blocks of its own for folders and for its records.
        #expect((2 << 20...(2 << 20) + 65_536).contains(Int(try #require(sizes.bytes["log"]))))
        #expect((3 << 20...(3 << 20) + 65_536).contains(Int(try #require(sizes.bytes["runs"]))))
        #expect(try #require(sizes.bytes["linked"]) < 65_536)
        #expect(try #require(sizes.freeBytes) > 0)
    }

    @Test func saysNothingOfAFolderThatIsNotThere() {
        let sizes = StoreSizes(directory: "/nonexistent-\(UUID())")
        #expect(sizes.bytes.isEmpty)
        #expect(sizes.freeBytes == nil)
    }
}

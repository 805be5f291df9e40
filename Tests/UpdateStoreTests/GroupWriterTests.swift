import Core
import Foundation
import GRDB
import Synchronization
import Testing

@testable import UpdateStore

@Suite(.timeLimit(.minutes(1))) struct GroupWriterTests {
    private let folder: TemporaryFolder
    private let pool: DatabasePool

    init() throws {
        folder = try TemporaryFolder()
        pool = try DatabasePool(path: folder.path + "/test.sqlite")
    }

    /// Stops GRDB's writer queue inside a commit until it is opened.
    private final class Gate: Sendable {
        private let state = Mutex((isOpen: false, groups: 0))

        var groups: Int { state.withLock { $0.groups } }

        func open() { state.withLock { $0.isOpen = true } }

        func enter() {
            state.withLock { $0.groups += 1 }
            while !state.withLock({ $0.isOpen }) { sched_yield() }
        }

        /// Returns when a first item has been taken and stands in its commit.
        func waitUntilEntered() async {
            while groups == 0 { await Task.yield() }
        }
    }

    /// A writer that answers each item with the size of its group, and a negative one with an error.
    private func writer(_ gate: Gate, limits: GroupWriter<Int, Int>.Limits = .init()) -> GroupWriter<Int, Int> {
        GroupWriter(pool: pool, limits: limits) { items, _ in
            gate.enter()
            return items.map { $0 < 0 ? .failure(SwitchboardError.invalid("negative")) : .success(items.count) }
        }
    }

    private func wait(until count: Int, waitIn writer: GroupWriter<Int, Int>) async {
        while writer.waiting.items != count { await Task.yield() }
    }

    @Test func whatGathersWhileItWritesGoesTogether() async throws {
        let gate = Gate()
        let writer = writer(gate)
        let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await writer.write(0, bytes: 1) }
            await gate.waitUntilEntered()
            for item in 1...10 { group.addTask { try await writer.write(item, bytes: 1) } }
            await wait(until: 10, waitIn: writer)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sizes.sorted() == [1] + Array(repeating: 10, count: 10))
        #expect(gate.groups == 2)
    }

    @Test func groupsAreBoundedByCountAndBytes() async throws {
        for limits in [
            GroupWriter<Int, Int>.Limits(groupItems: 4), GroupWriter<Int, Int>.Limits(groupBytes: 40),
        ] {
            let gate = Gate()
            let writer = writer(gate, limits: limits)
            let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await writer.write(0, bytes: 10) }
                await gate.waitUntilEntered()
                for item in 1...10 { group.addTask { try await writer.write(item, bytes: 10) } }
                await wait(until: 10, waitIn: writer)
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sizes.sorted() == [1, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4])
        }
    }

    @Test func eachHearsItsOwnAnswer() async throws {
        let gate = Gate()
        let writer = writer(gate)
        let answers = await withTaskGroup(of: (Int, StatusCode?).self) { group in
            for item in [3, -1, 5, -2] {
                group.addTask { (item, await SwitchboardError.code { _ = try await writer.write(item, bytes: 1) }) }
            }
            gate.open()
            return await group.reduce(into: [:]) { $0.updateValue($1.1, forKey: $1.0) }
        }
        #expect(answers == [3: nil, -1: .invalidArgument, 5: nil, -2: .invalidArgument])
    }

    @Test(arguments: [
        GroupWriter<Int, Int>.Limits(waitingItems: 2), GroupWriter<Int, Int>.Limits(waitingBytes: 25),
    ])
    func refusesWhatIsTooMuchAndSaysWhenToComeBack(limits: GroupWriter<Int, Int>.Limits) async throws {
        let gate = Gate()
        let writer = writer(gate, limits: limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await writer.write(0, bytes: 10) }
            await gate.waitUntilEntered()
            for item in 1...2 { group.addTask { _ = try await writer.write(item, bytes: 10) } }
            await wait(until: 2, waitIn: writer)
            do throws(SwitchboardError) {
                _ = try await writer.write(3, bytes: 10)
                Issue.record("it was taken")
            } catch {
                #expect(error.code == .resourceExhausted)
                #expect(error.retryAfter != nil)
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(try await writer.write(4, bytes: 10) == 1)
    }

    @Test func whoIsCancelledWhileWaitingIsNotWritten() async throws {
        let gate = Gate()
        let writer = writer(gate)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await writer.write(0, bytes: 1) }
            await gate.waitUntilEntered()
            let cancelled = Task { await SwitchboardError.code { _ = try await writer.write(1, bytes: 1) } }
            await wait(until: 1, waitIn: writer)
            cancelled.cancel()
            #expect(await cancelled.value == .cancelled)
            #expect(writer.waiting.items == 0 && writer.waiting.bytes == 0)
            gate.open()
            for try await size in group { #expect(size == 1) }
        }
        #expect(gate.groups == 1)
    }

    @Test func closingAnswersWhatWaits() async throws {
        let gate = Gate()
        let writer = writer(gate)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await writer.write(0, bytes: 1) }
            await gate.waitUntilEntered()
            group.addTask { _ = try await writer.write(1, bytes: 1) }
            await wait(until: 1, waitIn: writer)
            group.addTask { await writer.close() }
            gate.open()
            try await group.waitForAll()
        }
        #expect(await SwitchboardError.code { _ = try await writer.write(2, bytes: 1) } == .unavailable)
    }
}

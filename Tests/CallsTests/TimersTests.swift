import Synchronization
import Testing

@testable import Messaging

@Suite struct TimersTests {
    /// What ran, in order.
    final class Diary: Sendable {
        private let numbers = Mutex<[Int]>([])
        var all: [Int] { numbers.withLock { $0 } }
        func note(_ number: Int) { numbers.withLock { $0.append(number) } }
    }

    let start = ContinuousClock.now
    let diary = Diary()

    func add(_ number: Int, at time: Duration, to timers: inout Timers) -> PollLoop.TimerID {
        timers.add(at: start + time) { [diary] in diary.note(number) }
    }

    func run(_ timers: inout Timers, at time: Duration) {
        while let action = timers.takeDue(now: start + time) { action() }
    }

    @Test func runEarliestFirstAndThoseOfOneInstantInTheirOrder() {
        var timers = Timers()
        for (number, time) in [30, 10, 20, 10, 20, 10].enumerated() {
            _ = add(number, at: .milliseconds(time), to: &timers)
        }
        run(&timers, at: .milliseconds(20))
        #expect(diary.all == [1, 3, 5, 2, 4])
        run(&timers, at: .milliseconds(30))
        #expect(diary.all == [1, 3, 5, 2, 4, 0])
    }

    @Test func whatIsCancelledDoesNotRunAndKeepsNobodyAwake() {
        var timers = Timers()
        let first = add(1, at: .milliseconds(10), to: &timers)
        let second = add(2, at: .milliseconds(20), to: &timers)
        _ = add(3, at: .milliseconds(3_000), to: &timers)
        // Below and at the top of the heap.
        timers.remove(second)
        timers.remove(first)
        #expect(timers.millisecondsToNext(now: start) == 3_000)
        run(&timers, at: .seconds(5))
        #expect(diary.all == [3])
        #expect(timers.millisecondsToNext(now: start) == -1)
        // A second time, and of one that has run: nothing.
        timers.remove(first)
        timers.remove(second)
    }

    @Test func aTimerThatADueOneCancelsDoesNotRun() throws {
        var timers = Timers()
        _ = add(1, at: .milliseconds(10), to: &timers)
        let second = add(2, at: .milliseconds(10), to: &timers)
        let due = timers.takeDue(now: start + .seconds(1))
        let action = try #require(due)
        action()
        timers.remove(second)
        run(&timers, at: .seconds(1))
        #expect(diary.all == [1])
    }

    @Test func manyThatAreCancelledLongBeforeTheirTimeLeaveNothing() {
        var timers = Timers()
        _ = add(0, at: .seconds(1), to: &timers)
        for number in 1...10_000 {
            let id = add(number, at: .seconds(2) + .milliseconds(number % 100), to: &timers)
            timers.remove(id)
        }
        #expect(timers.heldCount <= 65)
        run(&timers, at: .seconds(60))
        #expect(diary.all == [0])
    }

    @Test func anyOrderOfAddingAndCancellingEndsInTheOrderOfTime() {
        var timers = Timers()
        var waiting: [(number: Int, time: Int, id: PollLoop.TimerID)] = []
        for number in 0..<2_000 {
            // Scattered, with many equal ones.
            let time = number * 7_919 % 331
            waiting.append((number, time, add(number, at: .milliseconds(time), to: &timers)))
            if number % 3 == 2 { timers.remove(waiting.remove(at: number * 31 % waiting.count).id) }
        }
        run(&timers, at: .seconds(1))
        let expected = waiting.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map(\.number)
        #expect(diary.all == expected)
        #expect(timers.heldCount == 0)
    }
}

import Core
import Testing

@Suite(.timeLimit(.minutes(1))) struct CurrentValueTests {
    @Test func tellsTheValueAndTheLastChange() async {
        let value = CurrentValue(1)
        var reader = value.values().makeAsyncIterator()
        let first = await reader.next()
        #expect(first == 1)
        value.set(2)
        value.set(3)
        let second = await reader.next()
        #expect(second == 3)
        #expect(value.value == 3)
        value.finish()
        let end = await reader.next()
        #expect(end == nil)
    }

    @Test func whatIsNoChangeIsNotTold() async {
        let value = CurrentValue(1)
        let told = value.values()
        value.set(1)
        value.finish()
        #expect(await Self.all(told) == [1])
    }

    @Test func whoComesAfterTheEndGetsTheLastValue() async {
        let value = CurrentValue(1)
        value.set(2)
        value.finish()
        #expect(await Self.all(value.values()) == [2])
    }

    private static func all(_ stream: AsyncStream<Int>) async -> [Int] {
        await stream.reduce(into: []) { $0.append($1) }
    }
}

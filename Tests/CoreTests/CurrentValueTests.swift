import Core
import Testing

@Suite(.timeLimit(.minutes(1))) struct CurrentValueTests {
    @Test func tellsTheValueAndTheLastChange() async {
        let value = CurrentValue(1)
        var reader = value.values().makeAsyncIterator()
        #expect(await reader.next() == 1)
        value.set(2)
        value.set(3)
        #expect(await reader.next() == 3)
        #expect(value.value == 3)
        value.finish()
        #expect(await reader.next() == nil)
    }

    @Test func whatIsNoChangeIsNotTold() async {
        let value = CurrentValue(1)
        var reader = value.values().makeAsyncIterator()
        #expect(await reader.next() == 1)
        value.set(1)
        value.finish()
        #expect(await reader.next() == nil)
    }

    @Test func whoComesAfterTheEndGetsTheLastValue() async {
        let value = CurrentValue(1)
        value.finish()
        var reader = value.values().makeAsyncIterator()
        #expect(await reader.next() == 1)
        #expect(await reader.next() == nil)
    }
}

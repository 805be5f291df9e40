import Core
import Testing

@testable import SwitchboardClient

/// Which of several gateways a client asks.
@Suite struct GatewayChoiceTests {
    private let start = ContinuousClock.now

    @Test func theyTakeTurns() {
        var choice = GatewayChoice(count: 3)
        #expect((0..<6).map { _ in choice.next(at: start, besides: []) } == [0, 1, 2, 0, 1, 2])
    }

    @Test func eachIsTriedOnceForACall() {
        var choice = GatewayChoice(count: 3)
        var tried: Set<Int> = []
        while let next = choice.next(at: start, besides: tried) {
            #expect(tried.insert(next).inserted)
            choice.failed(next, at: start)
        }
        #expect(tried == [0, 1, 2])
    }

    @Test func oneThatFailedRestsLongerEachTime() {
        var choice = GatewayChoice(count: 2)
        var now = start
        var rest = GatewayChoice.firstRest
        for _ in 0..<10 {
            choice.failed(0, at: now)
            for _ in 0..<4 { #expect(choice.next(at: now + rest - .milliseconds(1), besides: []) == 1) }
            now += rest
            #expect([choice.next(at: now, besides: []), choice.next(at: now, besides: [])].contains(0))
            rest = min(rest * 2, GatewayChoice.longestRest)
        }
        choice.answered(0)
        #expect([choice.next(at: start, besides: []), choice.next(at: start, besides: [])].contains(0))
    }

    @Test func whereAllRestTheOneThatIsSoonAwakeIsAsked() {
        var choice = GatewayChoice(count: 2)
        choice.failed(0, at: start)
        choice.failed(0, at: start)
        choice.failed(1, at: start)
        #expect(choice.next(at: start, besides: []) == 1)
        #expect(choice.next(at: start, besides: [1]) == 0)
    }
}

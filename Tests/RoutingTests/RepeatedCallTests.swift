import Core
import Testing
import Wire

@testable import Routing

/// Calls that a second worker gets: hedged ones, and those that the first refused.
@Suite struct RepeatedCallTests {
    private typealias Parts = TableParts

    /// Two workers, and a hundred retrievals that took 10 ms each.
    private static func learnt() -> WorkerTable {
        var table = Parts.table(workers: [1, 2], credit: 8)
        for id in 0..<100 as Range<UInt64> {
            let worker = Parts.sent(table.submit(Parts.call(id, mayBeHedged: true), at: Parts.start))[id]
            _ = table.finish(id, from: worker ?? 0, at: Parts.after(10))
        }
        return table
    }

    @Test func whatTakesLongerThanUsualIsAskedOfASecondOne() throws {
        var table = Self.learnt()
        let first = Parts.sent(table.submit(Parts.call(500, mayBeHedged: true), at: Parts.start))
        #expect(first == [500: 1])
        #expect(table.hedge(Parts.after(9)).isEmpty)
        #expect(try #require(table.earliestDeadline) < Parts.after(12))
        let actions = table.hedge(Parts.after(12))
        #expect(Parts.sent(actions) == [500: 2])
        guard case .send(let call, _) = actions.first else { return }
        #expect(call.repeated == .hedged)
        // Once.
        #expect(table.hedge(Parts.after(100)).isEmpty)
        let (isKnown, after) = table.finish(500, from: 2, at: Parts.after(15))
        #expect(isKnown)
        #expect(Parts.cancelled(after) == [500: 1])
        // The loser's answer gives its credit back, and nothing else.
        let (isKnownAgain, rest) = table.finish(500, from: 1, at: Parts.after(16))
        #expect(!isKnownAgain && rest.isEmpty)
        #expect(table.load(of: RoutingServices.retriever).credit == 16)
    }

    @Test func aRefusalIsNotTheAnswerWhileAnotherIsAsked() {
        var table = Self.learnt()
        _ = table.submit(Parts.call(500, mayBeHedged: true), at: Parts.start)
        _ = table.hedge(Parts.after(12))
        #expect(!table.finish(500, from: 1, .resourceExhausted, at: Parts.after(13)).isKnown)
        #expect(table.finish(500, from: 2, at: Parts.after(14)).isKnown)
    }

    @Test func aHedgedCallOutlivesEitherWorker() {
        for lost in [1, 2] as [WorkerTable.WorkerID] {
            var table = Self.learnt()
            _ = table.submit(Parts.call(500, mayBeHedged: true), at: Parts.start)
            _ = table.hedge(Parts.after(12))
            #expect(table.detach(lost, at: Parts.after(13)).isEmpty)
            #expect(table.finish(500, from: 3 - lost, at: Parts.after(14)).isKnown)
        }
    }

    @Test func onlyWhatMayBeHedgedIs() {
        var table = Self.learnt()
        _ = table.submit(Parts.call(500), at: Parts.start)
        #expect(table.hedge(Parts.after(1_000)).isEmpty)
        var alone = Parts.table(workers: [1], credit: 8)
        for id in 0..<100 as Range<UInt64> {
            _ = alone.submit(Parts.call(id, mayBeHedged: true), at: Parts.start)
            _ = alone.finish(id, from: 1, at: Parts.after(10))
        }
        guard case .send(let call, _) = alone.submit(Parts.call(500, mayBeHedged: true), at: Parts.start).first else {
            Issue.record("the call was not sent")
            return
        }
        #expect(call.hedgeAt == nil)
    }

    @Test func hedgesStayAShareOfAllCallsHoweverSlowTheyAre() {
        var table = Self.learnt()
        var (calls, extra) = (100, 0)
        for id in 1_000..<3_000 as Range<UInt64> {
            let now = Parts.after(Int(id) * 1_000)
            let call = Parts.call(id, at: now, mayBeHedged: true)
            guard let worker = Parts.sent(table.submit(call, at: now))[id] else {
                Issue.record("the call was not sent")
                return
            }
            // All are slower than usual ever was.
            let late = now + .milliseconds(900)
            if let other = Parts.sent(table.hedge(late))[id] {
                extra += 1
                _ = table.finish(id, from: other, at: late)
            }
            _ = table.finish(id, from: worker, at: late)
            calls += 1
        }
        #expect(extra > 0)
        #expect(Double(extra) <= 6 + 0.05 * Double(calls))
    }

    @Test func whatAWorkerRefusesIsOfferedToAnotherOnce() {
        var table = Self.learnt()
        #expect(Parts.sent(table.submit(Parts.call(500), at: Parts.start)) == [500: 1])
        let (isKnown, actions) = table.finish(500, from: 1, .unavailable, at: Parts.after(1))
        #expect(!isKnown)
        #expect(Parts.sent(actions) == [500: 2])
        #expect(table.finish(500, from: 2, .unavailable, at: Parts.after(2)).isKnown)
        // What is wrong with the request itself is so everywhere.
        _ = table.submit(Parts.call(501), at: Parts.start)
        #expect(table.finish(501, from: 1, .invalidArgument, at: Parts.after(1)).isKnown)
    }

    /// Random lives of calls and workers: each call ends exactly once, and credit is neither lost nor made.
    @Test func eachCallEndsOnceAndCreditIsKept() {
        for seed in 0..<40 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var table = WorkerTable()
            var (clock, nextCall, nextWorker) = (0, 1 as UInt64, 1 as UInt64)
            // Of each worker that is there: the calls that it has.
            var has: [UInt64: Set<UInt64>] = [:]
            var open: Set<UInt64> = []
            func carryOut(_ actions: [WorkerTable.Action]) {
                for action in actions {
                    switch action {
                    case .send(let call, let worker):
                        #expect(open.contains(call.id), "seed \(seed)")
                        #expect(has[worker]?.insert(call.id).inserted == true, "seed \(seed)")
                    case .fail(let callID, _): #expect(open.remove(callID) != nil, "seed \(seed)")
                    case .cancel(let callID, let worker):
                        #expect(has[worker]?.contains(callID) == true, "seed \(seed)")
                    }
                }
            }
            for _ in 0..<800 {
                clock += Int.random(in: 0...30, using: &generator)
                let now = Parts.after(clock)
                let worker = has.keys.sorted().randomElement(using: &generator)
                switch Int.random(in: 0..<20, using: &generator) {
                case 0 where has.count < 4:
                    has[nextWorker] = []
                    Parts.attach(nextWorker, to: &table, credit: 0, at: now)
                    let credit = WorkerCredit(service: RoutingServices.retriever, calls: 3)
                    carryOut(table.credit(nextWorker, credit, at: now))
                    nextWorker += 1
                case 1:
                    guard let worker, Bool.random(using: &generator) else { continue }
                    has[worker] = nil
                    carryOut(table.detach(worker, at: now))
                case 2..<9:
                    let time = Duration.milliseconds(Int.random(in: 1...600, using: &generator))
                    let client = UInt8.random(in: 0..<3, using: &generator)
                    open.insert(nextCall)
                    carryOut(
                        table.submit(
                            Parts.call(nextCall, of: client, within: time, at: now, mayBeHedged: true),
                            at: now
                        )
                    )
                    nextCall += 1
                case 9..<15:
                    guard let worker, let callID = has[worker]?.sorted().randomElement(using: &generator) else {
                        continue
                    }
                    has[worker]?.remove(callID)
                    let codes: [StatusCode] = [.ok, .ok, .ok, .unavailable, .internal, .resourceExhausted]
                    let code = codes.randomElement(using: &generator) ?? .ok
                    let (isKnown, actions) = table.finish(callID, from: worker, code, at: now)
                    if isKnown { #expect(open.remove(callID) != nil, "seed \(seed)") }
                    carryOut(actions)
                case 15: carryOut(table.expire(now))
                case 16: carryOut(table.hedge(now))
                case 17:
                    let (actions, gone) = table.watch(now)
                    carryOut(actions)
                    for worker in gone {
                        has[worker] = nil
                        carryOut(table.detach(worker, at: now))
                    }
                case 18:
                    guard let callID = open.sorted().randomElement(using: &generator) else { continue }
                    _ = table.abandon(callID)
                    open.remove(callID)
                default:
                    if let worker { carryOut(table.heard(worker, at: now)) }
                }
                let credit = table.workers.mapValues { $0.credit[RoutingServices.retriever, default: 0] }
                for (worker, calls) in has { #expect(credit[worker] == 3 - calls.count, "seed \(seed)") }
            }
            carryOut(table.expire(Parts.after(clock + 60_000)))
            #expect(open.isEmpty, "seed \(seed)")
        }
    }
}

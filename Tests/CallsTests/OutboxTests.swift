import Core
import Messaging
import Testing
import Wire

@testable import Calls

@Suite(.timeLimit(.minutes(1))) struct OutboxTests {
    static func outbox(_ headers: [Header]) -> Outbox {
        var outbox = Outbox()
        for header in headers { outbox.append([[UInt8(header.callID)], [0, 0]], of: header) }
        return outbox
    }

    /// The calls of the messages that are sent, in order, where no more than so many are.
    static func send(_ outbox: inout Outbox, atMost most: Int = .max) -> [UInt8] {
        var taken: [UInt8] = []
        outbox.send { frames in
            guard taken.count < most else { return false }
            taken.append(frames[0][0])
            return true
        }
        return taken
    }

    @Test func sendsInOrderAndKeepsWhatIsNotTaken() {
        var outbox = Self.outbox((1...5).map { Header(kind: .call, callID: $0) })
        #expect(outbox.bytes == 15)
        let first = Self.send(&outbox, atMost: 2)
        #expect(first == [1, 2])
        #expect(outbox.count == 3)
        #expect(outbox.bytes == 9)
        let rest = Self.send(&outbox)
        #expect(rest == [3, 4, 5])
        #expect(outbox.isEmpty)
        #expect(outbox.bytes == 0)
    }

    @Test func whatWaitsOfACallGoesWithIt() {
        var outbox = Self.outbox([
            Header(kind: .call, callID: 1), Header(kind: .message, callID: 2), Header(kind: .message, callID: 1),
            Header(kind: .call, callID: 3),
        ])
        let wasOpened = outbox.remove(1)
        #expect(wasOpened)
        #expect(outbox.bytes == 6)
        // Its opening has been sent, so the server has to be told.
        let wasMessage = outbox.remove(2)
        #expect(!wasMessage)
        let wasThere = outbox.remove(4)
        #expect(!wasThere)
        let rest = Self.send(&outbox)
        #expect(rest == [3])
        #expect(outbox.bytes == 0)
    }

    @Test func aServerThatTakesNothingGetsNoMoreCallsUntilSomeAreGivenUp() async throws {
        let context = MessagingContext()
        let (serverLoop, clientLoop) = (PollLoop(), PollLoop())
        let server = RawPeer(loop: serverLoop, context: context)
        var options = CallChannel.Options()
        options.maximumUnsentMessages = 50
        let channel = CallChannel(
            address: try await server.listen(on: "inproc://deaf"),
            loop: clientLoop,
            context: context,
            options: options
        )
        var opened: [ClientStream<HealthRequest, HealthResponse>] = []
        var refusal: SwitchboardError?
        // What libzmq holds of an inproc connection, and what waits beside it, is less than the calls that may be open.
        while refusal == nil {
            do throws(SwitchboardError) {
                let stream = try await channel.open(CallFixture.mirror)
                opened.append(stream)
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .resourceExhausted)
        #expect(refusal?.retryAfter != nil)
        #expect(opened.count < options.maximumOpenCalls)
        // The server has not heard of these, and nobody has to tell it.
        for stream in opened.suffix(50) { await stream.cancel() }
        for _ in 0..<50 { _ = try await channel.open(CallFixture.mirror) }
        await #expect { try await channel.open(CallFixture.mirror) } throws: {
            ($0 as? SwitchboardError)?.code == .resourceExhausted
        }
        await channel.close()
        await server.close()
        clientLoop.stop()
        serverLoop.stop()
        context.close()
    }

    @Test func largeRequestsThatNobodyTakesAreBoundedByTheirBytes() async throws {
        let context = MessagingContext()
        let (serverLoop, clientLoop) = (PollLoop(), PollLoop())
        let server = RawPeer(loop: serverLoop, context: context)
        var options = CallChannel.Options()
        options.maximumUnsentBytes = 1024 * 1024
        let channel = CallChannel(
            address: try await server.listen(on: "inproc://deaf"),
            loop: clientLoop,
            context: context,
            options: options
        )
        let large = BoundsTests.message(1, bytes: 256 * 1024)
        var opened = 0
        // Were they not counted, libzmq would take a thousand.
        while opened < 20, (try? await channel.open(BoundsTests.measure, large)) != nil { opened += 1 }
        #expect(opened == 4)
        await channel.close()
        await server.close()
        clientLoop.stop()
        serverLoop.stop()
        context.close()
    }
}

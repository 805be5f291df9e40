import Testing

/// An updater that knows several gateways needs one of them.
@Suite(.timeLimit(.minutes(2))) struct SeveralGatewaysTests {
    @Test func encodesThroughAnotherGatewayWhileTheFirstIsAway() async throws {
        // Port 9 of the loopback: nobody serves the discard protocol here.
        try await UpdaterFixture.run(addressesBefore: ["tcp://127.0.0.1:9"]) { fixture in
            for text in ["two", "three"] {
                let added = try await fixture.add(text)
                #expect(added == 1)
            }
        }
    }
}
